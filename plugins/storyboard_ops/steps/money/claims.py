"""Give every paid resource a claim before it is requested, a lease, an owner and a receipt line.

The claim is written first, so that a task killed after the request leaks nothing. The line is
written when the resource is seen and again when it is gone, so that a teardown killed after the
deletion still has it on the receipt.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from pydantic import ValidationError

from storyboard_ops.domain.base_record import canonical_json
from storyboard_ops.domain.error_tree import GateClosed, ManifestCorrupt
from storyboard_ops.domain.money.paid_usage import PaidResource
from storyboard_ops.domain.money.resource_lease import (
    LONGEST_LEASE_H,
    RUN_TAG,
    Lease,
    extend_lease,
    is_ours,
)
from storyboard_ops.domain.monitoring.metrics import LEASE_BEGAN, LEASE_ENDS, Emit
from storyboard_ops.domain.object_keys import S3Uri, Workspace, is_run_key, slug
from storyboard_ops.domain.settings.money import MoneySection
from storyboard_ops.domain.training.model_facts import BILLS_BY_TIME, Claim, ClaimKind
from storyboard_ops.domain.utc_time import iso_millis
from storyboard_ops.gateways.storage.object_store import ObjectStore
from storyboard_ops.steps.run.tool_box import ToolBox

#: The time that a commitment is billed for in any case; see CreateProvisionedModelThroughput.
COMMITMENTS = {"OneMonth": timedelta(days=30), "SixMonths": timedelta(days=180)}


def lease_end(tools: ToolBox[MoneySection]) -> datetime:
    """Return when a lease that begins now ends."""
    return tools.clock() + timedelta(hours=tools.settings.lease_h)


def lease_until(tools: ToolBox[MoneySection], expires: datetime | None) -> dict[str, str]:
    """Return the tags for a resource's owner and end of lease; None: it is kept."""
    return Lease(run=tools.run_key, expires=expires).tags


def extended_lease(
    tools: ToolBox[MoneySection], expires: datetime, found: Mapping[str, str]
) -> dict[str, str]:
    """Return the tags for an adopted resource with these tags: its lease is never shortened.

    A lease that is longer than a run can request was not written by one, and is not honoured.
    """
    own = Lease(run=tools.run_key, expires=expires)
    lease = extend_lease(own, found)
    longest = tools.clock() + timedelta(hours=LONGEST_LEASE_H)
    return (own if lease.expires is None or lease.expires > longest else lease).tags


def kept_until(tools: ToolBox[MoneySection], bought_at: datetime) -> datetime | None:
    """Return until when capacity outlives the run on purpose; None when it does not."""
    settings = tools.settings
    until = settings.keep_capacity_until
    if settings.commitment != "none":
        until = bought_at + COMMITMENTS[settings.commitment]
    return until if until is not None and until > tools.clock() else None


def claim(tools: ToolBox[MoneySection], kind: ClaimKind, name: str) -> None:
    """Record that this run is about to create a paid resource of this name."""
    now = tools.clock()
    _write(tools, Claim(kind=kind, name=name, owner=tools.run_key, claimed_at=iso_millis(now)))
    if kind in BILLS_BY_TIME:
        report_lease(tools.emit, tools.run_key, name, now, lease_end(tools))


def announce(tools: ToolBox[MoneySection], kind: ClaimKind, name: str) -> None:
    """Record that this run is about to use a shared resource; an existing claim stays.

    So the release also ends the use of a run that is killed right after it has joined.
    """
    now = iso_millis(tools.clock())
    record = Claim(kind=kind, name=name, owner=tools.run_key, claimed_at=now, begun=False)
    tools.objects.create(_place(tools, record), canonical_json(record).encode(), "application/json")


def transfer_claim(tools: ToolBox[MoneySection], claimed: Claim, new_owner: str) -> None:
    """Transfer a claim to another run, which uses the resource and must release it."""
    made_by = claimed.made_by or tools.run_key
    _write(tools, claimed.model_copy(update={"owner": new_owner, "made_by": made_by}))


