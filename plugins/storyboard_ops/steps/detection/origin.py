"""Confirm that a detector was made by a run of this workspace before it is used.

Detectors are found by names that others can work out, and a run uses what an earlier one made. So
somebody could create a collection or project of the expected name, with other faces or pictures in
it, and every run would trust it. The identity of a detector is recorded when the run that made it
has found it; a detector that is not the recorded one needs the claim of a run that made it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from storyboard_ops.domain.base_record import canonical_json
from storyboard_ops.domain.detection.detector_facts import DetectorOrigin
from storyboard_ops.domain.error_tree import GateClosed, ObjectMissing
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.settings.money import MoneySection
from storyboard_ops.domain.training.model_facts import ClaimKind
from storyboard_ops.steps.detection.users import user_keys
from storyboard_ops.steps.money.claims import find_claim, is_claimed
from storyboard_ops.steps.run.tool_box import ToolBox

#: How much earlier than its claim a detector may seem to be made: clocks differ.
CLOCK_SKEW = timedelta(minutes=5)
INFERENCE: ClaimKind = "custom labels inference"


def confirm_origin(
    tools: ToolBox[MoneySection],
    kind: ClaimKind,
    name: str,
    found: DetectorOrigin,
    read_tags: Callable[[], Iterable[Mapping[str, str]]],
) -> None:
    """Raise GateClosed unless a run of this workspace made the detector of this name.

    ``read_tags``: reads the tags that name the run that made or last started it; they count only
    for a detector that was made before identities were recorded.
    """
    place = tools.workspace.detector(name) / "origin.json"
    recorded = _read(tools, place)
    if recorded == found:
        return
    ours = _claimed_before(tools, kind, name, found, recorded) or (
        recorded is None
        and any(
            is_claimed(tools, tagged_kind, name, tags)
            for tags in read_tags()
            for tagged_kind in (kind, INFERENCE)
        )
    )
    if not ours:
        raise GateClosed(
            f"{found.arn} exists, but no run of {tools.workspace.root} is known to have made it. "
            "It is not used; find out who made it, then delete it and clear prepare_detectors."
        )
    tools.objects.put(place, canonical_json(found).encode(), "application/json")


def _claimed_before(
    tools: ToolBox[MoneySection],
    kind: ClaimKind,
    name: str,
    found: DetectorOrigin,
    recorded: DetectorOrigin | None,
) -> bool:
    """Return whether one of the detector's users claimed it, after the recorded one was made."""
    made_at = datetime.fromisoformat(found.created_at)
    for run in {tools.run_key, *user_keys(tools, name)}:
        claimed = find_claim(tools.objects, tools.workspace, run, kind, name)
        if claimed is None:
            continue
        claimed_at = datetime.fromisoformat(claimed.claimed_at)
        is_new = recorded is None or claimed_at > datetime.fromisoformat(recorded.created_at)
        if is_new and claimed_at <= made_at + CLOCK_SKEW:
            return True
    return False


def _read(tools: ToolBox[MoneySection], place: S3Uri) -> DetectorOrigin | None:
    with suppress(ObjectMissing):
        return DetectorOrigin.model_validate_json(tools.objects.get(place))
    return None
