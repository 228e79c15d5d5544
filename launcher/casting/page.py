"""The HTTP app of the page: one draft, one person, no login.

Every address begins with a secret that only the terminal shows, and names of other hosts are
refused, so that neither other users of this machine nor pages of other sites reach it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Event
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route

from launcher.processes.ports import LOOPBACK
from launcher.product import (
    BadInput,
    ObjectMissing,
    ReviewRefused,
    board_files,
    board_middleware,
    read_cast_page,
    read_cast_request,
)

#: The first version of the draft, and the most decisions that the page sends at once.
BATCH_MAX = 200
#: Pictures and characters of a production file, and the lengths of its texts.
LIMITS = {"batch_max": BATCH_MAX, "references": 10, "members": 20, "name": 60, "description": 600}
HOSTS = [LOOPBACK, "localhost"]
INSTRUCTIONS = (
    "Figures that look alike are in one group. Name each group that matters, set aside the others, "
    "and pick pictures that show a character well. Give two groups one name to join them."
)
#: HTTP status by the code of a refusal.
STATUS = {"form": 422}


class CastPage:
    """Answers for one desk.

    Attributes:
        ended: set when the page has shown that the file was written.
    """

    def __init__(self, desk: Any, secret: str) -> None:
        self._desk, self._secret = desk, secret
        self.ended = Event()

    @property
    def path(self) -> str:
        """The path of the page."""
        return f"/{self._secret}/cast"

    def app(self) -> Starlette:
        """Build the app."""
        root = f"/{self._secret}"
        reads: Mapping[str, Callable[[Request], Response]] = {
            "cast": lambda _: HTMLResponse(read_cast_page()),
            "board": lambda _: JSONResponse(self._document()),
            "decisions": self._news,
            "figures/{figure}/{view}": self._figure,
            "frames/{sample:int}": self._frame,
        }
        changes: Mapping[str, Callable[[Any], Any]] = {
            "decisions": self._save,
            "details": self._describe,
            "boxes": self._draw,
            "check": self._check,
            "finish": self._write,
        }
        return Starlette(
            routes=[
                Route("/favicon.ico", lambda _: Response(status_code=204)),
                *(Route(f"{root}/{path}", _guarded(read)) for path, read in reads.items()),
                *(
                    Route(f"{root}/{path}", _changing(path, change), methods=["POST"])
                    for path, change in changes.items()
                ),
                *(Mount(f"{root}/static/{name}", app) for name, app in board_files().items()),
            ],
            middleware=[
                Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS),
                *map(Middleware, board_middleware()),
            ],
        )

    # -- Reading

    def _document(self) -> dict[str, Any]:
        desk = self._desk
        if desk.written:
            self.ended.set()
        return {
            "run": {"title": " + ".join(desk.films), "opened_at": self._secret},
            "you": {"name": "", "may_decide": True},
            "token": "",
            "instructions": INSTRUCTIONS,
            "limits": LIMITS,
            "out": str(desk.out),
            "exists": desk.exists,
            "films": desk.films,
            "samples": [
                sample.model_dump(include={"film", "shot", "timecode"})
                | {"url": f"frames/{number}"}
                for number, sample in enumerate(desk.samples)
            ],
            "items": [self._item(figure) for figure in desk.figures()],
            "details": desk.details.model_dump(),
            "may_reopen": False,
            **self._state(desk.verdicts()),
        }

    def _item(self, figure: Any) -> dict[str, Any]:
        sample = self._desk.samples[figure.sample]
        box = figure.box
        return {
            "id": figure.id,
            "group": figure.group,
            "by_hand": figure.by_hand,
            "sample": figure.sample,
            "film": sample.film,
            "shot": sample.shot,
            "timecode": sample.timecode,
            "box": [box.x, box.y, box.w, box.h],
            "thumb_url": f"figures/{figure.id}/thumb",
            "picture_url": f"figures/{figure.id}/picture",
            "frame_url": f"frames/{figure.sample}",
        }

    def _state(self, verdicts: Mapping[str, Any]) -> dict[str, Any]:
        written = self._desk.written
        return {
            "version": self._desk.version,
            "closed": written and {"file": str(written.file), "pictures": written.pictures},
            "decisions": {key: verdict.model_dump() for key, verdict in verdicts.items()},
        }

    def _news(self, request: Request) -> Response:
        since = request.query_params.get("since", "0")
        if not since.isdecimal() or len(since) > 18:
            raise ReviewRefused("form", "since must be the number of a version.")
        return JSONResponse(self._state(self._desk.verdicts(int(since))))

    def _figure(self, request: Request) -> Response:
        figure, view = request.path_params["figure"], request.path_params["view"]
        if view == "thumb":
            return FileResponse(self._desk.thumb(figure), media_type="image/jpeg", headers=_KEPT)
        if view == "picture":
            return Response(self._desk.picture(figure), media_type="image/jpeg", headers=_KEPT)
        raise ObjectMissing(f"A figure has the views thumb and picture, not {view!r}.")

    def _frame(self, request: Request) -> Response:
        frame = self._desk.frame(request.path_params["sample"])
        return FileResponse(frame, media_type="image/jpeg", headers=_KEPT)

    # -- Changing

    def _save(self, batch: Any) -> Any:
        return self._state(self._desk.save(batch))

    def _describe(self, details: Any) -> Any:
        self._desk.describe(details)
        return {}

    def _draw(self, box: Any) -> Any:
        return {"item": self._item(self._desk.draw(box)), **self._state(self._desk.verdicts())}

    def _check(self, _: Any) -> Any:
        production = self._desk.check()
        return {
            "exists": self._desk.exists,
            "characters": [
                {"id": one.id, "name": one.name, "references": len(one.references)}
                for one in production.characters
            ],
        }

    def _write(self, request: Any) -> Any:
        self._desk.write(replace=request.replace)
        return self._state({})


#: Pictures of a figure never change; nobody else gets them.
_KEPT = {"Cache-Control": "private, max-age=3600"}


def _guarded(read: Callable[[Request], Response]) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        try:
            return read(request)
        except (BadInput, ReviewRefused) as error:
            return _refusal(error)

    return endpoint


def _changing(kind: str, change: Callable[[Any], Any]) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        body = await request.body()

        def answer() -> Response:
            try:
                return JSONResponse(change(read_cast_request(kind, body)))
            except (BadInput, ReviewRefused) as error:
                return _refusal(error)

        return await run_in_threadpool(answer)

    return endpoint


def _refusal(error: BadInput | ReviewRefused) -> Response:
    if isinstance(error, ReviewRefused):
        fields: dict[str, Any] = {"error": error.error, "message": str(error), **error.facts}
        return JSONResponse(fields, status_code=STATUS.get(error.error, 409))
    status = 404 if isinstance(error, ObjectMissing) else 422
    return JSONResponse({"error": "invalid", "message": str(error)}, status_code=status)
