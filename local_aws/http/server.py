"""The HTTP server: cheroot, which keeps connections alive and exposes the raw request line.

WSGI cannot be used: it decodes the path and merges `_` and `-` in header names, so that no
signature over either can be verified.
"""

import contextlib
import email.utils
import socket
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from cheroot.server import Gateway, HTTPConnection, HTTPRequest, HTTPServer

from local_aws.http.messages import DroppedConnection, HttpAnswer, HttpRequest

Application = Callable[[HttpRequest], HttpAnswer]

DRAIN_BYTES = 1 << 20
LONGEST_HEADERS = 64 * 1024
"""Bytes of a request line and its headers; S3 accepts 8 KiB of headers."""
THREADS = 24


class EndpointHttpRequest(HTTPRequest):
    """A request whose malformed lines are the client's error, not the server's."""

    def parse_request(self) -> None:
        """Read request line and headers; `ready` is False if they are malformed."""
        try:
            super().parse_request()
        except ValueError:  # such as `GET //[ HTTP/1.1`
            self.simple_response("400 Bad Request", "Malformed Request-Line")
            return
        if self.ready and int(self.inheaders.get(b"Content-Length", 0)) < 0:
            self.ready = False
            self.simple_response("400 Bad Request", "Malformed Content-Length Header.")


class EndpointConnection(HTTPConnection):
    """A connection that reads requests with `EndpointHttpRequest`."""

    RequestHandlerClass = EndpointHttpRequest


class EndpointServer(HTTPServer):
    """A server on one loopback address that passes every request to `application`."""

    ConnectionClass = EndpointConnection
    keep_alive_conn_limit = 1024
    max_request_header_size = LONGEST_HEADERS
    request_queue_size = 256
    shutdown_timeout = 1
    timeout = 60
    version = "AmazonLocal"

    def __init__(self, address: tuple[str, int], application: Application) -> None:
        super().__init__(address, EndpointGateway, minthreads=THREADS, maxthreads=THREADS)
        self.application = application

    @property
    def port(self) -> int:
        """The port that the prepared server listens on."""
        return int(self.bind_addr[1])


class RequestBody:
    """The body of one request; reads raise DroppedConnection if the client disconnects early."""

    def __init__(self, source: Any) -> None:
        self._source = source

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes, all that is left if negative; empty at the end."""
        data: bytes = self._source.read(None if size < 0 else size)
        if not data and size and getattr(self._source, "remaining", 0):
            raise DroppedConnection
        return data


class EndpointGateway(Gateway):
    """Converts one cheroot request into an `HttpRequest` and sends the answer."""

    def respond(self) -> None:
        request = self._read_request()
        try:
            answer = self.req.server.application(request)
            self._drain(request)
        except DroppedConnection:
            self._drop()
        else:
            self._send(answer)

    def _read_request(self) -> HttpRequest:
        path, _, query = self.req.uri.decode("latin-1").partition("?")
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in self.req.inheaders.items()
        }
        method = self.req.method.decode("latin-1")
        return HttpRequest(method, path, query, headers, RequestBody(self.req.rfile))

    def _drain(self, request: HttpRequest) -> None:
        """Read the rest of the body, so that the client of a rejected request gets the answer."""
        while request.body.read(DRAIN_BYTES):
            pass

    def _send(self, answer: HttpAnswer) -> None:
        request = self.req
        request.status = f"{answer.status} {_find_phrase(answer.status)}".encode("ascii")
        request.outheaders = [
            (name.encode("latin-1"), value.encode("latin-1"))
            for name, value in answer.headers.items()
        ]
        request.outheaders.append((b"Date", email.utils.formatdate(usegmt=True).encode("ascii")))
        named = {name.lower() for name in answer.headers}
        bodiless = answer.status in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
        if not bodiless and "content-length" not in named:
            request.outheaders.append((b"Content-Length", b"%d" % answer.content_length))
        try:
            request.ensure_headers_sent()
            if request.method != b"HEAD" and not bodiless:
                self._send_body(answer)
        finally:
            close = getattr(answer.body, "close", None)
            if close is not None:
                close()

    def _send_body(self, answer: HttpAnswer) -> None:
        if isinstance(answer.body, bytes):
            if answer.body:
                self.req.write(answer.body)
            return
        for chunk in answer.body:
            self.req.write(chunk)

    def _drop(self) -> None:
        self.req.close_connection = True
        self.req.sent_headers = True
        with contextlib.suppress(OSError):  # the client may have disconnected already
            self.req.conn.socket.shutdown(socket.SHUT_RDWR)


def _find_phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
