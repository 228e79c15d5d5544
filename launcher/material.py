"""`remove` and `diff`: the product's own commands on a workspace, in the account of a target."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache

from launcher.aws_clients import local_client, users_client
from launcher.errors import CommandRefused
from launcher.interrupts import Interrupts
from launcher.layout import Project
from launcher.local_endpoint import studio_endpoint
from launcher.product import Clients


@contextmanager
def local_account(project: Project, interrupts: Interrupts) -> Iterator[Clients]:
    """Clients of the local endpoint, which is started for the block where none runs."""
    with studio_endpoint(project, interrupts) as endpoint:
        yield cache(lambda service: local_client(service, endpoint))


@contextmanager
def users_account(project: Project, interrupts: Interrupts) -> Iterator[Clients]:
    """Clients of the user's own account."""
    yield cache(users_client)


ACCOUNTS = {"local": local_account, "aws": users_account}


def remove(arguments: Sequence[str], clients: Clients) -> int:
    """Take a film, a shot or a person out of everything; exit status as of the command."""
    from storyboard_ops.cli.remove import main

    return main(list(arguments), clients)


def diff(arguments: Sequence[str], clients: Clients) -> int:
    """Show what changed between two datasets; exit status as of the command."""
    from storyboard_ops.cli.diff import main

    return main(list(arguments), clients)


def carry_out(
    command: Callable[[Sequence[str], Clients], int],
    arguments: Sequence[str],
    target: str,
    project: Project,
    interrupts: Interrupts,
) -> None:
    """Run a command of the product; raises CommandRefused with its exit status."""
    with ACCOUNTS[target](project, interrupts) as clients:
        status = command(arguments, clients)
    if status:
        raise CommandRefused(status)
