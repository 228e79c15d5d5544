"""Start a Custom Labels model for detection, and stop it right after.

A running model costs money whether it is used or not. So it is claimed before it is started, has a
lease in its tags, is torn down after the detection, and again by the run's release.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from math import ceil

from storyboard_ops.domain.detection.detector_facts import CustomModel
from storyboard_ops.domain.error_tree import QuotaExhausted, ReleaseFailed
from storyboard_ops.domain.money.paid_usage import PaidResource, Usage
from storyboard_ops.domain.object_keys import slug
from storyboard_ops.domain.settings.money import MoneySection
from storyboard_ops.domain.training.model_facts import Claim, ClaimKind
from storyboard_ops.domain.utc_time import hours_between, iso
from storyboard_ops.gateways.detection.rekognition_custom import RekognitionCustom, VersionState
from storyboard_ops.gateways.money.pricing import billed_amount
from storyboard_ops.steps.detection.names import project_name
from storyboard_ops.steps.detection.users import leaving, other_users
from storyboard_ops.steps.money.claims import (
    claim,
    claims,
    extended_lease,
    is_claimed,
    lease_end,
    lease_until,
    receipt_lines,
    write_line,
)
from storyboard_ops.steps.run.service_wait import wait_until
from storyboard_ops.steps.run.tool_box import ToolBox

log = logging.getLogger(__name__)

INFERENCE: ClaimKind = "custom labels inference"
#: The running model that detection uses.
RECORD = "detectors/custom_labels.json"
#: One unit processes a few pictures per second and costs least.
INFERENCE_UNITS = 1
#: Time to stop: a model that is still starting, up to half an hour, cannot be stopped.
STOP_SECONDS = 1_800
MINUTES_PER_HOUR = 60


def start_inference(tools: ToolBox[MoneySection], version: VersionState) -> None:
    """Start a trained model, or adopt it if this or another run has started it.

    ``version`` must have been read after this run joined the detector's users.
    """
    name = project_name(tools)
    custom = RekognitionCustom(tools.clients("rekognition"))
    earlier = _own_claim(tools, name)
    if earlier is not None and not version.bills:
        _close_lines(tools, earlier)
    if not version.bills or earlier is None or not earlier.begun or _is_settled(tools, earlier):
        claim(tools, INFERENCE, name)
        # A stopped model has no lease; a running one may have a longer lease of another run.
        found = custom.tags(version.arn) if version.bills else {}
        if not is_claimed(tools, INFERENCE, name, found):
            found = {}
        custom.tag(version.arn, extended_lease(tools, lease_end(tools), found))
    if version.bills:
        log.info("Adopting the Custom Labels model %s (%s).", version.arn, version.status)
    else:
        _start(custom, version)
    claimed = _own_claim(tools, name)
    assert claimed is not None
    _write_line(tools, claimed, version.arn)


def record_model(tools: ToolBox[MoneySection], version: VersionState) -> CustomModel:
    """Record which model detection uses."""
    model = CustomModel(project=project_name(tools), version=version.version, arn=version.arn)
    tools.write_record(RECORD, model)
    return model


def stop_inference(tools: ToolBox[MoneySection]) -> int:
    """Stop what this run started and still bills; returns the number of claims it settled."""
    own = [claimed for claimed in claims(tools) if claimed.kind == INFERENCE]
    for claimed in own:
        settle_inference(tools, claimed)
    return len(own)


def settle_inference(tools: ToolBox[MoneySection], claimed: Claim) -> None:
    """Stop the model unless another run uses it, and write its hours to the receipt.

    Idempotent. Raises ReleaseFailed when the model keeps running.
    """
    custom = RekognitionCustom(tools.clients("rekognition"))
    running = billing_versions(custom, claimed.name)
    others = _stop_unless_used(tools, custom, claimed.name, running)
    if running and others and claimed.begun and not _is_settled(tools, claimed):
        log.warning(
            "Model %s keeps running for %s, which stops it.", claimed.name, ", ".join(others)
        )
        _write_line(tools, claimed, running[0].arn, used_by=others)
    for version in () if others else running:
        custom.tag(version.arn, lease_until(tools, None))
        _write_line(tools, claimed, version.arn, stopped_at=iso(tools.clock()))
    _close_lines(tools, claimed)


def inference_bills(tools: ToolBox[MoneySection], claimed: Claim) -> bool:
    """Return whether the model of a claim runs at this moment and no other run uses it."""
    custom = RekognitionCustom(tools.clients("rekognition"))
    return bool(billing_versions(custom, claimed.name)) and not other_users(tools, claimed.name)


def billing_versions(custom: RekognitionCustom, project: str) -> list[VersionState]:
    """List the models of a project that cost money at this moment."""
    found = custom.find_project(project)
    return [version for version in custom.versions(found.arn) if version.bills] if found else []


def _start(custom: RekognitionCustom, version: VersionState) -> None:
    try:
        started = custom.start(version.arn, INFERENCE_UNITS)
    except QuotaExhausted as error:
        raise error.with_message(
            f"{version.arn} cannot be started: {error} Stop another Custom Labels model or raise "
            "the quota of inference units, then clear prepare_detectors."
        ) from error
    if started:
        log.info("Started %s. It bills by the hour until it is stopped.", version.arn)


def _stop_unless_used(
    tools: ToolBox[MoneySection],
    custom: RekognitionCustom,
    project: str,
    running: Sequence[VersionState],
) -> list[str]:
    """Leave a project and stop its running models, unless others use it; returns these runs."""
    others: list[str] = []

    def try_to_stop() -> bool:
        nonlocal others
        # Repeated each time: a model that is starting refuses to stop, and another run may join.
        with leaving(tools, project) as others:
            for version in () if others else running:
                custom.stop(version.arn)
        return bool(others) or not billing_versions(custom, project)

    if not wait_until(try_to_stop, STOP_SECONDS):
        raise ReleaseFailed(
            f"{project} still runs {STOP_SECONDS} s after the request to stop it. Stop it in the "
            "Custom Labels console, or clear this task to try again."
        )
    return others


def _write_line(
    tools: ToolBox[MoneySection],
    claimed: Claim,
    arn: str,
    stopped_at: str = "",
    used_by: list[str] | None = None,
) -> None:
    """Write the model's receipt line as of now, and book its time so far.

    The time counts from the claim, slightly before the start; time shared by two runs counts for
    both.
    """
    hours = hours_between(claimed.claimed_at, stopped_at or iso(tools.clock()))
    billed = Usage(
        service="rekognition",
        item="DetectCustomLabels",
        unit="hour",
        amount=INFERENCE_UNITS * max(1, ceil(hours * MINUTES_PER_HOUR)) / MINUTES_PER_HOUR,
    )
    tools.book(f"inference-{claimed.name}-{slug(claimed.claimed_at)}", (billed,))
    user = f"; in use by {', '.join(used_by)}, which stops it" if used_by else ""
    write_line(
        tools,
        PaidResource(
            kind=INFERENCE,
            name=claimed.name,
            arn=arn,
            owner=tools.run_key,
            created_at=claimed.claimed_at,
            deleted_at=stopped_at,
            bills=True,
            kept=bool(used_by),
            note=f"inference units while it ran: {INFERENCE_UNITS}{user}",
            hours=round(hours, 4),
            **billed_amount(billed, tools.region),
        ),
    )


def _close_lines(tools: ToolBox[MoneySection], claimed: Claim) -> None:
    """Close the open receipt lines of a model that no longer runs.

    An earlier try of the task may have left a line of its own claim. A kept line stays: another run
    has paid for the model since then.
    """
    for line in receipt_lines(tools):
        open_line = (line.kind, line.name, line.deleted_at) == (INFERENCE, claimed.name, "")
        if open_line and not line.kept:
            made = claimed.model_copy(update={"claimed_at": line.created_at})
            _write_line(tools, made, line.arn, stopped_at=iso(tools.clock()))


def _is_settled(tools: ToolBox[MoneySection], claimed: Claim) -> bool:
    """Return whether the receipt says that a claim's model was stopped or left to another run."""
    return any(
        (line.kind, line.name, line.created_at) == (INFERENCE, claimed.name, claimed.claimed_at)
        and (line.kept or bool(line.deleted_at))
        for line in receipt_lines(tools)
    )


def _own_claim(tools: ToolBox[MoneySection], name: str) -> Claim | None:
    """Return this run's claim on a model; None without one."""
    own = [one for one in claims(tools) if (one.kind, one.name) == (INFERENCE, name)]
    return own[0] if own else None
