"""What the small servers of these tests share: the product's static files and content policy."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from storyboard_ops.airflow_ops.approval.headers import content_policy
from storyboard_ops.gateways.include_files import INCLUDE_ROOT

STATIC = "/storyboard/static/"
TYPES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".json": "application/json",
}


def static_file(path: str) -> tuple[str, bytes]:
    """Return type and content of a file beneath STATIC; raises FileNotFoundError."""
    file = INCLUDE_ROOT / path.removeprefix(STATIC)
    return TYPES[file.suffix], file.read_bytes()


class PageHandler(BaseHTTPRequestHandler):
    """Answers with the content policy of the product."""

    protocol_version = "HTTP/1.1"

    def read_json(self) -> Any:
        """Return the body of the request."""
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

    def send(self, status: int, kind: str, sent: bytes) -> None:
        """Send an answer."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(sent)))
        self.send_header("Content-Security-Policy", content_policy())
        self.end_headers()
        self.wfile.write(sent)

    def send_json(self, status: int, answer: Any) -> None:
        """Send an answer of the API."""
        self.send(status, TYPES[".json"], json.dumps(answer).encode())

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serving(handler: type[PageHandler]) -> Iterator[int]:
    """Serve at a port of this machine while the block runs; yields the port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
