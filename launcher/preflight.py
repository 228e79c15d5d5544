"""`preflight` alone: every check of the product before money, as one table and an exit code.

It runs nothing and buys nothing. Films and productions that lie on this machine are put into the
workspace, as `run` would, because the checks read them where the run will.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from launcher import uploads
from launcher.aws_clients import local_client, users_client
from launcher.errors import BadInput, RunFailed
from launcher.inputs import Request, read_preflight_request
from launcher.interrupts import Interrupts
from launcher.layout import Project
from launcher.local_endpoint import studio_endpoint
from launcher.local_run import LOCAL_DEFAULTS
from launcher.product import (
    AccountSettings,
    Clients,
    PreflightReport,
    ProductError,
    RunSettings,
    Workspace,
    parse_as,
)

RUN_KEY = "preflight"
STYLES = {"pass": "green", "warn": "yellow", "fail": "red"}


@dataclass(frozen=True)
class PreflightInputs:
    """What `preflight` is given on the command line, unchecked; `videos` may be empty."""

    videos: str
    production: str
    params: str


def check_locally(
    project: Project, console: Console, interrupts: Interrupts, inputs: PreflightInputs
) -> None:
    """Check against the local endpoint; raises RunFailed when a check has failed."""
    request = _request(project, inputs, LOCAL_DEFAULTS)
    with studio_endpoint(project, interrupts) as endpoint:
        _check(console, request, cache(lambda service: local_client(service, endpoint)))


def check_on_aws(
    project: Project, console: Console, interrupts: Interrupts, inputs: PreflightInputs
) -> None:
    """Check against the user's own account; raises RunFailed when a check has failed."""
    request = _request(project, inputs, {})
    if "workspace" not in request.params:
        raise BadInput(
            "On AWS the workspace has to be named: "
            'PARAMS=\'{"workspace": "s3://your-bucket/prefix"}\'.'
        )
    _check(console, request, cache(users_client))


def report_on(key: str, conf: Mapping[str, Any], clients: Clients) -> PreflightReport:
    """Every check of a run with these parameters; raises RunFailed when they cannot be read."""
    from storyboard_ops.steps.preflight.check_preflight import preflight_report
    from storyboard_ops.steps.run.tool_box import ToolBox

    # Without a film, everything else can still be checked.
    settings_type = RunSettings if conf["videos"] else AccountSettings
    try:
        settings = parse_as(settings_type, conf)
        return preflight_report(ToolBox(key, settings, clients))
    except ProductError as error:
        raise RunFailed(str(error)) from error


def show(console: Console, report: PreflightReport) -> None:
    """The checks as a table, with the remedy of everything that is not right."""
    table = Table(title="Preflight", title_justify="left", show_lines=False)
    for column in ("", "check", "finding"):
        table.add_column(column, overflow="fold")
    for check in report.checks:
        style = STYLES[check.state]
        lines = check.finding if check.state == "pass" else f"{check.finding}\n{check.remedy}"
        table.add_row(*map(Text, (check.state, check.name, lines.strip())), style=style)
    console.print(table, highlight=False)
    if report.estimate:
        console.print(
            f"The whole run is estimated at {report.estimate_usd:,.2f} USD by the prices of "
            f"{report.price_table_date}.",
            highlight=False,
        )


def refuse(report: PreflightReport) -> None:
    """Raise RunFailed when a check has failed."""
    if report.failed:
        names = ", ".join(check.name for check in report.failed)
        raise RunFailed(f"A run would be refused: {names}. Nothing has been paid.")


def _request(project: Project, inputs: PreflightInputs, defaults: Mapping[str, Any]) -> Request:
    return read_preflight_request(
        project, inputs.videos, inputs.production, inputs.params, defaults
    )


def _check(console: Console, request: Request, clients: Clients) -> None:
    conf = uploads.upload_request(clients("s3"), request, Workspace.at(request.params["workspace"]))
    report = report_on(RUN_KEY, conf, clients)
    show(console, report)
    refuse(report)
