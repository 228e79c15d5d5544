"""The comparison as a section of RESULTS.md."""

from __future__ import annotations

from typing import Any

from bench.embedded_airflow.candidates import DEFERRED_TASKS, MAPPED_TASKS
from bench.shared.result_files import markdown_table


def section(report: dict[str, Any]) -> str:
    """The result as a section of RESULTS.md."""
    runs = (f"{MAPPED_TASKS} mapped s", f"{DEFERRED_TASKS} deferred s")
    headings = ("candidate", "healthy s", *runs, "slowest call s", "stop s", "CPU s", "MiB",
                "lock errors", "problem")  # fmt: skip
    timed_parts = ("healthy", "mapped", "deferring", "slowest call", "stop")
    rows = [
        (
            row["candidate"],
            *(str(row["seconds"].get(part, "–")) for part in timed_parts),
            *(str(row[key]) for key in ("cpu_s", "memory_mib", "lock_errors", "problem")),
        )
        for row in report["rows"]
    ]
    table = markdown_table(headings, rows)
    return f"## Airflow on one machine\n\nMeasured {report['measured']}.\n\n{table}"
