"""`remove` and `diff`: commands of the product, run with the account of a target."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from launcher.commands.accounts import ACCOUNTS
from launcher.context import Context
from launcher.product import Clients

ProductCommand = Callable[[Sequence[str]], Callable[[Clients], None]]


def run_command(
    context: Context, command: ProductCommand, arguments: Sequence[str], target: str
) -> None:
    """Check the arguments of a command, and only then open the account and run it.

    Raises:
        BadInput: an argument is wrong; nothing was started.
        ProductError: the command failed.
    """
    carry_out = command(arguments)
    with ACCOUNTS[target](context) as clients:
        carry_out(clients)
