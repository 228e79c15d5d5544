"""The shares of wall time as a section of RESULTS.md."""

from __future__ import annotations

from typing import Any

from bench.shared.result_files import markdown_table


def section(result: dict[str, Any]) -> str:
    """The result as a section of RESULTS.md."""
    headings = (
        "films",
        "measured",
        "tasks",
        "wall s",
        "in tasks, around our steps, s",
        "between tasks, s",
        "outside our steps",
        "database, MB",
        "XCom, kB",
    )
    text = (
        "From films to the approved dataset on the embedded Airflow, without people. A second "
        "counts as ours when at least one step runs in it; the rest is the start of processes, the "
        "parsing of the DAG, and scheduling. Database, XCom: what the run has "
        "left in Airflow's, here SQLite."
    )
    rows = [_row(run) for run in result["runs"]]
    return f"## Wall time outside our steps\n\n{text}\n\n{markdown_table(headings, rows)}"


def _row(run: dict[str, Any]) -> tuple[str, ...]:
    return (
        f"{run['films']} of {run['seconds_each']} s",
        run["measured"],
        str(run["tasks"]),
        f"{run['wall_s']:.1f}",
        f"{run['around_steps_s']:.1f}",
        f"{run['between_tasks_s']:.1f}",
        f"{run['outside']:.1%}",
        f"{run['database_bytes'] / 1e6:.1f}",
        f"{run['xcom_bytes'] / 1e3:.0f}",
    )
