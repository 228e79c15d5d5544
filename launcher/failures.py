"""Explains a failed run: which task, which item, the error's own message, where its log is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from launcher.airflow_client import TaskState
from launcher.dag_run import DagRun

MOST_SHOWN = 5
NO_REASON = "ended without an error of its own (killed, or timed out)"


def explain(run: DagRun) -> str:
    """One paragraph per failed task instance, in the order of failure."""
    tasks = run.stack.client.task_states(run.dag_id, run.run_id)
    failed = [task for task in tasks if task.state == "failed"]
    failed.sort(key=lambda task: (task.end is None, task.end))
    shown = [_paragraph(run, task) for task in failed[:MOST_SHOWN]]
    if len(failed) > MOST_SHOWN:
        shown.append(f"and {len(failed) - MOST_SHOWN} more failed task instances.")
    return "\n".join(shown) or f"The run ended without success; see {run.page}"


def _paragraph(run: DagRun, task: TaskState) -> str:
    events = run.stack.client.log_events(run.dag_id, run.run_id, task)
    reason = error_message(events) or NO_REASON
    return f"{name_of(task)} failed: {reason}\n    Its log: {log_file(run, task)}"


def name_of(task: TaskState) -> str:
    """The task id, with the item it worked on when it is mapped."""
    return task.task_id if task.map_index < 0 else f"{task.task_id} [{task.label}]"


def error_message(events: Sequence[Mapping[str, Any]]) -> str:
    """The message of the last exception in a task log, without its trace; empty if there is none.

    Airflow writes an exception as `error_detail`: a list with the exception itself first and what
    caused it after.
    """
    for event in reversed(events):
        for detail in event.get("error_detail") or ():
            return f"{detail['exc_value'] or detail['exc_type']}"
    return ""


def log_file(run: DagRun, task: TaskState) -> Path:
    """Where Airflow's local task handler has written the last try."""
    folder = run.stack.state.airflow_home / "logs" / f"dag_id={run.dag_id}" / f"run_id={run.run_id}"
    folder /= f"task_id={task.task_id}"
    if task.map_index >= 0:
        folder /= f"map_index={task.map_index}"
    return folder / f"attempt={task.try_number}.log"