def find_claim(
    objects: ObjectStore, workspace: Workspace, run: str, kind: ClaimKind, name: str
) -> Claim | None:
    """Find a run's claim on a resource that it bought; None when the workspace has none.

    Raises a StoryboardError when the workspace cannot be read or the claim is malformed.
    """
    place = _place_of(workspace, run, kind, name)
    # Not HEAD: without the right to list, S3 denies access to a key that does not exist.
    if all(head.uri != place for head in objects.list(place)):
        return None
    try:
        claimed = Claim.model_validate_json(objects.get(place))
    except ValidationError as error:
        raise ManifestCorrupt(f"{place} is not a claim.") from error
    bought = (claimed.kind, claimed.name, claimed.owner, claimed.begun) == (kind, name, run, True)
    return claimed if bought else None


def is_claimed(
    tools: ToolBox[MoneySection], kind: ClaimKind, name: str, tags: Mapping[str, str]
) -> bool:
    """Return whether the run in a resource's tags has claimed it in this workspace."""
    run = tags.get(RUN_TAG, "")
    return (
        is_ours(tags)
        and is_run_key(run)
        and find_claim(tools.objects, tools.workspace, run, kind, name) is not None
    )


def refuse_unclaimed(
    tools: ToolBox[MoneySection], kind: ClaimKind, name: str, tags: Mapping[str, str]
) -> None:
    """Raise GateClosed unless this run has claimed a resource and its tags say that it bought it.

    A name can be guessed, so an existing resource of the expected name may be somebody else's.
    """
    bought = is_ours(tags) and tags.get(RUN_TAG) == tools.run_key
    if bought and is_claimed(tools, kind, name, tags):
        return
    what = "was not claimed by this run" if bought else "is not tagged as this run's"
    raise GateClosed(
        f"The {kind} {name} exists, but {what}. It is not adopted; find out who made it, then "
        "delete or rename it."
    )


def claims(tools: ToolBox[MoneySection]) -> list[Claim]:
    """Return the claims of this run in the order in which they must be released."""
    # What bills by the hour comes first, and a model in use cannot be deleted.
    order = (
        "provisioned throughput",
        "custom labels inference",
        "customization job",
        "training job",
        "drawing job",
        "gpu job",
        "custom model",
        "custom labels model",
        "face collection",
    )
    found = tools.objects.list(tools.run_root / "claims/")
    records = [tools.objects.record(head.uri, Claim) for head in found]
    return sorted(records, key=lambda record: (order.index(record.kind), record.claimed_at))


def write_line(tools: ToolBox[MoneySection], resource: PaidResource) -> PaidResource:
    """Write a line of the receipt; writing the same purchase again replaces its line."""
    # A cleared task may have bought twice under one name: the start identifies the purchase.
    line = f"{slug(resource.kind)}/{resource.name}-{slug(resource.created_at)}.json"
    body = canonical_json(resource).encode()
    tools.objects.put(tools.run_root / f"resources/{line}", body, "application/json")
    ended = resource.deleted_at or not resource.bills
    if ended and resource.kind in BILLS_BY_TIME:
        report_lease(tools.emit, tools.run_key, resource.name, None, None)
    return resource


def report_lease(
    emit: Emit, run: str, resource: str, began: datetime | None, ends: datetime | None
) -> None:
    """Report when a resource that bills was claimed and its lease ends; None: it is released."""
    labels = {"run": run, "resource": resource}
    for metric, moment in ((LEASE_BEGAN, began), (LEASE_ENDS, ends)):
        emit(metric, moment.timestamp() if moment else 0, labels)


def receipt_lines(tools: ToolBox[MoneySection]) -> list[PaidResource]:
    """Read the receipt's lines so far, the oldest first."""
    found = tools.objects.list(tools.run_root / "resources/")
    lines = [tools.objects.record(head.uri, PaidResource) for head in found]
    return sorted(lines, key=lambda line: (line.created_at, line.kind, line.name))


def _write(tools: ToolBox[MoneySection], record: Claim) -> None:
    tools.objects.put(_place(tools, record), canonical_json(record).encode(), "application/json")


def _place(tools: ToolBox[MoneySection], record: Claim) -> S3Uri:
    return _place_of(tools.workspace, record.owner, record.kind, record.name)


def _place_of(workspace: Workspace, run: str, kind: ClaimKind, name: str) -> S3Uri:
    return workspace.run(run) / f"claims/{kind.replace(' ', '-')}/{name}.json"
