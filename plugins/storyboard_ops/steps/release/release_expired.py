"""End what is past its lease: found by tags in the account, and confirmed by a run's claim.

Anyone who may tag a resource can write the tags of a lease, so tags alone delete nothing. A
resource is ours when its name is one that the pipeline gives, its tags name the pipeline and a run,
and that run's claim in one of the workspaces names the resource.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from storyboard_ops.core.text.wording import count_in_words
from storyboard_ops.domain.bounded_text import short_repr, shorten
from storyboard_ops.domain.error_tree import (
    BadInput,
    NotFound,
    ServiceError,
    StoryboardError,
)
from storyboard_ops.domain.money.resource_lease import (
    EXPIRES_TAG,
    OWNER_TAG,
    RUN_TAG,
    is_ours,
    read_lease,
)
from storyboard_ops.domain.money.sweep_report import Outcome, SweepReport, SweptResource
from storyboard_ops.domain.monitoring.metrics import Emit, report_nothing
from storyboard_ops.domain.object_keys import Workspace, is_aws_name, is_run_key
from storyboard_ops.domain.training.model_facts import Claim
from storyboard_ops.domain.utc_time import utc_now
from storyboard_ops.gateways.money.leased_capacity import CAPACITY_KINDS, Billing, CapacityKind
from storyboard_ops.gateways.storage.object_store import ObjectStore
from storyboard_ops.steps.money.claims import find_claim, report_lease
from storyboard_ops.steps.run.clients import Clients

log = logging.getLogger(__name__)

#: How long after its lease an unrecognized resource needs a person: several deployments may share
#: an account, and each releases its own within an hour or two.
OVERDUE_AFTER = timedelta(hours=3)
#: Longest shown value of a tag; AWS allows 256 characters.
MOST_SHOWN_TAG = 256


def release_expired(
    clients: Clients,
    workspaces: Sequence[Workspace],
    clock: Callable[[], datetime] = utc_now,
    emit: Emit = report_nothing,
) -> SweepReport:
    """End every resource of ours that is past its lease, and report what was seen.

    ``workspaces``: those of the deployment; a resource that none of them knows is left alone, and
    so is one with an unreadable lease. A failure with one resource or one kind does not stop the
    others.
    """
    sweep = _Sweep(clients, workspaces, clock())
    seen = [found for kind in CAPACITY_KINDS for found in sweep.end_expired(kind)]
    report = SweepReport(
        resources=tuple(found for found in seen if found is not None), others=seen.count(None)
    )
    for found in report.resources:
        level = logging.WARNING if found.outcome == "unrecognized" else logging.INFO
        log.log(level, "%s: %s %s %s", found.outcome, found.kind, found.name, found.reason)
        _report(emit, found)
    swept = count_in_words(report.counts) or "nothing"
    log.info("Swept: %s; %d of other owners.", swept, report.others)
    return report


def _report(emit: Emit, found: SweptResource) -> None:
    """Report the lease of a resource that some run has claimed."""
    if not found.claimed_at:
        return
    began = datetime.fromisoformat(found.claimed_at)
    ends = read_lease({EXPIRES_TAG: found.expires_at}).expires
    bills = ends is not None and found.outcome != "released"
    report_lease(emit, found.run, found.name, began if bills else None, ends if bills else None)


@dataclass(frozen=True)
class _Sweep:
    clients: Clients
    workspaces: Sequence[Workspace]
    now: datetime

    @cached_property
    def _objects(self) -> ObjectStore:
        return ObjectStore(self.clients("s3"))

    def end_expired(self, kind: CapacityKind) -> Iterator[SweptResource | None]:
        """Sweep one kind; yields the outcome of each resource, None for one of other owners."""
        try:
            client = kind.client(self.clients)
            every = list(kind.find(client))
        except ServiceError as error:
            anything = Billing(arn="*", name="(any)", claimed_as="")
            yield _line(kind, anything, "failed", reason=f"not listed: {error}")
            return
        for billing in every:
            try:
                yield self._end_if_expired(kind, client, billing)
            except NotFound:  # lists lag, and others may be faster
                continue
            except StoryboardError as error:
                yield _line(kind, billing, "failed", reason=str(error))

    def _end_if_expired(
        self, kind: CapacityKind, client: object, billing: Billing
    ) -> SweptResource | None:
        tags = kind.tags(client, billing.arn)
        named = is_aws_name(billing.claimed_as, kind.purpose)
        if not (named or is_ours(tags)):
            return None
        facts = {
            "run": shorten(tags.get(RUN_TAG, ""), MOST_SHOWN_TAG),
            "expires_at": shorten(tags.get(EXPIRES_TAG, ""), MOST_SHOWN_TAG),
        }
        if not is_ours(tags):
            why = f"its name is one of ours, but it has no tag {OWNER_TAG} of the pipeline"
            return _line(kind, billing, "unrecognized", reason=why, **facts)
        try:
            lease = read_lease(tags)
        except BadInput as error:
            return _line(kind, billing, "malformed", reason=str(error), **facts)
        claimed, why = self._find_claim(kind, billing, tags)
        if claimed is None:
            outcome: Outcome = "unrecognized"
            if lease.is_over(self.now - OVERDUE_AFTER):
                outcome = "overdue"
                why += "; if it is yours, delete it or find out who tagged it"
            return _line(kind, billing, outcome, reason=why, **facts)
        facts["claimed_at"] = claimed.claimed_at
        if not lease.is_over(self.now):
            return _line(kind, billing, "leased", **facts)
        kind.end(client, billing.arn)
        return _line(kind, billing, "released", **facts)

    def _find_claim(
        self, kind: CapacityKind, billing: Billing, tags: Mapping[str, str]
    ) -> tuple[Claim | None, str]:
        """Return the claim on a resource with our owner tag; without one, why it is not ours.

        Raises ServiceError when no workspace knows it, but one of them cannot be read now.
        """
        run = tags.get(RUN_TAG, "")
        if not is_aws_name(billing.claimed_as, kind.purpose):
            return None, "its name is not one that the pipeline gives"
        if not is_run_key(run):
            return None, f"its tag {RUN_TAG} is {short_repr(run)}, which is not the key of a run"
        unread: list[str] = []
        for workspace in self.workspaces:
            try:
                name = billing.claimed_as
                if found := find_claim(self._objects, workspace, run, kind.name, name):
                    return found, ""
            except NotFound:  # a bucket that does not exist has no claims
                log.warning("The bucket of workspace %s does not exist.", workspace.root)
            except StoryboardError as error:
                unread.append(f"{workspace.root}: {error}")
        if unread:
            raise ServiceError(
                f"whether run {run} bought it cannot be read now, so it was left alone; "
                + " ".join(unread)
            )
        known = ", ".join(str(workspace.root) for workspace in self.workspaces)
        return None, f"run {run} has no claim on it in {known}"


def _line(kind: CapacityKind, billing: Billing, outcome: Outcome, **facts: str) -> SweptResource:
    return SweptResource(
        kind=kind.name, name=billing.name, arn=billing.arn, outcome=outcome, **facts
    )
