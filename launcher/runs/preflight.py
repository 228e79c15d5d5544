"""Every check of the product before a run costs money, shown as a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from launcher.errors import RunFailed, UsageError
from launcher.product import Clients, PreflightReport, ProductError, check_run, is_configured
from launcher.runs.inputs import Request
from launcher.runs.uploads import upload_request
from launcher.terminal import add_row, make_table, print_text

STYLES = {"pass": "green", "warn": "yellow", "fail": "red"}


def check_request(
    console: Console, run_key: str, request: Request, clients: Clients
) -> Mapping[str, Any]:
    """Upload the inputs, show the finding of every check, and return the parameters of the run.

    Raises:
        UsageError: the workspace is not configured, or its bucket cannot be used.
        RunFailed: a check failed, or the parameters cannot be checked.
    """
    workspace = request.workspace
    if not is_configured(workspace):  # films may be large: say so before they are uploaded
        raise UsageError(
            f"{workspace.root} is not configured in this deployment, so nothing was uploaded. Add "
            "it to include/deployment.yaml, under workspaces; or name another: "
            'PARAMS=\'{"workspace": "s3://bucket/prefix"}\'.'
        )
    params = upload_request(
        clients("s3"), request, workspace, lambda line: print_text(console, line)
    )
    try:
        report = check_run(run_key, params, clients)
    except ProductError as error:
        raise RunFailed(str(error)) from error
    show(console, report)
    if report.failed:
        names = ", ".join(check.name for check in report.failed)
        raise RunFailed(f"A run would be refused: {names}. Nothing has been paid.")
    return params


def show(console: Console, report: PreflightReport) -> None:
    """Print the checks as a table, with the remedy of each that did not pass."""
    table = make_table(("", "check", "finding"), title="Preflight")
    for check in report.checks:
        style = STYLES[check.state]
        lines = check.finding if check.state == "pass" else f"{check.finding}\n{check.remedy}"
        add_row(table, check.state, check.name, lines.strip(), style=style)
    console.print(table)
    if report.cost_sentence:
        print_text(console, report.cost_sentence)
