"""The HTTP app of the approval page: pages, document, decisions and pictures of one review.

docs/approval-page.md specifies its routes; ``breakdown_app`` and ``panels_app`` add those of the
breakdown page and of the panel board.
``storyboard_plugin`` creates it at the first request, inside Airflow's web server.
"""

from __future__ import annotations

import logging
from typing import Annotated, Any, Literal
from urllib.parse import quote

from airflow.api_fastapi.core_api.security import GetUserDep
from airflow.configuration import conf
from fastapi import Depends, FastAPI, Path, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from storyboard_ops.airflow_ops.approval import paths
from storyboard_ops.airflow_ops.approval.access import (
    Decides,
    Reads,
    issue_token,
    may_decide,
    may_view,
    reviewer_name,
)
from storyboard_ops.airflow_ops.approval.breakdown_app import (
    add_breakdown_routes,
    list_breakdowns,
)
from storyboard_ops.airflow_ops.approval.errors import answer_errors
from storyboard_ops.airflow_ops.approval.headers import (
    STATIC_FOLDERS,
    BoardFiles,
    BodyLimit,
    SecurityHeaders,
    board_page,
    redirect_to,
)
from storyboard_ops.airflow_ops.approval.panels_app import add_panel_routes
from storyboard_ops.airflow_ops.approval.results_app import add_result_routes
from storyboard_ops.airflow_ops.approval.runs import (
    Desks,
    has_ended,
    link_to_report,
    newest_dag_of,
    open_review_desk,
    waiting_runs,
    wake_wait,
)
from storyboard_ops.core.review.state import ReviewState, overall
from storyboard_ops.domain.error_tree import ObjectMissing, ReviewRefused, StoryboardError
from storyboard_ops.domain.review.review_records import (
    BoardItem,
    DecisionBatch,
    FinishRequest,
    ItemState,
)
from storyboard_ops.gateways.include_files import INCLUDE_ROOT
from storyboard_ops.gateways.review.board_pages import read_board_page
from storyboard_ops.steps.review.desk import ReviewDesk

log = logging.getLogger(__name__)

#: Lifetime of a link to S3; the app's own links are checked at every request.
LINK_SECONDS = 60

#: What a browser does not get of an item; links replace the URIs.
NOT_SHOWN = {"picture_uri", "thumb_uri", "neighbours", "place", "look"}

ImageId = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
Fields = dict[str, Any]

desks = Desks(open_review_desk)


def desk_of(dag_id: str, run_id: str) -> ReviewDesk:
    """Return the desk of the run in the path; a FastAPI dependency."""
    return desks.get(dag_id, run_id)


DeskDep = Annotated[ReviewDesk, Depends(desk_of)]


