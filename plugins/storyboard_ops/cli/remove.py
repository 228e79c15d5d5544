"""Remove a film, a shot or a person everywhere: see ``--help``.

Without ``--yes`` it only reports what it would do. boto3 takes credentials and endpoint from its
environment. The DAG ``remove_everywhere`` does the same.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Sequence

from storyboard_ops.cli.ending import end
from storyboard_ops.cli.terminal_log import log_to_terminal
from storyboard_ops.domain.removal.removal_records import (
    RemovalRecord,
    RemovalRequest,
    parse_request,
)
from storyboard_ops.gateways.aws.clients import environment_client
from storyboard_ops.steps.removal.remove_material import Removal
from storyboard_ops.steps.run.clients import Clients

log = logging.getLogger(__name__)


def describe(record: RemovalRecord) -> list[str]:
    """Return what a removal did or would do, as lines for a terminal."""
    did = "was" if record.state == "done" else "would be"
    page = f"{record.request.workspace.rstrip('/')}/removals/{record.removal_id}.html"
    return [
        record.sentence,
        *(f"  run {run} {did} changed" for run in record.runs),
        *(f"  run {run} has no receipt: it may still be running" for run in record.unfinished_runs),
        *(
            f"  model {model.model_arn} of job {model.job_arn} was trained on it"
            for model in record.models
        ),
        *(f"  {note}" for note in record.notes),
        f"Record: {page}"
        if record.state == "done"
        else "Nothing was changed; add --yes to remove it.",
    ]


def main(arguments: list[str], clients: Clients = environment_client) -> int:
    """Run the command and return its exit status."""
    return end(lambda: prepare(arguments)(clients))


def prepare(arguments: Sequence[str]) -> Callable[[Clients], None]:
    """Check the arguments, without any call, and return what carries the command out.

    Raises SettingsError when they do not say what to remove.
    """
    log_to_terminal()
    given = {name: v for name, v in vars(_parser().parse_args(arguments)).items() if v is not None}
    request = parse_request(given)
    return lambda clients: _remove(request, clients)


def _remove(request: RemovalRequest, clients: Clients) -> None:
    removal = Removal(request, clients)
    record = removal.plan() if removal.request.dry_run else removal.carry_out()
    for line in describe(record):
        log.info("%s", line)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="remove", description=(__doc__ or "").partition(":")[0])
    add = parser.add_argument
    add("--workspace", help="s3://bucket[/prefix]; default s3://storyboard-studio")
    add("--film", help="S3 URI of the film, or its SHA-256 in the lineage")
    add("--shot", type=int, help="only this shot of it")
    add("--from", dest="from_s", type=float, metavar="SECONDS", help="only from this time")
    add("--to", dest="to_s", type=float, metavar="SECONDS", help="only up to this time")
    add("--production", help="slug, to remove a person")
    add("--character", help="id of that person in the production")
    add("--reason", required=True, help="why; later runs report it")
    add("--by", dest="requested_by", required=True, help="who requested it")
    add("--delete-models", action="store_true", help="delete models that were trained on it")
    add("--delete-film", action="store_true", help="delete the film's file too")
    add(
        "--yes",
        dest="dry_run",
        action="store_false",
        help="remove it; without --yes it is only reported",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
