"""End what is past its lease, found by tags in the account, without the records of any run."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime

from storyboard_ops.domain.error_tree import BadInput, NotFound, ServiceError
from storyboard_ops.domain.money.resource_lease import EXPIRES_TAG, RUN_TAG, is_ours, read_lease
from storyboard_ops.domain.money.sweep_report import Outcome, SweepReport, SweptResource
from storyboard_ops.domain.utc_time import utc_now
from storyboard_ops.gateways.money.leased_capacity import CAPACITY_KINDS, Billing, CapacityKind
from storyboard_ops.steps.run.clients import Clients

log = logging.getLogger(__name__)


def release_expired(clients: Clients, clock: Callable[[], datetime] = utc_now) -> SweepReport:
    """End every resource of ours that is past its lease, and report what was seen.

    Resources of other owners, or with an unreadable lease, are left alone. A failure with one
    resource or one kind does not stop the others.
    """
    seen = [found for kind in CAPACITY_KINDS for found in _sweep(kind, clients, clock())]
    report = SweepReport(
        resources=tuple(found for found in seen if found is not None), others=seen.count(None)
    )
    for found in report.resources:
        log.info("%s: %s %s %s", found.outcome, found.kind, found.name, found.reason)
    log.info("Swept: %s; %d of other owners.", report.counts or "nothing", report.others)
    return report


def _sweep(kind: CapacityKind, clients: Clients, now: datetime) -> Iterator[SweptResource | None]:
    """Sweep one kind; yields the outcome of each resource, None for one that is not ours."""
    try:
        client = kind.client(clients)
        every = list(kind.find(client))
    except ServiceError as error:
        yield _line(kind, Billing(arn="*", name="(any)"), "failed", reason=f"not listed: {error}")
        return
    for billing in every:
        try:
            yield _end_if_expired(kind, client, billing, now)
        except NotFound:  # lists lag, and others may be faster
            continue
        except ServiceError as error:
            yield _line(kind, billing, "failed", reason=str(error))


def _end_if_expired(
    kind: CapacityKind, client: object, billing: Billing, now: datetime
) -> SweptResource | None:
    tags = kind.tags(client, billing.arn)
    if not is_ours(tags):
        return None
    facts = {"run": tags.get(RUN_TAG, ""), "expires_at": tags.get(EXPIRES_TAG, "")}
    try:
        lease = read_lease(tags)
    except BadInput as error:
        return _line(kind, billing, "malformed", reason=str(error), **facts)
    if not lease.is_over(now):
        return _line(kind, billing, "leased", **facts)
    kind.end(client, billing.arn)
    return _line(kind, billing, "released", **facts)


def _line(kind: CapacityKind, billing: Billing, outcome: Outcome, **facts: str) -> SweptResource:
    return SweptResource(
        kind=kind.name, name=billing.name, arn=billing.arn, outcome=outcome, **facts
    )
