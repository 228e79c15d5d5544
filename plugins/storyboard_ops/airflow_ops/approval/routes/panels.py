"""The routes of the panel board: page, document, choices, pictures, and the run to start.

docs/panel-board.md specifies them. Nothing is started here: the page starts the run that publishes
through Airflow's own API, so that Airflow checks the permissions of its user.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from airflow.api_fastapi.core_api.security import GetUserDep
from fastapi import Depends, FastAPI, Path, Query
from fastapi.responses import HTMLResponse, Response

from storyboard_ops.airflow_ops.approval.access import (
    Chooses,
    Reads,
    may_choose,
    may_start,
    reviewer_name,
)
from storyboard_ops.airflow_ops.approval.headers import board_page, redirect_to
from storyboard_ops.airflow_ops.approval.routes.answers import (
    LINK_SECONDS,
    Digest,
    Fields,
    decision_fields,
    document_fields,
)
from storyboard_ops.airflow_ops.approval.runs import Desks, is_paused, open_panels, state_of_run
from storyboard_ops.core.storyboard.choosing.state import BoardState
from storyboard_ops.domain.storyboard.panel_board import ChoiceBatch, PublishRequest
from storyboard_ops.steps.storyboard.choosing.desk import PanelDesk
from storyboard_ops.steps.storyboard.choosing.publish import DRAWING_DAG

PanelKey = Annotated[str, Path(min_length=1, max_length=40)]

panel_desks = Desks(open_panels)


def panel_desk(dag_id: str, run_id: str) -> PanelDesk:
    """Return the panel board of the run in the path; a FastAPI dependency."""
    return panel_desks.get(dag_id, run_id)


DeskDep = Annotated[PanelDesk, Depends(panel_desk)]


def add_panel_routes(app: FastAPI, panels: str) -> None:
    """Add the routes beneath ``panels``, the path of a run's board."""
    app.get(f"{panels}/view", dependencies=[Reads])(panels_view)
    app.get(f"{panels}/board", dependencies=[Reads])(read_panels)
    app.get(f"{panels}/decisions", dependencies=[Reads])(read_choices)
    app.get(f"{panels}/price", dependencies=[Reads])(read_price)
    app.get(f"{panels}/history/{{panel_id}}", dependencies=[Reads])(read_history)
    app.get(f"{panels}/pictures/{{digest}}/{{view}}", dependencies=[Reads])(panel_picture)
    app.post(f"{panels}/decisions", dependencies=Chooses)(save_choices)
    app.post(f"{panels}/finish", dependencies=Chooses)(publish)
    app.post(f"{panels}/reopen", dependencies=Chooses)(reopen_panels)


def panels_view(dag_id: str, run_id: str) -> HTMLResponse:
    """Serve the page; its content policy names the origin of the pictures."""
    return board_page("panels", lambda: panel_desks.get(dag_id, run_id))


# -- Reading


def read_panels(dag_id: str, run_id: str, user: GetUserDep, desk: DeskDep) -> Fields:
    """Return the whole document, with a new token."""
    state = desk.state()
    fields = document_fields(desk.document(), dag_id, run_id, user, may_choose(dag_id, user))
    return {
        **fields,
        "you": {**fields["you"], "may_start": may_start(DRAWING_DAG, user)},
        "paused": is_paused(DRAWING_DAG),
        **_state_fields(state, state.panels),
        "may_reopen": bool(state.closed),
    }


def read_choices(desk: DeskDep, since: Annotated[int, Query(ge=0)] = 0) -> Fields:
    """Return what was chosen since a version of the log."""
    state = desk.state()
    return _state_fields(state, state.since(since))


def read_price(desk: DeskDep) -> Fields:
    """Return what publishing costs now."""
    state = desk.state()
    return {**desk.price(state).model_dump(mode="json"), "version": state.version}


def read_history(panel_id: PanelKey, desk: DeskDep) -> Fields:
    """Return what was wanted of a panel, by whom, in order."""
    return {"history": [one.model_dump(mode="json") for one in desk.history(panel_id)]}


def panel_picture(desk: DeskDep, digest: Digest, view: Literal["picture", "thumb"]) -> Response:
    """Redirect to a picture of this board, by a link that is valid for LINK_SECONDS."""
    return redirect_to(desk.link(digest, view == "thumb", LINK_SECONDS), LINK_SECONDS)


def _state_fields(state: BoardState, panels: Any) -> Fields:
    return decision_fields(state.version, _closed(state), panels)


def _closed(state: BoardState) -> Fields | None:
    """Return who published the board by which run, and the state of that run in Airflow."""
    if state.closed is None:
        return None
    run = state.closed.run
    return {**state.closed.model_dump(mode="json"), "state": state_of_run(run.dag_id, run.run_id)}


# -- Choosing


def save_choices(batch: ChoiceBatch, user: GetUserDep, desk: DeskDep) -> Fields:
    """Add a batch of choices to the log, all or none."""
    state = desk.save(reviewer_name(user), batch)
    saved = {one.panel_id: state.panels[one.panel_id] for one in batch.choices}
    return _state_fields(state, saved)


def publish(request: PublishRequest, user: GetUserDep, desk: DeskDep) -> Fields:
    """Close the board, and return the run that the page has to start."""
    return _state_fields(desk.publish(reviewer_name(user), request), {})


def reopen_panels(user: GetUserDep, desk: DeskDep) -> Fields:
    """Reopen a published board."""
    return _state_fields(desk.reopen(reviewer_name(user)), {})
