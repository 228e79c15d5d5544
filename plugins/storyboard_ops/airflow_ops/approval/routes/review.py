"""The routes of the review board: page, document, decisions and pictures of one review.

docs/approval-page.md specifies them.
"""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import quote

from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.core_api.security import GetUserDep
from fastapi import Depends, FastAPI, Query
from fastapi.responses import HTMLResponse, Response

from storyboard_ops.airflow_ops.approval.access import Decides, Reads, may_decide, reviewer_name
from storyboard_ops.airflow_ops.approval.headers import board_page, redirect_to
from storyboard_ops.airflow_ops.approval.routes.answers import (
    LINK_SECONDS,
    Digest,
    Fields,
    document_fields,
    list_waiting,
    refuse_while_running,
    state_fields,
)
from storyboard_ops.airflow_ops.approval.runs import (
    REVIEW_WAIT,
    Desks,
    has_ended,
    open_review_desk,
    wake_wait,
)
from storyboard_ops.core.review.state import overall
from storyboard_ops.domain.error_tree import ObjectMissing
from storyboard_ops.domain.review.review_records import (
    BoardItem,
    DecisionBatch,
    FinishRequest,
    ItemState,
)
from storyboard_ops.steps.review.desk import ReviewDesk

#: What a browser does not get of an item; links replace the URIs.
NOT_SHOWN = {"picture_uri", "thumb_uri", "neighbours", "place", "look"}

desks = Desks(open_review_desk)


def review_desk(dag_id: str, run_id: str) -> ReviewDesk:
    """Return the desk of the run in the path; a FastAPI dependency."""
    return desks.get(dag_id, run_id)


DeskDep = Annotated[ReviewDesk, Depends(review_desk)]


def add_review_routes(app: FastAPI, run: str) -> None:
    """Add the routes beneath ``run``, the path of a run."""
    app.get(f"{run}/review", dependencies=[Reads])(review_page)
    app.get(f"{run}/board", dependencies=[Reads])(read_board)
    app.get(f"{run}/decisions", dependencies=[Reads])(read_decisions)
    app.get(f"{run}/pictures/{{image_id}}/neighbours/{{number}}", dependencies=[Reads])(neighbour)
    app.get(f"{run}/characters/{{character}}/references/{{number}}", dependencies=[Reads])(
        reference
    )
    app.get(f"{run}/pictures/{{image_id}}/{{view}}", dependencies=[Reads])(picture)
    app.post(f"{run}/decisions", dependencies=Decides)(save_decisions)
    app.post(f"{run}/finish", dependencies=Decides)(finish)
    app.post(f"{run}/reopen", dependencies=Decides)(reopen)


def review_page(dag_id: str, run_id: str) -> HTMLResponse:
    """Serve the board; its content policy names the origin of the pictures."""
    return board_page("review", lambda: desks.get(dag_id, run_id))


def list_reviews(user: BaseUser) -> list[Fields]:
    """List the reviews that wait, of DAGs whose runs the user may see."""
    return list_waiting(REVIEW_WAIT, "review", user, _summarize)


def _summarize(dag_id: str, run_id: str) -> Fields:
    desk = desks.get(dag_id, run_id)
    state = desk.state()
    return {
        "title": desk.title,
        "kind": "review",
        "state": "finished" if state.closed else "open",
        "opened_at": desk.board.opened.opened_at,
        **overall(desk.progress(state)).model_dump(),
    }


# -- Reading


def read_board(dag_id: str, run_id: str, user: GetUserDep, desk: DeskDep) -> Fields:
    """Return the whole document, with a new token."""
    state = desk.state()
    document = desk.document()
    return {
        **document_fields(document, dag_id, run_id, user, may_decide(dag_id, user)),
        "items": [_with_links(item) for item in desk.board.items],
        "characters": [
            {**one, "references": [_reference_path(one["id"], n) for n in range(count)]}
            for one in document["characters"]
            for count in [len(desk.references(one["id"]))]
        ],
        **state_fields(state, state.items),
        "may_reopen": bool(state.closed) and has_ended(dag_id, run_id),
    }


def read_decisions(desk: DeskDep, since: Annotated[int, Query(ge=0)] = 0) -> Fields:
    """Return the decisions made since a version of the log."""
    state = desk.state()
    return state_fields(state, state.since(since))


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


def picture(desk: DeskDep, image_id: Digest, view: Literal["picture", "thumb"]) -> Response:
    """Redirect to a picture of this board, by a link that is valid for LINK_SECONDS."""
    item = desk.item(image_id)
    return _redirect(desk, item.picture_uri if view == "picture" else item.thumb_uri)


def neighbour(desk: DeskDep, image_id: Digest, number: int) -> Response:
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
    return state_fields(state, saved)


def finish(
    dag_id: str, run_id: str, request: FinishRequest, user: GetUserDep, desk: DeskDep
) -> Fields:
    """Close the review, and resume the DAG run."""
    state = desk.finish(reviewer_name(user), request)
    wake_wait(dag_id, run_id, user)
    return state_fields(state, {})


def reopen(dag_id: str, run_id: str, user: GetUserDep, desk: DeskDep) -> Fields:
    """Reopen a finished review, once its run has ended."""
    refuse_while_running(dag_id, run_id, "review")
    return state_fields(desk.reopen(reviewer_name(user)), {})
