"""What every answer says, and what no request may be.

Nothing but our own scripts run, nothing is framed by strangers, and nobody sends without end: a
body is read before anybody has looked at the login.
"""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send


def content_policy(picture_origin: str = "") -> str:
    """Content-Security-Policy of a page whose pictures come from one further origin."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; "
        f"img-src 'self' {picture_origin}".rstrip()
        + "; connect-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
    )


HEADERS = {
    "Content-Security-Policy": content_policy(),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Decisions change, and the next login may be somebody else's.
    "Cache-Control": "no-store",
}


#: Two hundred decisions with the longest captions fit several times.
BODY_MAX = 4 * 1024 * 1024


class BodyLimit:
    """Refuses a body that is too large, or does not say how large it is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in ("GET", "HEAD"):
            length = Headers(scope=scope).get("Content-Length", "")
            if not length.isdecimal() or int(length) > BODY_MAX:
                message = f"Send at most {BODY_MAX:,} bytes, and say how many."
                answer = JSONResponse({"error": "too large", "message": message}, status_code=413)
                await answer(scope, receive, send)
                return
        await self._app(scope, receive, send)


class SecurityHeaders:
    """Adds what an answer does not say itself."""

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
