"""`release`: releases resources whose lease has expired, as `release_capacity` does hourly."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console

from launcher.commands.accounts import ACCOUNTS
from launcher.context import Context
from launcher.errors import RunFailed
from launcher.product import Outcome, ProductError, SweepReport, release_expired
from launcher.terminal import add_row, make_table, print_text

STYLES: Mapping[Outcome, str] = {
    "released": "green",
    "leased": "",
    "malformed": "yellow",
    "failed": "red",
    "unrecognized": "yellow",
    "overdue": "red",
}


def release(context: Context, target: str) -> None:
    """Release expired resources and print what was found; raises RunFailed if one remains."""
    with ACCOUNTS[target](context) as clients:
        report = release_expired(clients)
    show(context.console, report)
    try:
        report.raise_for_failures()
    except ProductError as error:
        raise RunFailed(str(error)) from error


def show(console: Console, report: SweepReport) -> None:
    """Print each resource of the pipeline and what happened to it, and those that look like it."""
    others = f"{report.others} resources of other owners were left alone."
    if not report.resources:
        print_text(console, f"Nothing of the pipeline bills in this account. {others}")
        return
    table = make_table(("", "what", "name", "lease ends"), title="Leases")
    for found in report.resources:
        style = STYLES[found.outcome]
        add_row(table, found.outcome, found.kind, found.name, found.expires_at, style=style)
    console.print(table)
    for found in report.with_outcome("unrecognized"):
        print_text(console, f"{found.name} was left alone: {found.reason}")
    print_text(console, others)
