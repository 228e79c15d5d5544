"""Compare the datasets of two runs: ``make diff A=… B=…``.

Writes one self-contained page with pictures. boto3 takes credentials and endpoint from its
environment.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from storyboard_ops.cli.ending import end
from storyboard_ops.cli.terminal_log import log_to_terminal
from storyboard_ops.core.dataset.diff import KINDS
from storyboard_ops.domain.object_keys import Workspace
from storyboard_ops.gateways.aws.clients import environment_client
from storyboard_ops.gateways.storage.object_store import ObjectStore
from storyboard_ops.steps.report.compare_datasets import compare_runs
from storyboard_ops.steps.run.clients import Clients
from storyboard_ops.steps.run.earlier_runs import find_run, tools_of_run
from storyboard_ops.steps.run.tool_box import ToolBox

log = logging.getLogger(__name__)


def main(arguments: list[str], clients: Clients = environment_client) -> int:
    """Run the command and return its exit status."""
    return end(lambda: prepare(arguments)(clients))


def prepare(arguments: Sequence[str]) -> Callable[[Clients], None]:
    """Check the arguments, without any call, and return what carries the command out.

    Raises SettingsError when a workspace is not an S3 URI.
    """
    log_to_terminal()
    parser = argparse.ArgumentParser(prog="diff", description=(__doc__ or "").partition(":")[0])
    parser.add_argument("earlier", help="the earlier run: its id, or its folder in runs/")
    parser.add_argument("later", help="the later run")
    parser.add_argument("--workspace", default="s3://storyboard-studio", help="s3://bucket/prefix")
    parser.add_argument("--out", type=Path, default=Path("out/diff.html"), help="file of the page")
    given = parser.parse_args(arguments)
    workspace = Workspace.at(given.workspace)
    return lambda clients: _compare(given, workspace, clients)


def _compare(given: argparse.Namespace, workspace: Workspace, clients: Clients) -> None:
    earlier, later = (_open_run(workspace, clients, name) for name in (given.earlier, given.later))
    given.out.parent.mkdir(parents=True, exist_ok=True)
    diff, page = compare_runs(earlier, later)
    given.out.write_text(page, encoding="utf-8")
    counts = ", ".join(f"{len(getattr(diff, kind)):,} {kind}" for kind in KINDS)
    log.info("%s, %s unchanged. Page: %s", counts, f"{diff.unchanged:,}", given.out)


def _open_run(workspace: Workspace, clients: Clients, name: str) -> ToolBox:
    key = find_run(workspace, ObjectStore(clients("s3")), name)
    tools = tools_of_run(workspace, clients, key)
    assert tools is not None, "it has just been found"
    return tools


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
