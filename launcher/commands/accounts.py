"""The AWS account that a command uses: the local endpoint's, or the user's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache, partial

from launcher.aws.clients import local_client, users_client
from launcher.aws.clouds import LocalCloud
from launcher.aws.endpoint import Endpoint
from launcher.aws.local_account import (
    STUDIO_WORKSPACE,
    configure_workspaces,
    prepare_account,
)
from launcher.aws.login import check_login
from launcher.aws.played_account import PlayedAccount
from launcher.context import Context
from launcher.embedded.background_stack import BackgroundStack
from launcher.processes.supervisor import Supervisor
from launcher.product import Clients
from launcher.state.lock import hold_lock, is_locked


@contextmanager
def open_local_account(context: Context) -> Iterator[Clients]:
    """Clients of the local endpoint, which runs at least until the block ends.

    Raises:
        UsageError: the endpoint is to play something that is not a day, or not a region.
        StateInUse: a launcher in the foreground uses the state.
    """
    configure_workspaces(STUDIO_WORKSPACE)
    with _running_endpoint(context) as endpoint:
        yield cache(partial(local_client, endpoint=endpoint))


@contextmanager
def open_users_account(context: Context) -> Iterator[Clients]:
    """Clients of the user's own account; raises UsageError if there is no login for it."""
    clients = cache(users_client)
    check_login(clients)
    yield clients


#: By the command line's `--target`.
ACCOUNTS: dict[str, Callable[[Context], AbstractContextManager[Clients]]] = {
    "local": open_local_account,
    "aws": open_users_account,
}


@contextmanager
def _running_endpoint(context: Context) -> Iterator[Endpoint]:
    """The endpoint of `make up`; if none runs, start one on the same state for the block."""
    played = PlayedAccount.from_environment()
    state = context.project.state(played.studio)
    if is_locked(state) and state.running.exists():
        yield BackgroundStack.read(state.running).endpoint
        return
    with hold_lock(state), Supervisor(context.interrupts, context.print_line) as supervisor:
        cloud = LocalCloud(played)
        cloud.start(supervisor, context.project, state)
        cloud.environment(supervisor)
        endpoint = cloud.ready_endpoint()
        prepare_account(endpoint, context.project)
        yield endpoint
