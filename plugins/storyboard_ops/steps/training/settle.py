"""How a run lets go of what it has claimed at Bedrock, and enters it on the receipt."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from math import ceil

from storyboard_ops.domain.error_tree import ReleaseFailed
from storyboard_ops.domain.money.paid_usage import PaidResource, Usage
from storyboard_ops.domain.object_keys import slug
from storyboard_ops.domain.training.model_facts import Claim, ClaimKind
from storyboard_ops.domain.training.retraining_records import JudgedModel
from storyboard_ops.domain.utc_time import hours_between, iso
from storyboard_ops.gateways.money.pricing import billed_amount
from storyboard_ops.gateways.training.bedrock_control import (
    REFUSED,
    BedrockControl,
    JobState,
    ThroughputState,
)
from storyboard_ops.steps.money.claims import (
    COMMITMENTS,
    enter,
    entered,
    kept_until,
    lease_until,
)
from storyboard_ops.steps.run.service_wait import wait_until
from storyboard_ops.steps.run.tool_box import ToolBox

log = logging.getLogger(__name__)

THROUGHPUT: ClaimKind = "provisioned throughput"
#: How long a stopped job may take before that counts as a failure.
RELEASE_SECONDS = 300
#: Capacity that is still being made may have to be waited for before it can be deleted.
DELETE_SECONDS = 1_800
#: Capacity in one of these states may refuse to be deleted.
CHANGING = frozenset({"Creating", "Updating"})
#: A job in one of these states costs nothing more.
JOB_ENDED = frozenset({"Completed", "Failed", "Stopped"})
HOURS_PER_MONTH = 730


def settle_throughput(tools: ToolBox, claimed: Claim) -> None:
    """Delete the capacity, unless it is kept on purpose."""
    control = BedrockControl(tools.clients("bedrock"))
    found = control.find_throughput(claimed.name)
    if found is None:
        _strike_off(tools, claimed)
        return
    line = enter_throughput(tools, found)
    if line.kept:
        # Its lease may be longer: the sweep is to end it at the moment that was asked for.
        control.tag(found.arn, lease_until(tools, datetime.fromisoformat(line.kept_until)))
        log.warning("%s is kept until %s and bills.", found.name, line.kept_until)
        return
    if not wait_until(lambda: _is_gone(control, found.arn), DELETE_SECONDS):
        raise ReleaseFailed(f"{found.arn} is still there after {DELETE_SECONDS} s.")
    enter_throughput(tools, found, deleted_at=iso(tools.clock()))


def _is_gone(control: BedrockControl, arn: str) -> bool:
    """Whether capacity is gone; while it is there, it is told to go, again and again."""
    found = control.find_throughput(arn)
    if found is None:
        return True
    try:
        control.delete_throughput(arn)
    except REFUSED as error:
        # AWS does not document whether what is still being made or changed can be deleted.
        if found.status not in CHANGING:
            raise
        log.info("%s is %s and cannot be deleted yet: %s", found.name, found.status, error)
    return control.find_throughput(arn) is None


def enter_throughput(tools: ToolBox, found: ThroughputState, deleted_at: str = "") -> PaidResource:
    """Enter capacity on the receipt as it is now, and book the hours it has cost so far."""
    hours = hours_between(found.created_at, deleted_at or iso(tools.clock()))
    term = COMMITMENTS.get(tools.settings.commitment, timedelta()).total_seconds() / 3600
    started = max(1, ceil(hours), round(term))
    billed = Usage(
        service="bedrock",
        item=tools.settings.base_model_id,
        unit="model_unit_hour",
        amount=started * found.model_units,
    )
    tools.book(f"{found.name}-{slug(found.created_at)}", (billed,))
    bought_at = datetime.fromisoformat(found.created_at)
    until = None if deleted_at else kept_until(tools, bought_at)
    note = f"model units: {found.model_units}, started hours: {started}"
    kept = "; kept on purpose: release_capacity deletes it when that time is over"
    return enter(
        tools,
        PaidResource(
            kind=THROUGHPUT,
            name=found.name,
            arn=found.arn,
            owner=tools.run_key,
            created_at=found.created_at,
            deleted_at=deleted_at,
            bills=True,
            kept=until is not None,
            kept_until=iso(until) if until else "",
            note=note + (kept if until else ""),
            hours=round(hours, 4),
            **billed_amount(billed),
        ),
    )


def settle_job(tools: ToolBox, claimed: Claim) -> None:
    """Stop the job if it still runs, and wait until it has ended: until then it bills."""
    control = BedrockControl(tools.clients("bedrock"))
    job = control.find_job(claimed.name)
    if job is None:
        return
    if job.status == "InProgress":
        control.stop_job(claimed.name)
    if not wait_until(lambda: _status(control, claimed.name) in JOB_ENDED, RELEASE_SECONDS):
        raise ReleaseFailed(f"Job {claimed.name} has not stopped within {RELEASE_SECONDS} s.")
    enter_job(tools, control.find_job(claimed.name) or job)


def enter_job(tools: ToolBox, job: JobState) -> PaidResource:
    """Enter a customization job on the receipt, and book the pictures it may have seen."""
    seen = Usage(
        service="bedrock",
        item=tools.settings.base_model_id,
        unit="training_image",
        amount=tools.settings.images_seen,
    )
    tools.book(job.name, (seen,))
    share = "" if job.status == "Completed" else "at most "
    return enter(
        tools,
        PaidResource(
            kind="customization job",
            name=job.name,
            arn=job.arn,
            owner=tools.run_key,
            created_at=job.created_at,
            bills=job.status not in JOB_ENDED,
            note=f"{job.status}; billed once for {share}the pictures seen, nothing to delete",
            hours=round(hours_between(job.created_at, job.ended_at or iso(tools.clock())), 4),
            **billed_amount(seen),
        ),
    )


def settle_model(tools: ToolBox, claimed: Claim) -> None:
    """Delete the customized model, unless the run is to keep it."""
    control = BedrockControl(tools.clients("bedrock"))
    found = control.find_model(claimed.name)
    if found is None:
        _strike_off(tools, claimed)
        return
    keep = _wanted(tools, found.name)
    if not keep:
        control.delete_model(found.arn)
    moment = iso(tools.clock())
    hours = hours_between(found.created_at, moment)
    stored = Usage(
        service="bedrock", item="custom_model", unit="month", amount=hours / HOURS_PER_MONTH
    )
    price = billed_amount(stored)
    month = f"{price['usd_per_unit']:.2f} USD a month" if price["usd_per_unit"] else "unpriced"
    enter(
        tools,
        PaidResource(
            kind="custom model",
            name=found.name,
            arn=found.arn,
            owner=tools.run_key,
            created_at=found.created_at,
            deleted_at="" if keep else moment,
            bills=True,
            kept=keep,
            note=f"kept on purpose (keep_model): storage, about {month}" if keep else "",
            hours=round(hours, 4),
            **price,
        ),
    )


def _wanted(tools: ToolBox, model_name: str) -> bool:
    """Whether a customized model stays: a verdict on it decides, else the run's parameter."""
    verdict = tools.read_record("model/verdict.json", JudgedModel)
    return verdict.unwanted != model_name if verdict else tools.settings.keep_model


def _status(control: BedrockControl, job_name: str) -> str:
    job = control.find_job(job_name)
    return job.status if job else "Stopped"


def _strike_off(tools: ToolBox, claimed: Claim) -> None:
    """What is gone without this run's doing was deleted by release_capacity or a person."""
    for line in entered(tools):
        if (line.kind, line.name, line.deleted_at) == (claimed.kind, claimed.name, ""):
            gone = {"deleted_at": iso(tools.clock()), "kept": False, "kept_until": ""}
            enter(tools, line.model_copy(update={**gone, "note": "found gone by this moment"}))
