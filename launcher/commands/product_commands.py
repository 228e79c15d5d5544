"""`remove` and `diff`: commands of the product, run with the account of a target."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from launcher.commands.accounts import ACCOUNTS
from launcher.context import Context
from launcher.errors import CommandRefused
from launcher.product import Clients

ProductCommand = Callable[[Sequence[str], Clients], int]


def run_command(
    context: Context, command: ProductCommand, arguments: Sequence[str], target: str
) -> None:
    """Run a command of the product; raises CommandRefused with its exit code if it fails."""
    with ACCOUNTS[target](context) as clients:
        exit_code = command(arguments, clients)
    if exit_code:
        raise CommandRefused(exit_code)
