"""Serve the page on a free port of the loopback interface while a block runs."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from launcher.casting.page import CastPage
from launcher.errors import StartFailed
from launcher.processes.ports import LOOPBACK

START_SECONDS = 20.0
STOP_SECONDS = 5.0


@contextmanager
def serving(page: CastPage) -> Iterator[str]:
    """Serve the page; gives its address.

    Raises:
        StartFailed: the server has not started in time.
    """
    with socket.socket() as listening:
        listening.bind((LOOPBACK, 0))
        port = listening.getsockname()[1]
        server = uvicorn.Server(
            uvicorn.Config(
                page.app(),
                log_level="critical",
                access_log=False,
                lifespan="off",
                timeout_graceful_shutdown=2,
            )
        )
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listening]}, daemon=True, name="cast page"
        )
        thread.start()
        try:
            _wait_started(server)
            yield f"http://{LOOPBACK}:{port}{page.path}"
        finally:
            server.should_exit = True
            thread.join(STOP_SECONDS)


def _wait_started(server: uvicorn.Server) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not server.started:
        if time.monotonic() > deadline:
            raise StartFailed(
                f"The page did not start within {START_SECONDS:.0f} s. Run the command again."
            )
        time.sleep(0.02)
