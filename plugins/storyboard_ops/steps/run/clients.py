"""The types of what makes clients of AWS and of machines; light to import."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from storyboard_ops.domain.error_tree import MachineUnusable

#: Opens a connection of paramiko by the id of an Airflow connection; the caller closes it.
OpenSsh = Callable[[str], Any]


class Clients(Protocol):
    """Makes a boto3 client for a service: from Airflow's connection in a task, else from boto3.

    ``region``: another one than that of the run, for what only some regions offer.
    """

    def __call__(self, service: str, region: str | None = None, /) -> Any: ...


def refuse_ssh(connection: str) -> Any:
    """Refuse to connect: outside a task there are no connections of Airflow."""
    raise MachineUnusable(
        f"The connection {connection} belongs to Airflow, and only its tasks can use it. Start the "
        "run, whose preflight looks at the machine."
    )
