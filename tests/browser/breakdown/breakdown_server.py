"""The breakdown page behind a small server, on the product's own desk: for tests of the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pydantic import ValidationError

from storyboard_ops.domain.error_tree import ReviewRefused
from storyboard_ops.domain.review.review_records import FinishRequest
from storyboard_ops.domain.storyboard.breakdown_log import EditBatch
from storyboard_ops.gateways.review.board_pages import read_board_page
from storyboard_ops.steps.storyboard.breakdown.desk import BreakdownDesk
from tests.browser.page_server import STATIC, TYPES, PageHandler, serving, static_file

PLACE = "/storyboard/runs/draw_storyboard/manual__1/breakdown/"


@dataclass
class BreakdownServer:
    """One breakdown; ``reviewer`` is whoever asks with no name of their own."""

    desk: BreakdownDesk
    reviewer: str = "ana"
    may_decide: bool = True
    outage: bool = False
    finals: list[FinishRequest] = field(default_factory=list)

    def read(self, route: str, query: dict[str, list[str]], who: str) -> Any:
        state = self.desk.state()
        if route == "board":
            document = self.desk.document()
            run = {**document["run"], "dag_id": "draw_storyboard", "run_id": "manual__1"}
            return {
                **document,
                "run": run,
                "you": {"name": who, "may_decide": self.may_decide},
                "token": "token",
                "cost": self.desk.cost(state).model_dump(mode="json"),
                "may_reopen": False,
                **_fields(state, state.items),
            }
        if route == "decisions":
            return _fields(state, state.since(int(query["since"][0])))
        if route == "cost":
            return self.desk.cost(state).model_dump(mode="json")
        raise FileNotFoundError(route)

    def change(self, route: str, body: Any, who: str) -> Any:
        if route == "decisions":
            batch = EditBatch.model_validate(body)
            state = self.desk.save(who, batch)
            return _fields(state, {e.image_id: state.items[e.image_id] for e in batch.decisions})
        final = FinishRequest.model_validate(body)
        state = self.desk.finish(who, final)
        self.finals.append(final)
        return _fields(state, {})


def _fields(state: Any, items: Any) -> dict[str, Any]:
    return {
        "version": state.version,
        "closed": state.closed.model_dump(mode="json") if state.closed else None,
        "decisions": {key: item.model_dump(mode="json") for key, item in items.items()},
    }


@contextmanager
def served_breakdown(server: BreakdownServer) -> Iterator[Callable[[str], str]]:
    """Serve while the block runs; yields the address of the page for a reviewer."""
    with serving(_handler(server)) as port:
        yield lambda who="": f"http://{who or 'localhost'}.localhost:{port}{PLACE}view"


def _handler(server: BreakdownServer) -> type[PageHandler]:
    class Handler(PageHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == f"{PLACE}view":
                self.send(200, TYPES[".html"], read_board_page("breakdown").encode())
            elif parts.path.startswith(STATIC):
                self.send(200, *static_file(parts.path))
            else:
                route = parts.path.removeprefix(PLACE)
                self._answer(lambda: server.read(route, parse_qs(parts.query), self._who))

        def do_POST(self) -> None:
            body = self.read_json()
            route = urlsplit(self.path).path.removeprefix(PLACE)
            self._answer(lambda: server.change(route, body, self._who))

        @property
        def _who(self) -> str:
            name = self.headers["Host"].partition(".")[0]
            return server.reviewer if name == "localhost" else name

        def _answer(self, work: Callable[[], Any]) -> None:
            status, answer = 200, None
            try:
                answer = {} if server.outage else work()
                status = 503 if server.outage else 200
            except ReviewRefused as refusal:
                status = 422 if refusal.error == "unknown" else 409
                answer = {"error": refusal.error, "message": str(refusal), **refusal.facts}
            except ValidationError as error:
                status, answer = 422, {"error": "form", "message": str(error)}
            except FileNotFoundError:
                status, answer = 404, {}
            self.send_json(status, answer)

    return Handler
