"""Write on a DAG run why it failed. The scheduler calls this, which alone may change a run.

Tasks have no access to Airflow's database, and their API does not change notes. A failed task keeps
its reason as an XCom, and when the run ends, the scheduler's listener makes its note of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from airflow.configuration import conf
from airflow.models.dagrun import DagRun
from airflow.models.taskinstance import TaskInstance
from airflow.models.xcom import XComModel
from airflow.utils.state import TaskInstanceState
from sqlalchemy import select
from sqlalchemy.orm import object_session

from storyboard_ops.airflow_ops.approval.paths import report_page
from storyboard_ops.airflow_ops.refusals import REASON
from storyboard_ops.core.text.markdown import escape_markdown
from storyboard_ops.domain.bounded_text import shorten
from storyboard_ops.domain.object_keys import RUN_DAGS

#: The beginning of every note of ours; a note that a person wrote is left alone.
BEGINS = "**Failed at "
#: Characters that Airflow's column holds.
MOST_NOTE = 1_000
#: Tasks that a note names.
MOST_TASKS = 3
UNKNOWN = "it ended without a message: it was killed, or ran out of time or memory. Read its log"


def note_failure(run: DagRun) -> None:
    """Write why a run of ours failed, unless a person has written a note."""
    if not _is_ours(run) or not (run.note or BEGINS).startswith(BEGINS):
        return
    if failed := _failed_tasks(run):
        run.note = compose_note(failed, report_of(run))


def forget_failure(run: DagRun) -> None:
    """Remove the note of an earlier failure from a run that has succeeded after all."""
    if _is_ours(run) and (run.note or "").startswith(BEGINS):
        run.note = f"[Report]({report_of(run)})"


def _is_ours(run: DagRun) -> bool:
    """Whether the run is of a DAG of ours and in the scheduler's hands, not in a trial of a DAG."""
    return run.dag_id in RUN_DAGS and object_session(run) is not None


def report_of(run: DagRun) -> str:
    """Return the path of the run's report in the Airflow UI."""
    return report_page(conf.get("api", "base_url", fallback=""), run.dag_id, run.run_id)


def compose_note(failed: Sequence[tuple[str, str]], report: str) -> str:
    """Return the note as Markdown: the first failed tasks with their reasons, and the report."""
    link = f"\n\n[Report]({report})"
    shown = [f"{BEGINS}{escape_markdown(t)}.** {escape_markdown(why)}" for t, why in failed]
    more = len(failed) - MOST_TASKS
    ending = f"\n\nand {more} more." if more > 0 else ""
    text = "\n\n".join(shown[:MOST_TASKS])
    return shorten(text, MOST_NOTE - len(ending) - len(link)) + ending + link


def _failed_tasks(run: DagRun) -> list[tuple[str, str]]:
    """Return failed tasks and their reasons, in the order in which they failed."""
    session: Any = object_session(run)
    place = (run.dag_id, run.run_id)
    xcoms = session.scalars(
        select(XComModel).where(
            XComModel.dag_id == place[0], XComModel.run_id == place[1], XComModel.key == REASON
        )
    )
    reasons = {(x.task_id, x.map_index): XComModel.deserialize_value(x) for x in xcoms}
    tasks = session.execute(
        select(TaskInstance.task_id, TaskInstance.map_index)
        .where(
            TaskInstance.dag_id == place[0],
            TaskInstance.run_id == place[1],
            TaskInstance.state == TaskInstanceState.FAILED,
        )
        .order_by(TaskInstance.end_date)
    )
    return [(task, str(reasons.get((task, index), UNKNOWN))) for task, index in tasks]
