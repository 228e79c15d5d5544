"""`preflight`: every check of the product before a run costs money, without the run.

It buys nothing. Films and production files on this machine are uploaded into the workspace as `run`
does, because the checks read them there.
"""

from __future__ import annotations

from dataclasses import replace

from launcher.aws.local_account import configure_workspaces
from launcher.commands.accounts import ACCOUNTS
from launcher.commands.pipeline import print_remarks
from launcher.context import Context
from launcher.runs.inputs import Arguments, read_request, refuse_unreadable_films
from launcher.runs.local_run import LOCAL_DEFAULTS
from launcher.runs.preflight import check_request
from launcher.state.layout import SAMPLE_PRODUCTION
from launcher.state.room import require_room

RUN_KEY = "preflight"


def preflight(context: Context, arguments: Arguments, target: str) -> None:
    """Check a run and print the findings.

    Raises:
        UsageError: an argument is wrong.
        RunFailed: a check failed.
    """
    defaults = LOCAL_DEFAULTS if target == "local" else {}
    if not arguments.videos.strip(" ,") and not arguments.production:
        arguments = replace(arguments, production=SAMPLE_PRODUCTION)  # an account by itself
    request = read_request(context.project, arguments, defaults, needs_video=False)
    print_remarks(context, request)
    refuse_unreadable_films(request)
    require_room((context.project.states,))
    if target == "local":
        configure_workspaces(str(request.workspace.root))
    with ACCOUNTS[target](context) as clients:
        check_request(context.console, RUN_KEY, request, clients)
