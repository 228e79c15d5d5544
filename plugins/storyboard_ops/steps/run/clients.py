"""The types of what makes clients of AWS and of machines; light to import."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from storyboard_ops.domain.error_tree import MachineUnusable

#: Makes a boto3 client for a service: from Airflow's connection in a task, from boto3 elsewhere.
Clients = Callable[[str], Any]
#: Opens a connection of paramiko by the id of an Airflow connection; the caller closes it.
OpenSsh = Callable[[str], Any]


def refuse_ssh(connection: str) -> Any:
    """Refuse to connect: outside a task there are no connections of Airflow."""
    raise MachineUnusable(
        f"The connection {connection} belongs to Airflow, and only its tasks can use it. Start the "
        "run, whose preflight looks at the machine."
    )
