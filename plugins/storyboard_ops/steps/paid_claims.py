"""Every paid resource has an owner, a lease, and a claim that is written before it is asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from storyboard_ops.domain.base_record import canonical_json
from storyboard_ops.domain.model_facts import Claim, ClaimKind
from storyboard_ops.steps.tool_box import ToolBox


def lease_tags(tools: ToolBox) -> dict[str, str]:
    """Tags that say whose a resource is and until when it may live."""
    return {
        "storyboard:owner": "storyboard-pipeline",
        "storyboard:run": tools.run_key,
        "storyboard:expires": _lease_end(tools),
    }


def claim(tools: ToolBox, kind: ClaimKind, name: str) -> None:
    """Write down that this run is about to make a paid resource of that name."""
    record = Claim(
        kind=kind,
        name=name,
        owner=tools.run_key,
        expires_at=_lease_end(tools),
        claimed_at=now(),
    )
    uri = tools.run_root / f"claims/{kind.replace(' ', '-')}/{name}.json"
    tools.objects.put(uri, canonical_json(record).encode(), "application/json")


def claims(tools: ToolBox) -> list[Claim]:
    """What this run has claimed, in the order in which it has to be given back."""
    # What bills by the hour first; and a model that runs or is in service cannot be deleted.
    order = (
        "provisioned throughput",
        "custom labels inference",
        "customization job",
        "custom model",
        "custom labels model",
        "face collection",
    )
    found = tools.objects.list(tools.run_root / "claims/")
    records = [Claim.model_validate_json(tools.objects.get(head.uri)) for head in found]
    return sorted(records, key=lambda record: (order.index(record.kind), record.claimed_at))


def now() -> str:
    """This moment, ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _lease_end(tools: ToolBox) -> str:
    end = datetime.now(UTC) + timedelta(hours=tools.settings.lease_h)
    return end.isoformat(timespec="seconds")
