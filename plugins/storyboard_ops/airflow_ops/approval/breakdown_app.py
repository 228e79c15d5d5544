"""The routes of the breakdown page: page, document, decisions and cost.

docs/breakdown-page.md specifies them.
"""

from __future__ import annotations

import logging
from typing import Annotated, Any
from urllib.parse import quote

from airflow.api_fastapi.core_api.security import GetUserDep
from fastapi import Depends, FastAPI, Query
from fastapi.responses import HTMLResponse

from storyboard_ops.airflow_ops.approval.access import (
    Decides,
    Reads,
    issue_token,
    may_decide,
    may_view,
    reviewer_name,
)
from storyboard_ops.airflow_ops.approval.runs import (
    BREAKDOWN_WAIT,
    Desks,
    has_ended,
    open_breakdown,
    waiting_runs,
    wake_wait,
)
from storyboard_ops.core.review.log_state import LogState
from storyboard_ops.domain.error_tree import ReviewRefused, StoryboardError
from storyboard_ops.domain.review.review_records import FinishRequest
from storyboard_ops.domain.storyboard.breakdown_log import EditBatch, SceneState
from storyboard_ops.gateways.review.board_pages import read_board_page
from storyboard_ops.steps.storyboard.breakdown.desk import BreakdownDesk

log = logging.getLogger(__name__)

Fields = dict[str, Any]

breakdown_desks = Desks(open_breakdown)


def breakdown_desk(dag_id: str, run_id: str) -> BreakdownDesk:
    """Return the breakdown of the run in the path; a FastAPI dependency."""
    return breakdown_desks.get(dag_id, run_id)


DeskDep = Annotated[BreakdownDesk, Depends(breakdown_desk)]


def add_breakdown_routes(app: FastAPI, place: str) -> None:
    """Add the routes beneath ``place``, the path of a run's breakdown."""
    app.get(f"{place}/view", dependencies=[Reads])(breakdown_view)
    app.get(f"{place}/board", dependencies=[Reads])(read_breakdown)
    app.get(f"{place}/decisions", dependencies=[Reads])(read_edits)
    app.get(f"{place}/cost", dependencies=[Reads])(read_cost)
    app.post(f"{place}/decisions", dependencies=Decides)(save_edits)
    app.post(f"{place}/finish", dependencies=Decides)(finish_breakdown)
    app.post(f"{place}/reopen", dependencies=Decides)(reopen_breakdown)


def breakdown_view(dag_id: str, run_id: str) -> HTMLResponse:
    """Serve the page, which has no data."""
    return HTMLResponse(read_board_page("breakdown"))


def list_breakdowns(user: Any) -> list[Fields]:
    """List the breakdowns that wait, of DAGs whose runs the user may see."""
    waiting = (run for run in waiting_runs(BREAKDOWN_WAIT) if may_view(run[0], user))
    listed = (_summarize(dag_id, run_id) for dag_id, run_id in waiting)
    return [fields for fields in listed if fields]


def _summarize(dag_id: str, run_id: str) -> Fields | None:
    try:
        desk = breakdown_desks.get(dag_id, run_id)
        state = desk.state()
    except StoryboardError as error:  # the other runs must still be listed
        log.warning("The breakdown of %s waits, but cannot be listed: %s", run_id, error)
        return None
    undecided = desk.undecided(state)
    return {
        "dag_id": dag_id,
        "run_id": run_id,
        "title": desk.title,
        "kind": "breakdown",
        "state": "finished" if state.closed else "open",
        "opened_at": desk.board.opened_at,
        "page": f"runs/{quote(dag_id, safe='')}/{quote(run_id, safe='')}/breakdown/view",
        "approved": len(desk.board.scenes) - undecided,
        "rejected": 0,
        "open": undecided,
    }


# -- Reading


def read_breakdown(dag_id: str, run_id: str, user: GetUserDep, desk: DeskDep) -> Fields:
    """Return the whole document, with a new token."""
    state = desk.state()
    document = desk.document()
    decides = may_decide(dag_id, user)
    return {
        **document,
        "run": {**document["run"], "dag_id": dag_id, "run_id": run_id},
        "you": {"name": reviewer_name(user), "may_decide": decides},
        "token": issue_token(user, dag_id, run_id) if decides else "",
        "cost": desk.estimated().model_dump(mode="json"),  # the finish asks for that of now
        **_state_fields(state, state.items),
        "may_reopen": bool(state.closed) and has_ended(dag_id, run_id),
    }


def read_edits(desk: DeskDep, since: Annotated[int, Query(ge=0)] = 0) -> Fields:
    """Return what was decided since a version of the log."""
    state = desk.state()
    return _state_fields(state, state.since(since))


def read_cost(desk: DeskDep) -> Fields:
    """Return what the run costs with the panels of now."""
    return desk.cost(desk.state()).model_dump(mode="json")


def _state_fields(state: LogState[SceneState], items: Any) -> Fields:
    return {
        "version": state.version,
        "closed": state.closed.model_dump(mode="json") if state.closed else None,
        "decisions": {key: item.model_dump(mode="json") for key, item in items.items()},
    }


# -- Deciding


def save_edits(batch: EditBatch, user: GetUserDep, desk: DeskDep) -> Fields:
    """Add a batch of decisions to the log, all or none."""
    state = desk.save(reviewer_name(user), batch)
    saved = {edit.image_id: state.items[edit.image_id] for edit in batch.decisions}
    return _state_fields(state, saved)


def finish_breakdown(
    dag_id: str, run_id: str, request: FinishRequest, user: GetUserDep, desk: DeskDep
) -> Fields:
    """Close the breakdown, and resume the DAG run."""
    state = desk.finish(reviewer_name(user), request)
    wake_wait(dag_id, run_id, user, BREAKDOWN_WAIT)
    return _state_fields(state, {})


def reopen_breakdown(dag_id: str, run_id: str, user: GetUserDep, desk: DeskDep) -> Fields:
    """Reopen a finished breakdown, once its run has ended."""
    if not has_ended(dag_id, run_id):
        raise ReviewRefused(
            "running", "The run has not ended; a breakdown can be reopened after its run."
        )
    return _state_fields(desk.reopen(reviewer_name(user)), {})
