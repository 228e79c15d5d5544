"""Security headers of every response, and a limit on the body of a request.

Only our own scripts run, other sites cannot frame a page, and no body is without end: a body is
read before the login is checked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from storyboard_ops.domain.error_tree import StoryboardError
from storyboard_ops.gateways.review.board_pages import read_board_page


def content_policy(picture_origin: str = "") -> str:
    """Return the Content-Security-Policy of a page that loads pictures from one more origin."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; "
        f"img-src 'self' {picture_origin}".rstrip()
        + "; connect-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
    )


#: Folders of ``include/`` that browsers load from, under the same names in ``/static``.
STATIC_FOLDERS = ("board_kit", "boards")


class BoardFiles(StaticFiles):
    """The scripts and styles of boards, which browsers revalidate before each use."""

    def file_response(self, *given: Any, **named: Any) -> Response:
        response = super().file_response(*given, **named)
        response.headers["Cache-Control"] = "no-cache"
        return response


class ShowsPictures(Protocol):
    """A desk whose pictures have links of one origin."""

    def picture_origin(self) -> str: ...


def board_page(board: str, open_desk: Callable[[], ShowsPictures]) -> HTMLResponse:
    """Serve the page of a board; its content policy names the origin of the desk's pictures."""
    try:
        policy = content_policy(open_desk().picture_origin())
    except StoryboardError:  # the page itself reports the error
        policy = content_policy()
    return HTMLResponse(read_board_page(board), headers={"Content-Security-Policy": policy})


def redirect_to(link: str, seconds: int) -> Response:
    """Redirect to a link that is valid for this many seconds; browsers forget it before."""
    headers = {"Cache-Control": f"private, max-age={max(0, seconds - 10)}"}
    return RedirectResponse(link, status_code=307, headers=headers)


HEADERS = {
    "Content-Security-Policy": content_policy(),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Decisions change, and the next login may be another user's.
    "Cache-Control": "no-store",
}


#: Bytes; several times the size of 200 decisions with the longest captions.
BODY_MAX = 4 * 1024 * 1024


class BodyLimit:
    """Middleware that refuses a body above BODY_MAX bytes, or without Content-Length."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in ("GET", "HEAD"):
            length = Headers(scope=scope).get("Content-Length", "")
            if not length.isdecimal() or int(length) > BODY_MAX:
                message = (
                    f"The body is too large or of unknown length; send at most {BODY_MAX:,} bytes."
                )
                answer = JSONResponse({"error": "too large", "message": message}, status_code=413)
                await answer(scope, receive, send)
                return
        await self._app(scope, receive, send)


class SecurityHeaders:
    """Middleware that adds the headers that a response does not set itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)
