"""From a DAG run to its review: the tool box of a run in the web server, and waking its wait."""

from __future__ import annotations

import logging
import time
from threading import Lock

from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.core_api.datamodels.hitl import UpdateHITLDetailPayload
from airflow.api_fastapi.core_api.routes.public.hitl import update_hitl_detail
from airflow.models.dagrun import DagRun
from airflow.models.taskinstance import TaskInstance
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState, TaskInstanceState
from fastapi import HTTPException
from pydantic import ValidationError
from sqlalchemy import select

from storyboard_ops.airflow_ops.approval.paths import FINISHED
from storyboard_ops.airflow_ops.task_bridge import aws_client
from storyboard_ops.domain.error_tree import ManifestCorrupt, ObjectMissing
from storyboard_ops.domain.object_keys import Workspace, run_key
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.gateways.storage.object_store import ObjectStore
from storyboard_ops.steps.review.desk import ReviewDesk, desk_of_run
from storyboard_ops.steps.run.tool_box import ToolBox

log = logging.getLogger(__name__)

#: The operator that waits for people, as Airflow's task instances name it.
WAIT = "HumanApprovalSensor"
#: How long a desk is used before the run is looked up again: pictures are asked for by the dozen.
DESK_SECONDS = 15.0
#: Desks kept at once; a desk holds its board and the fold of its log.
MOST_DESKS = 32

RunId = tuple[str, str]


class Desks:
    """The review desks of runs, kept for some seconds; a desk reads its log anew each time."""

    def __init__(self) -> None:
        self._kept: dict[RunId, tuple[float, ReviewDesk]] = {}
        self._lock = Lock()

    def of(self, dag_id: str, run_id: str) -> ReviewDesk:
        """The desk of a run; raises ObjectMissing when no review waits on the page for it."""
        with self._lock:
            looked_up, desk = self._kept.get((dag_id, run_id), (0.0, None))
        if desk is None or time.monotonic() - looked_up > DESK_SECONDS:
            found = desk_of_run(tools_of_run(dag_id, run_id))
            # The same board keeps its desk, which knows the log so far.
            desk = desk if desk and desk.board == found.board else found
            with self._lock:
                self._kept.pop((dag_id, run_id), None)
                self._kept[dag_id, run_id] = (time.monotonic(), desk)
                while len(self._kept) > MOST_DESKS:
                    self._kept.pop(next(iter(self._kept)))  # the one looked up longest ago
        return desk


def tools_of_run(dag_id: str, run_id: str) -> ToolBox[RunSettings]:
    """The tool box of a run, with the settings that its preflight has settled on.

    Everything is derived from the run that Airflow knows: no path comes from a request. Raises
    ObjectMissing when there is no such run, or its preflight has not passed; ManifestCorrupt when
    its settings are those of another version.
    """
    key = run_key(dag_id, run_id)
    place = Workspace.at(_workspace(dag_id, run_id)).run(key) / "settings.json"
    body = ObjectStore(aws_client("s3")).get(place)
    try:
        settings = RunSettings.model_validate_json(body)
    except ValidationError as error:
        raise ManifestCorrupt(
            f"The settings of {run_id!r} were written by another version of the pipeline. Finish "
            "its review with that version, or start a new run."
        ) from error
    return ToolBox(key, settings, aws_client)


def _workspace(dag_id: str, run_id: str) -> str:
    with create_session() as session:
        run = session.scalar(select(DagRun).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id))
        if run is None:
            raise ObjectMissing(f"Airflow knows no run {run_id!r} of {dag_id!r}.")
        conf = run.conf if isinstance(run.conf, dict) else {}
    return str(conf.get("workspace") or RunSettings.model_fields["workspace"].default)


def has_ended(dag_id: str, run_id: str) -> bool:
    """Whether the run has come to its end: only then may a finished review be taken up again."""
    with create_session() as session:
        state = session.scalar(
            select(DagRun.state).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id)
        )
    return state in (DagRunState.FAILED, DagRunState.SUCCESS)


def waiting_runs() -> list[RunId]:
    """Runs whose wait is parked for the approval page, oldest first."""
    with create_session() as session:
        rows = session.execute(
            select(TaskInstance.dag_id, TaskInstance.run_id)
            .where(
                TaskInstance.operator == WAIT,
                TaskInstance.state == TaskInstanceState.AWAITING_INPUT,
            )
            .order_by(TaskInstance.start_date)
        )
        return [(dag_id, run_id) for dag_id, run_id in rows]


def wake_wait(dag_id: str, run_id: str, user: BaseUser) -> bool:
    """Answer the required action of the run's wait, so that the DAG goes on at once.

    False when there is none to answer: then the wait finds the closed log when it looks in.
    """
    with create_session() as session:
        tasks = session.execute(
            select(TaskInstance.task_id, TaskInstance.map_index).where(
                TaskInstance.operator == WAIT,
                TaskInstance.dag_id == dag_id,
                TaskInstance.run_id == run_id,
            )
        ).all()
        woken = False
        for task_id, map_index in tasks:
            try:
                update_hitl_detail(
                    dag_id=dag_id,
                    dag_run_id=run_id,
                    task_id=task_id,
                    update_hitl_detail_payload=UpdateHITLDetailPayload(chosen_options=[FINISHED]),
                    user=user,
                    session=session,
                    map_index=map_index,
                )
                woken = True
            except HTTPException as error:
                log.info("%s of %s is not parked: %s", task_id, run_id, error.detail)
    return woken
