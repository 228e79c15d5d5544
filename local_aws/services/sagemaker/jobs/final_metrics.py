"""The last value of each metric in a job's log."""

import re
from datetime import datetime
from pathlib import Path

from local_aws.storage.state_store import Document


def read_final_metrics(job: Document, log: Path, now: datetime) -> list[Document]:
    """Return name, value and time of each metric that a line of the log shows.

    The value is the first group of the metric's expression where it matched last.
    """
    definitions = job["metric_definitions"]
    if not definitions or not log.exists():
        return []
    values: dict[str, float] = {}
    with log.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            for definition in definitions:
                value = _find_value(definition["Regex"], line)
                if value is not None:
                    values[definition["Name"]] = value
    return [
        {"MetricName": name, "Value": value, "Timestamp": now.isoformat()}
        for name, value in values.items()
    ]


def _find_value(expression: str, line: str) -> float | None:
    match = re.search(expression, line)
    try:
        return float(match[1]) if match else None
    except (IndexError, TypeError, ValueError):
        return None
