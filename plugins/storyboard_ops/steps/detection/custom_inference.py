"""Custom Labels while it bills: a model is started for detection and stopped right after it.

A running model costs money whether it is asked or not, so it has a claim before it is started, a
lease on it as tags, a teardown behind the detection, and the run's release as a second one.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from math import ceil

from storyboard_ops.domain.detection.detector_facts import CustomModel
from storyboard_ops.domain.error_tree import QuotaExhausted, ReleaseFailed
from storyboard_ops.domain.money.paid_usage import PaidResource, Usage
from storyboard_ops.domain.object_keys import slug
from storyboard_ops.domain.training.model_facts import Claim, ClaimKind
from storyboard_ops.domain.utc_time import hours_between, iso
from storyboard_ops.gateways.detection.rekognition_custom import RekognitionCustom, VersionState
from storyboard_ops.gateways.money.pricing import billed_amount
from storyboard_ops.steps.detection.names import project_name
from storyboard_ops.steps.detection.users import letting_go, other_users
from storyboard_ops.steps.money.claims import (
    claim,
    claims,
    extended_lease,
    lease_end,
    lease_until,
    receipt_lines,
    write_line,
)
from storyboard_ops.steps.run.interfaces import PayingRun
from storyboard_ops.steps.run.service_wait import wait_until

log = logging.getLogger(__name__)

INFERENCE: ClaimKind = "custom labels inference"
#: The running model that detection asks.
RECORD = "detectors/custom_labels.json"
#: One unit answers a few pictures a second and costs least.
INFERENCE_UNITS = 1
#: A model that is still starting cannot be stopped; starting takes up to half an hour.
STOP_SECONDS = 1_800
MINUTES_PER_HOUR = 60


def start_inference(tools: PayingRun, version: VersionState) -> None:
    """Start a trained model; one that this or another run has started is adopted.

    ``version`` is what was seen since this run joined the detector's users.
    """
    name = project_name(tools)
    custom = RekognitionCustom(tools.clients("rekognition"))
    held = _claimed(tools, name)
    if held is not None and not version.bills:
        _strike_off(tools, held)
    if not version.bills or held is None or not held.begun or _is_done(tools, held):
        claim(tools, INFERENCE, name)
        # A model at rest has the lease of none; one that runs may be another run's, for longer.
        found = custom.tags(version.arn) if version.bills else {}
        custom.tag(version.arn, extended_lease(tools, lease_end(tools), found))
    if version.bills:
        log.info("Adopting the Custom Labels model %s (%s).", version.arn, version.status)
    else:
        _start(custom, version)
    claimed = _claimed(tools, name)
    assert claimed is not None
    _enter(tools, claimed, version.arn)


def running_model(tools: PayingRun, version: VersionState) -> CustomModel:
    """Write down which model detection asks."""
    model = CustomModel(project=project_name(tools), version=version.version, arn=version.arn)
    tools.write_record(RECORD, model)
    return model


def stop_inference(tools: PayingRun) -> int:
    """Stop what this run has started and still bills; returns how many claims it looked at."""
    own = [claimed for claimed in claims(tools) if claimed.kind == INFERENCE]
    for claimed in own:
        settle_inference(tools, claimed)
    return len(own)


def settle_inference(tools: PayingRun, claimed: Claim) -> None:
    """Stop the model, unless another run is using it; enter the hours on the receipt.

    Safe to call again. Raises ReleaseFailed when the model goes on running.
    """
    custom = RekognitionCustom(tools.clients("rekognition"))
    running = billing_versions(custom, claimed.name)
    others = _stop_unless_used(tools, custom, claimed.name, running)
    if running and others and claimed.begun and not _is_done(tools, claimed):
        log.warning("Model %s goes on for %s, which stops it.", claimed.name, ", ".join(others))
        _enter(tools, claimed, running[0].arn, used_by=others)
    for version in () if others else running:
        custom.tag(version.arn, lease_until(tools, None))
        _enter(tools, claimed, version.arn, stopped_at=iso(tools.clock()))
    _strike_off(tools, claimed)


def inference_bills(tools: PayingRun, claimed: Claim) -> bool:
    """Whether the model of a claim runs at this moment, and no other run is using it."""
    custom = RekognitionCustom(tools.clients("rekognition"))
    return bool(billing_versions(custom, claimed.name)) and not other_users(tools, claimed.name)


def billing_versions(custom: RekognitionCustom, project: str) -> list[VersionState]:
    """Models of a project that cost money at this moment."""
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
    tools: PayingRun,
    custom: RekognitionCustom,
    project: str,
    running: Sequence[VersionState],
) -> list[str]:
    """Be done with a project and stop what runs of it; returns the other runs that keep it on."""
    others: list[str] = []

    def settled() -> bool:
        nonlocal others
        # Told again each time: what is still starting refuses to stop, and somebody may come.
        with letting_go(tools, project) as others:
            for version in () if others else running:
                custom.stop(version.arn)
        return bool(others) or not billing_versions(custom, project)

    if not wait_until(settled, STOP_SECONDS):
        raise ReleaseFailed(
            f"{project} still runs {STOP_SECONDS} s after it was told to stop. Stop it in the "
            "Custom Labels console, or clear this task to try again."
        )
    return others


def _enter(
    tools: PayingRun,
    claimed: Claim,
    arn: str,
    stopped_at: str = "",
    used_by: list[str] | None = None,
) -> None:
    """Enter the model on the receipt as it is now, and book the time it has cost so far.

    The time is counted from the claim, which is a little before the start; time that two runs
    share is counted by both.
    """
    hours = hours_between(claimed.claimed_at, stopped_at or iso(tools.clock()))
    billed = Usage(
        service="rekognition",
        item="DetectCustomLabels",
        unit="hour",
        amount=INFERENCE_UNITS * max(1, ceil(hours * MINUTES_PER_HOUR)) / MINUTES_PER_HOUR,
    )
    tools.book(f"inference-{claimed.name}-{slug(claimed.claimed_at)}", (billed,))
    handed_on = f"; in use by {', '.join(used_by)}, which stops it" if used_by else ""
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
            note=f"inference units while it ran: {INFERENCE_UNITS}{handed_on}",
            hours=round(hours, 4),
            **billed_amount(billed),
        ),
    )


def _strike_off(tools: PayingRun, claimed: Claim) -> None:
    """Close the lines of what is not running any more, whoever stopped it.

    An earlier try of the task may have left a line from a claim of its own. What was handed on has
    cost this run no more since then.
    """
    for line in receipt_lines(tools):
        open_line = (line.kind, line.name, line.deleted_at) == (INFERENCE, claimed.name, "")
        if open_line and not line.kept:
            made = claimed.model_copy(update={"claimed_at": line.created_at})
            _enter(tools, made, line.arn, stopped_at=iso(tools.clock()))


def _is_done(tools: PayingRun, claimed: Claim) -> bool:
    """Whether the receipt says that the model of a claim has been stopped, or handed on."""
    return any(
        (line.kind, line.name, line.created_at) == (INFERENCE, claimed.name, claimed.claimed_at)
        and (line.kept or bool(line.deleted_at))
        for line in receipt_lines(tools)
    )


def _claimed(tools: PayingRun, name: str) -> Claim | None:
    """This run's claim, when it has one."""
    own = [one for one in claims(tools) if (one.kind, one.name) == (INFERENCE, name)]
    return own[0] if own else None
