"""`release`: ends what is past its lease in the account now, as `release_capacity` does hourly."""

from __future__ import annotations

from functools import cache

from rich.console import Console
from rich.table import Table

from launcher.aws_clients import local_client, users_client
from launcher.errors import RunFailed
from launcher.interrupts import Interrupts
from launcher.layout import Project
from launcher.local_endpoint import studio_endpoint
from launcher.product import Clients, ProductError, SweepReport

STYLES = {"released": "green", "leased": "", "malformed": "yellow", "failed": "red"}


def release_locally(project: Project, console: Console, interrupts: Interrupts) -> None:
    """Sweep the local endpoint; raises RunFailed when something is left that should not be."""
    with studio_endpoint(project, interrupts) as endpoint:
        _release(console, cache(lambda service: local_client(service, endpoint)))


def release_on_aws(project: Project, console: Console, interrupts: Interrupts) -> None:
    """Sweep the user's own account; raises RunFailed when something is left that should not be."""
    _release(console, cache(users_client))


def _release(console: Console, clients: Clients) -> None:
    from storyboard_ops.steps.release.release_expired import release_expired

    report = release_expired(clients)
    show(console, report)
    try:
        report.raise_for_failures()
    except ProductError as error:
        raise RunFailed(str(error)) from error


def show(console: Console, report: SweepReport) -> None:
    """What was found of ours, and what became of it."""
    others = f"{report.others} resources of other owners were left alone."
    if not report.resources:
        console.print(f"Nothing of the pipeline bills in this account. {others}", highlight=False)
        return
    table = Table(title="Leases", title_justify="left")
    for column in ("", "what", "name", "lease ends"):
        table.add_column(column, overflow="fold")
    for found in report.resources:
        style = STYLES[found.outcome]
        table.add_row(found.outcome, found.kind, found.name, found.expires_at, style=style)
    console.print(table, highlight=False)
    console.print(others, highlight=False)
