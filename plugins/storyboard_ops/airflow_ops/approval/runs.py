"""Find the desk of a DAG run from the web server, and resume the task that waits for it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from threading import Lock
from typing import Any, Generic, Protocol, TypeVar

from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.core_api.datamodels.hitl import UpdateHITLDetailPayload
from airflow.api_fastapi.core_api.routes.public.hitl import update_hitl_detail
from airflow.models.dag import DagModel
from airflow.models.dagrun import DagRun
from airflow.models.taskinstance import TaskInstance
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState, TaskInstanceState
from fastapi import HTTPException
from pydantic import ValidationError
from sqlalchemy import select

from storyboard_ops.airflow_ops.approval.paths import FINISHED
from storyboard_ops.airflow_ops.task_bridge import aws_client
from storyboard_ops.domain.bounded_text import read_json
from storyboard_ops.domain.error_tree import BadInput, ManifestCorrupt, ObjectMissing
from storyboard_ops.domain.input_limits import MOST_JSON_BYTES
from storyboard_ops.domain.object_keys import Workspace, run_key
from storyboard_ops.domain.settings.common import CommonSettings
from storyboard_ops.domain.settings.model import recorded_settings
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.gateways.deployment_file import read_deployment
from storyboard_ops.gateways.storage.object_store import ObjectStore
from storyboard_ops.steps.review.desk import ReviewDesk, open_desk_of_run
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.breakdown.desk import BreakdownDesk, open_breakdown_desk
from storyboard_ops.steps.storyboard.choosing.desk import PanelDesk, open_panel_desk

log = logging.getLogger(__name__)

#: Class names of the sensors that wait for people, as Airflow's task instances store them.
REVIEW_WAIT, BREAKDOWN_WAIT = "HumanApprovalSensor", "BreakdownApprovalSensor"
#: How long a desk is cached before the run is looked up again: a board loads dozens of pictures.
DESK_SECONDS = 15.0
#: Desks cached at once; a desk has its board and the folded log in memory.
MOST_DESKS = 32

RunId = tuple[str, str]
S = TypeVar("S", bound=CommonSettings)


class Desk(Protocol):
    """What people decide on: a board, which does not change while its run does not."""

    @property
    def board(self) -> Any: ...


D = TypeVar("D", bound=Desk)


class Desks(Generic[D]):
    """A cache of desks; each desk reads what is new in its log at every call."""

    def __init__(self, open_desk: Callable[[str, str], D]) -> None:
        self._open = open_desk
        self._kept: dict[RunId, tuple[float, D]] = {}
        self._lock = Lock()

    def get(self, dag_id: str, run_id: str) -> D:
        """Return the desk of a run; raises ObjectMissing when it has none."""
        with self._lock:
            kept = self._kept.get((dag_id, run_id))
        looked_up, desk = kept or (0.0, None)
        if desk is None or time.monotonic() - looked_up > DESK_SECONDS:
            found = self._open(dag_id, run_id)
            # An unchanged board keeps its desk, which has read the log so far.
            desk = desk if desk and desk.board == found.board else found
            with self._lock:
                self._kept.pop((dag_id, run_id), None)
                self._kept[dag_id, run_id] = (time.monotonic(), desk)
                while len(self._kept) > MOST_DESKS:
                    self._kept.pop(next(iter(self._kept)))  # the one looked up longest ago
        return desk


def open_review_desk(dag_id: str, run_id: str) -> ReviewDesk:
    """Open the review of a run; raises ObjectMissing when none waits on the page."""
    return open_desk_of_run(tools_of_run(dag_id, run_id, RunSettings.model_validate))


def open_breakdown(dag_id: str, run_id: str) -> BreakdownDesk:
    """Open the breakdown of a run of any DAG; raises ObjectMissing when none waits for people."""
    return open_breakdown_desk(tools_of_run(dag_id, run_id, recorded_settings))


def open_panels(dag_id: str, run_id: str) -> PanelDesk:
    """Open the panel board of a run of any DAG; raises ObjectMissing when it has none."""
    return open_panel_desk(tools_of_run(dag_id, run_id, recorded_settings))


def tools_of_run(dag_id: str, run_id: str, parse: Callable[[Any], S]) -> ToolBox[S]:
    """Return the tool box of a run, with the settings that its preflight has written.

    Everything derives from Airflow's record of the run; no path comes from a request. Raises
    ObjectMissing when there is no such run or its preflight has not passed, and ManifestCorrupt
    when another version wrote its settings.
    """
    key = run_key(dag_id, run_id)
    place = Workspace.at(_read_workspace(dag_id, run_id)).run(key) / "settings.json"
    body = ObjectStore(aws_client("s3")).get(place, MOST_JSON_BYTES)
    try:
        settings = parse(read_json(body, str(place)))
    except (BadInput, ValidationError) as error:
        raise ManifestCorrupt(
            f"The settings of {run_id!r} were written by another version of the pipeline. Finish "
            "its review with that version, or start a new run."
        ) from error
    return ToolBox(key, settings, aws_client)


def link_to_report(dag_id: str, run_id: str, seconds: int) -> str:
    """Return a link to the report of a run, valid for this many seconds.

    Raises ObjectMissing when there is no such run, it has no report yet, or its workspace is not
    configured.
    """
    workspace = Workspace.at(_read_workspace(dag_id, run_id))
    place = workspace.run(run_key(dag_id, run_id)) / "report.html"
    objects = ObjectStore(aws_client("s3"))
    if not read_deployment().knows(workspace) or objects.head(place) is None:
        raise ObjectMissing(
            f"The run {run_id!r} has no report yet. It is written when the run ends, and when the "
            "run is refused."
        )
    return objects.link(place, seconds)


def _read_workspace(dag_id: str, run_id: str) -> str:
    with create_session() as session:
        run = session.scalar(select(DagRun).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id))
        if run is None:
            raise ObjectMissing(f"Airflow has no run {run_id!r} of {dag_id!r}.")
        conf = run.conf if isinstance(run.conf, dict) else {}
    return str(conf.get("workspace") or RunSettings.model_fields["workspace"].default)


def newest_dag_of(run_id: str) -> str:
    """Return the DAG whose run of this id is the newest; raises ObjectMissing when there is none.

    The pages it leads to check what the user may see.
    """
    with create_session() as session:
        dag_id = session.scalar(
            select(DagRun.dag_id).where(DagRun.run_id == run_id).order_by(DagRun.id.desc()).limit(1)
        )
    if dag_id is None:
        raise ObjectMissing(f"Airflow has no run {run_id!r}.")
    return str(dag_id)


def has_ended(dag_id: str, run_id: str) -> bool:
    """Return whether the run has ended; only then may a finished review be reopened."""
    with create_session() as session:
        state = session.scalar(
            select(DagRun.state).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id)
        )
    return state in (DagRunState.FAILED, DagRunState.SUCCESS)


def state_of_run(dag_id: str, run_id: str) -> str:
    """Return the state of a run in Airflow's words; empty when there is no such run."""
    with create_session() as session:
        state = session.scalar(
            select(DagRun.state).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id)
        )
    return str(state or "")


