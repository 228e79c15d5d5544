"""TCP ports of the loopback interface."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from dataclasses import dataclass

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class ApiPorts:
    """Loopback ports of Airflow's two API servers: for people and tools, and for running tasks."""

    people: int
    tasks: int

    @property
    def url(self) -> str:
        """Base of the UI and of the public REST API."""
        return f"http://{LOOPBACK}:{self.people}"

    @property
    def tasks_url(self) -> str:
        """Base of the API that tasks, triggers and DAG parsing use."""
        return f"http://{LOOPBACK}:{self.tasks}/execution/"


def find_free_ports(count: int) -> list[int]:
    """Return `count` different ports that are free now.

    All are bound until the last is found, so that no two are the same. Another program may take one
    before its owner binds it; the owner then fails to start, which the supervisor reports.
    """
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind((LOOPBACK, 0))
        return [each.getsockname()[1] for each in sockets]
