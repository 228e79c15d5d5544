"""The routes of the breakdown page: page, document, decisions and cost.

docs/breakdown-page.md specifies them.
"""

from __future__ import annotations

from typing import Annotated

from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.core_api.security import GetUserDep
from fastapi import Depends, FastAPI, Query
from fastapi.responses import HTMLResponse

from storyboard_ops.airflow_ops.approval.access import Decides, Reads, may_decide, reviewer_name
from storyboard_ops.airflow_ops.approval.routes.answers import (
    Fields,
    document_fields,
    list_waiting,
    refuse_while_running,
    state_fields,
)
from storyboard_ops.airflow_ops.approval.runs import (
    BREAKDOWN_WAIT,
    Desks,
    has_ended,
    open_breakdown,
    wake_wait,
)
from storyboard_ops.domain.review.review_records import FinishRequest
from storyboard_ops.domain.storyboard.breakdown_log import EditBatch
from storyboard_ops.gateways.review.board_pages import read_board_page
from storyboard_ops.steps.storyboard.breakdown.desk import BreakdownDesk

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


def list_breakdowns(user: BaseUser) -> list[Fields]:
    """List the breakdowns that wait, of DAGs whose runs the user may see."""
    return list_waiting(BREAKDOWN_WAIT, "breakdown/view", user, _summarize)


def _summarize(dag_id: str, run_id: str) -> Fields:
    desk = breakdown_desks.get(dag_id, run_id)
    state = desk.state()
    undecided = desk.undecided(state)
    return {
        "title": desk.title,
        "kind": "breakdown",
        "state": "finished" if state.closed else "open",
        "opened_at": desk.board.opened_at,
        "approved": len(desk.board.scenes) - undecided,
        "rejected": 0,
        "open": undecided,
    }


# -- Reading


def read_breakdown(dag_id: str, run_id: str, user: GetUserDep, desk: DeskDep) -> Fields:
    """Return the whole document, with a new token."""
    state = desk.state()
    document = desk.document()
    return {
        **document_fields(document, dag_id, run_id, user, may_decide(dag_id, user)),
        "cost": desk.estimated().model_dump(mode="json"),  # the finish asks for that of now
        **state_fields(state, state.items),
        "may_reopen": bool(state.closed) and has_ended(dag_id, run_id),
    }


def read_edits(desk: DeskDep, since: Annotated[int, Query(ge=0)] = 0) -> Fields:
    """Return what was decided since a version of the log."""
    state = desk.state()
    return state_fields(state, state.since(since))


def read_cost(desk: DeskDep) -> Fields:
    """Return what the run costs with the panels of now."""
    return desk.cost(desk.state()).model_dump(mode="json")


# -- Deciding


def save_edits(batch: EditBatch, user: GetUserDep, desk: DeskDep) -> Fields:
    """Add a batch of decisions to the log, all or none."""
    state = desk.save(reviewer_name(user), batch)
    saved = {edit.image_id: state.items[edit.image_id] for edit in batch.decisions}
    return state_fields(state, saved)


def finish_breakdown(
    dag_id: str, run_id: str, request: FinishRequest, user: GetUserDep, desk: DeskDep
) -> Fields:
    """Close the breakdown, and resume the DAG run."""
    state = desk.finish(reviewer_name(user), request)
    wake_wait(dag_id, run_id, user, BREAKDOWN_WAIT)
    return state_fields(state, {})


def reopen_breakdown(dag_id: str, run_id: str, user: GetUserDep, desk: DeskDep) -> Fields:
    """Reopen a finished breakdown, once its run has ended."""
    refuse_while_running(dag_id, run_id, "breakdown")
    return state_fields(desk.reopen(reviewer_name(user)), {})