def is_paused(dag_id: str) -> bool:
    """Return whether Airflow starts no run of a DAG now, because somebody has paused it."""
    with create_session() as session:
        paused = session.scalar(select(DagModel.is_paused).where(DagModel.dag_id == dag_id))
    return bool(paused)


def waiting_runs(wait: str = REVIEW_WAIT) -> list[RunId]:
    """Return the runs in which a sensor of this class waits for its page, oldest first."""
    with create_session() as session:
        rows = session.execute(
            select(TaskInstance.dag_id, TaskInstance.run_id)
            .where(
                TaskInstance.operator == wait,
                TaskInstance.state == TaskInstanceState.AWAITING_INPUT,
            )
            .order_by(TaskInstance.start_date)
        )
        return [(dag_id, run_id) for dag_id, run_id in rows]


def wake_wait(dag_id: str, run_id: str, user: BaseUser, wait: str = REVIEW_WAIT) -> bool:
    """Answer the required action of the run's sensor, so that the DAG resumes at once.

    Return False when there is none: the sensor then finds the closed log at its next check.
    """
    with create_session() as session:
        tasks = session.execute(
            select(TaskInstance.task_id, TaskInstance.map_index).where(
                TaskInstance.operator == wait,
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
                log.info("%s of %s does not wait for an answer: %s", task_id, run_id, error.detail)
    return woken
