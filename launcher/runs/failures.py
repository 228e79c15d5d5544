"""Explains a failed run: which task, which item, the message of the error, where the log is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from launcher.embedded.client import TaskState
from launcher.runs.dag_run import DagRun

MAX_SHOWN = 5
#: What Airflow logs after a refusal.
EXITED = "Task exited"
NO_REASON = "it ended without an error message (killed, or timed out)"


def explain(run: DagRun) -> str:
    """Describe each failed task instance in a paragraph, in the order of failure."""
    tasks = run.stack.client.list_task_states(run.dag_id, run.run_id)
    failed = [task for task in tasks if task.state == "failed"]
    failed.sort(key=lambda task: (task.end is None, task.end))
    shown = [_describe(run, task) for task in failed[:MAX_SHOWN]]
    if len(failed) > MAX_SHOWN:
        shown.append(f"and {len(failed) - MAX_SHOWN} more failed task instances.")
    return "\n".join(shown) or f"The run failed; see {run.page}"


def _describe(run: DagRun, task: TaskState) -> str:
    events = run.stack.client.get_log_events(run.dag_id, run.run_id, task)
    reason = find_error_message(events) or NO_REASON
    log = log_file(run, task)
    # Remote logging empties the file once its lines are in the bucket.
    is_elsewhere = log.is_file() and not log.stat().st_size
    return f"{name_of(task)} failed: {reason}\n    Its log: {run.page if is_elsewhere else log}"


def name_of(task: TaskState) -> str:
    """The task id; for a mapped task, also the item it worked on."""
    return task.task_id if task.map_index < 0 else f"{task.task_id} [{task.label}]"


def find_error_message(events: Sequence[Mapping[str, Any]]) -> str:
    """Return the message of the last error in a task log, without its trace; "" if none.

    Airflow writes an exception as `error_detail`: a list of the exception and then its causes. A
    refusal has no trace: it is the last line of level error, before Airflow's own.
    """
    for event in reversed(events):
        for detail in event.get("error_detail") or ():
            return f"{detail['exc_value'] or detail['exc_type']}"
        if event.get("level") == "error" and event.get("event") != EXITED:
            return str(event["event"])
    return ""


def log_file(run: DagRun, task: TaskState) -> Path:
    """Where Airflow's local task handler wrote the log of the last try."""
    folder = run.stack.state.airflow_home / "logs" / f"dag_id={run.dag_id}" / f"run_id={run.run_id}"
    folder /= f"task_id={task.task_id}"
    if task.map_index >= 0:
        folder /= f"map_index={task.map_index}"
    return folder / f"attempt={task.try_number}.log"
