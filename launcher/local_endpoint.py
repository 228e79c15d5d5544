"""The studio's local AWS endpoint for a command that needs no Airflow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from launcher import local_account, state_lock
from launcher.background import STUDIO, Running
from launcher.clouds import LocalCloud
from launcher.environment import Endpoint
from launcher.interrupts import Interrupts
from launcher.layout import Project
from launcher.local_run import BUCKET
from launcher.supervisor import Supervisor


@contextmanager
def studio_endpoint(project: Project, interrupts: Interrupts) -> Iterator[Endpoint]:
    """The endpoint that `make up` runs, else one that is started on its state for the block.

    It has the bucket and the roles that a run asks for.

    Raises:
        StateInUse: a launcher in the foreground uses the state.
    """
    state = project.state(STUDIO)
    if state_lock.is_held(state) and state.running.exists():
        yield Running.read(state.running).endpoint
        return
    with state_lock.held(state), Supervisor(interrupts) as supervisor:
        cloud = LocalCloud()
        cloud.start(supervisor, project, state)
        cloud.environment(supervisor)
        endpoint = cloud.ready_endpoint()
        local_account.prepare(endpoint, BUCKET, project.policies)
        yield endpoint