def create_app() -> FastAPI:
    """Create the app, without documentation pages because its API is not public."""
    app = FastAPI(title="Storyboard approval page", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(BodyLimit)
    app.add_middleware(SecurityHeaders)  # the outer one: refusals have the headers too
    answer_errors(app)
    app.get("/runs")(runs_page)
    app.get("/runs.json")(list_runs)
    app.get("/review/{run_id}")(find_review)
    app.get("/run/{run_id}")(find_run)
    run = "/runs/{dag_id}/{run_id}"
    app.get(f"{run}/review", dependencies=[Reads])(review_page)
    app.get(f"{run}/report", dependencies=[Reads])(report)
    app.get(f"{run}/board", dependencies=[Reads])(read_board)
    app.get(f"{run}/decisions", dependencies=[Reads])(read_decisions)
    app.get(f"{run}/pictures/{{image_id}}/neighbours/{{number}}", dependencies=[Reads])(neighbour)
    app.get(f"{run}/characters/{{character}}/references/{{number}}", dependencies=[Reads])(
        reference
    )
    app.get(f"{run}/pictures/{{image_id}}/{{view}}", dependencies=[Reads])(picture)
    add_result_routes(app, run)
    app.post(f"{run}/decisions", dependencies=Decides)(save_decisions)
    app.post(f"{run}/finish", dependencies=Decides)(finish)
    app.post(f"{run}/reopen", dependencies=Decides)(reopen)
    add_breakdown_routes(app, f"{run}/breakdown")
    add_panel_routes(app, f"{run}/panels")
    for folder in STATIC_FOLDERS:
        app.mount(f"/static/{folder}", BoardFiles(directory=INCLUDE_ROOT / folder))
    return app


# -- Pages


def runs_page(user: GetUserDep) -> HTMLResponse:
    """Serve the list of runs that wait for people."""
    return HTMLResponse(read_board_page("runs"))


def review_page(dag_id: str, run_id: str) -> HTMLResponse:
    """Serve the board; its content policy names the origin of the pictures."""
    return board_page("review", lambda: desks.get(dag_id, run_id))


def find_review(run_id: str, user: GetUserDep) -> Response:
    """Redirect to the board of the newest run of this id; raises ObjectMissing without one."""
    return RedirectResponse(paths.review_page(_base_url(), newest_dag_of(run_id), run_id))


def find_run(run_id: str, user: GetUserDep) -> Response:
    """Redirect to the newest run of this id in the Airflow UI; raises ObjectMissing without one."""
    return RedirectResponse(paths.run_page(_base_url(), newest_dag_of(run_id), run_id))


def _base_url() -> str:
    return str(conf.get("api", "base_url", fallback=""))


def report(dag_id: str, run_id: str) -> Response:
    """Redirect to the report of a run; raises ObjectMissing while there is none."""
    return redirect_to(link_to_report(dag_id, run_id, LINK_SECONDS), LINK_SECONDS)


# -- Reading


def list_runs(user: GetUserDep) -> Fields:
    """List the runs that wait on the page, of DAGs whose runs the user may see."""
    waiting = (run for run in waiting_runs() if may_view(run[0], user))
    listed = (_summarize_run(dag_id, run_id) for dag_id, run_id in waiting)
    return {"runs": [*(fields for fields in listed if fields), *list_breakdowns(user)]}


def _summarize_run(dag_id: str, run_id: str) -> Fields | None:
    try:
        desk = desks.get(dag_id, run_id)
        state = desk.state()
    except StoryboardError as error:  # the other runs must still be listed
        log.warning("%s waits, but cannot be listed: %s", run_id, error)
        return None
    return {
        "dag_id": dag_id,
        "run_id": run_id,
        "title": desk.title,
        "kind": "review",
        "state": "finished" if state.closed else "open",
        "opened_at": desk.board.opened.opened_at,
        "page": f"runs/{quote(dag_id, safe='')}/{quote(run_id, safe='')}/review",
        **overall(desk.progress(state)).model_dump(),
    }


def read_board(dag_id: str, run_id: str, user: GetUserDep, desk: DeskDep) -> Fields:
    """Return the whole document, with a new token."""
    state = desk.state()
    document = desk.document()
    decides = may_decide(dag_id, user)
    return {
        **document,
        "run": {**document["run"], "dag_id": dag_id, "run_id": run_id},
        "you": {"name": reviewer_name(user), "may_decide": decides},
        "token": issue_token(user, dag_id, run_id) if decides else "",
        "items": [_with_links(item) for item in desk.board.items],
        "characters": [
            {**one, "references": [_reference_path(one["id"], n) for n in range(count)]}
            for one in document["characters"]
            for count in [len(desk.references(one["id"]))]
        ],
        **_state_fields(state, state.items),
        "may_reopen": bool(state.closed) and has_ended(dag_id, run_id),
    }


def read_decisions(desk: DeskDep, since: Annotated[int, Query(ge=0)] = 0) -> Fields:
    """Return the decisions made since a version of the log."""
    state = desk.state()
    return _state_fields(state, state.since(since))


def _state_fields(state: ReviewState, items: Any) -> Fields:
    return {
        "version": state.version,
        "closed": state.closed.model_dump(mode="json") if state.closed else None,
        "decisions": {key: item.model_dump(mode="json") for key, item in items.items()},
    }


def _with_links(item: BoardItem) -> Fields:
    """Return an item with links of this app in place of its S3 URIs."""
    fields = item.model_dump(mode="json", exclude=NOT_SHOWN)
    place = f"pictures/{item.id}"
    return {
        **fields,
        "picture_url": f"{place}/picture",
        "thumb_url": f"{place}/thumb",
        "neighbours": [
            {**frame.model_dump(mode="json", exclude={"uri"}), "url": f"{place}/neighbours/{n}"}
            for n, frame in enumerate(item.neighbours)
        ],
    }


# -- Pictures


def picture(desk: DeskDep, image_id: ImageId, view: Literal["picture", "thumb"]) -> Response:
    """Redirect to a picture of this board, by a link that is valid for LINK_SECONDS."""
    item = desk.item(image_id)
    return _redirect(desk, item.picture_uri if view == "picture" else item.thumb_uri)


def neighbour(desk: DeskDep, image_id: ImageId, number: int) -> Response:
    """Redirect to a neighbouring frame of a picture, by a link valid for LINK_SECONDS."""
    frames = desk.item(image_id).neighbours
    if not 0 <= number < len(frames):
        raise ObjectMissing(
            f"Picture {image_id[:12]} has no neighbouring frame {number}; it has {len(frames)}."
        )
    return _redirect(desk, frames[number].uri)


def reference(desk: DeskDep, character: str, number: int) -> Response:
    """Redirect to a reference picture of a character, by a link valid for LINK_SECONDS."""
    uris = desk.references(character)
    if not 0 <= number < len(uris):
        raise ObjectMissing(f"There is no reference picture {number} of {character!r}.")
    return _redirect(desk, uris[number])


def _reference_path(character: str, number: int) -> str:
    return f"characters/{quote(character, safe='')}/references/{number}"


def _redirect(desk: ReviewDesk, uri: str) -> Response:
    return redirect_to(desk.link(uri, LINK_SECONDS), LINK_SECONDS)


# -- Deciding


def save_decisions(batch: DecisionBatch, user: GetUserDep, desk: DeskDep) -> Fields:
    """Add a batch of decisions to the log, all or none."""
    state = desk.save(reviewer_name(user), batch)
    saved: dict[str, ItemState] = {
        decision.image_id: state.items[decision.image_id] for decision in batch.decisions
    }
    return _state_fields(state, saved)


def finish(
    dag_id: str, run_id: str, request: FinishRequest, user: GetUserDep, desk: DeskDep
) -> Fields:
    """Close the review, and resume the DAG run."""
    state = desk.finish(reviewer_name(user), request)
    wake_wait(dag_id, run_id, user)
    return _state_fields(state, {})


def reopen(dag_id: str, run_id: str, user: GetUserDep, desk: DeskDep) -> Fields:
    """Reopen a finished review, once its run has ended."""
    if not has_ended(dag_id, run_id):
        raise ReviewRefused(
            "running", "The run has not ended; a review can be reopened after its run."
        )
    return _state_fields(desk.reopen(reviewer_name(user)), {})
