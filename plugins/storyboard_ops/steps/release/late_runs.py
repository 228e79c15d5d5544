"""Find the runs that take longer than estimated, in all workspaces of the deployment."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from storyboard_ops.domain.error_tree import NotFound, StoryboardError
from storyboard_ops.domain.monitoring.metrics import Emit, report_nothing
from storyboard_ops.domain.monitoring.run_under_way import RunUnderWay
from storyboard_ops.domain.object_keys import S3Uri, Workspace
from storyboard_ops.domain.utc_time import utc_now
from storyboard_ops.gateways.storage.object_store import ObjectStore
from storyboard_ops.steps.run.clients import Clients
from storyboard_ops.steps.run.under_way import report_run, write_run_under_way

log = logging.getLogger(__name__)


def report_late_runs(
    clients: Clients,
    workspaces: Sequence[Workspace],
    notify: Callable[[RunUnderWay], None],
    emit: Emit = report_nothing,
    clock: Callable[[], datetime] = utc_now,
) -> list[RunUnderWay]:
    """Notify people once of every run that is late; returns all late runs.

    Reports the metrics of every run that is under way. A workspace that cannot be read does not
    stop the others.
    """
    objects = ObjectStore(clients("s3"))
    late = []
    for workspace in workspaces:
        for place, run in _runs(objects, workspace):
            report_run(emit, run)
            if not run.is_late(clock()):
                continue
            late.append(run)
            log.warning("Run %s should have ended at %s.", run.run_id, run.expected_end)
            if not run.reported_late:
                notify(run)
                told = run.model_copy(update={"reported_late": True})
                write_run_under_way(objects, place, told)
    return late


def _runs(objects: ObjectStore, workspace: Workspace) -> Iterator[tuple[S3Uri, RunUnderWay]]:
    try:
        for head in objects.list(workspace.under_way()):
            yield head.uri, objects.record(head.uri, RunUnderWay)
    except NotFound:  # a bucket that does not exist has no runs
        log.warning("The bucket of workspace %s does not exist.", workspace.root)
    except StoryboardError as error:
        log.warning("The runs of workspace %s cannot be read: %s", workspace.root, error)
