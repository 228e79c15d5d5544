"""`results`: download what a run has left, after a terminal was closed or a disk was full."""

from __future__ import annotations

import re

from launcher.commands.accounts import ACCOUNTS
from launcher.context import Context
from launcher.errors import RunFailed, UsageError
from launcher.product import Workspace, find_run
from launcher.runs.results import RECEIPT, download_results, list_keys
from launcher.state.room import require_room

#: A run's id that can name a folder as it is.
PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


def fetch_results(context: Context, run: str, workspace: str, target: str) -> None:
    """Download the results of a run that has ended into `out/<run>/`, and print their paths.

    Raises:
        UsageError: no run was named.
        ProductError: there is no such run, or no such workspace.
        RunFailed: the run has not ended, or has left no results.
    """
    if not run.strip():
        raise UsageError("No run was named: make results RUN=<its id, as Airflow shows it>")
    place = Workspace.at(workspace)
    require_room((context.project.out, context.project.states))
    with ACCOUNTS[target](context) as clients:
        s3 = clients("s3")
        key = find_run(place, s3, run)
        root = place.run(key)
        if (root / RECEIPT).key not in list_keys(s3, root):
            raise RunFailed(
                f"The run {key} has not ended: it has no receipt yet. Its results are complete "
                "once its teardown has run; `make status` shows where to watch it."
            )
        name = run if PLAIN_NAME.fullmatch(run) else key
        paths = download_results(s3, root, context.project.out / name, context.print_line)
    for path in paths:
        context.print_line(f"  {path}")
