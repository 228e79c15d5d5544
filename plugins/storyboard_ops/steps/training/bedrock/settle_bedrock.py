"""Settle a run's claims at Bedrock: release the resources and write their receipt lines."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from math import ceil

from storyboard_ops.domain.error_tree import ReleaseFailed
from storyboard_ops.domain.money.paid_usage import HOURS_PER_MONTH, PaidResource, Usage
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
    kept_until,
    lease_until,
    receipt_lines,
    write_line,
)
from storyboard_ops.steps.run.service_wait import wait_until
from storyboard_ops.steps.run.tool_box import ToolBox

log = logging.getLogger(__name__)

THROUGHPUT: ClaimKind = "provisioned throughput"
#: Time for a stopped job to end before that counts as a failure.
RELEASE_SECONDS = 300
#: Time for capacity to be deleted, which may have to be created completely first.
DELETE_SECONDS = 1_800
#: States in which Bedrock may refuse to delete capacity.
CHANGING = frozenset({"Creating", "Updating"})
#: States in which a job costs nothing more.
JOB_ENDED = frozenset({"Completed", "Failed", "Stopped"})


def settle_throughput(tools: ToolBox, claimed: Claim) -> None:
    """Delete the capacity, unless it is kept on purpose."""
    control = BedrockControl(tools.clients("bedrock"))
    found = control.find_throughput(claimed.name)
    if found is None:
        _mark_gone(tools, claimed)
        return
    line = write_throughput_line(tools, found)
    if line.kept:
        # Its lease may be longer, but the sweep must end it at the requested time.
        control.tag(found.arn, lease_until(tools, datetime.fromisoformat(line.kept_until)))
        log.warning("%s is kept until %s and bills.", found.name, line.kept_until)
        return
    if not wait_until(lambda: _is_gone(control, found.arn), DELETE_SECONDS):
        raise ReleaseFailed(f"{found.arn} still exists after {DELETE_SECONDS} s.")
    write_throughput_line(tools, found, deleted_at=iso(tools.clock()))


def _is_gone(control: BedrockControl, arn: str) -> bool:
    """Request the deletion of capacity again if it exists; returns whether it is gone."""
    found = control.find_throughput(arn)
    if found is None:
        return True
    try:
        control.delete_throughput(arn)
    except REFUSED as error:
        # AWS does not document whether capacity can be deleted while it is created or changed.
        if found.status not in CHANGING:
            raise
        log.info("%s is %s and cannot be deleted yet: %s", found.name, found.status, error)
    return control.find_throughput(arn) is None


def write_throughput_line(
    tools: ToolBox, found: ThroughputState, deleted_at: str = ""
) -> PaidResource:
    """Write capacity's receipt line as of now, and book its hours so far."""
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
    return write_line(
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
            **billed_amount(billed, tools.region),
        ),
    )


def settle_job(tools: ToolBox, claimed: Claim) -> None:
    """Stop the job if it still runs, and wait for its end: until then it bills."""
    control = BedrockControl(tools.clients("bedrock"))
    job = control.find_job(claimed.name)
    if job is None:
        return
    if job.status == "InProgress":
        control.stop_job(claimed.name)
    if not wait_until(lambda: _status(control, claimed.name) in JOB_ENDED, RELEASE_SECONDS):
        raise ReleaseFailed(f"Job {claimed.name} has not stopped within {RELEASE_SECONDS} s.")
    write_job_line(tools, control.find_job(claimed.name) or job)


def write_job_line(tools: ToolBox, job: JobState) -> PaidResource:
    """Write a customization job's receipt line, and book the pictures it may have seen."""
    seen = Usage(
        service="bedrock",
        item=tools.settings.base_model_id,
        unit="training_image",
        amount=tools.settings.images_seen,
    )
    tools.book(job.name, (seen,))
    share = "" if job.status == "Completed" else "at most "
    return write_line(
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
            **billed_amount(seen, tools.region),
        ),
    )


def settle_model(tools: ToolBox, claimed: Claim) -> None:
    """Delete the customized model unless the run keeps it."""
    control = BedrockControl(tools.clients("bedrock"))
    found = control.find_model(claimed.name)
    if found is None:
        _mark_gone(tools, claimed)
        return
    keep = _must_keep(tools, found.name)
    if not keep:
        control.delete_model(found.arn)
    moment = iso(tools.clock())
    hours = hours_between(found.created_at, moment)
    stored = Usage(
        service="bedrock", item="custom_model", unit="month", amount=hours / HOURS_PER_MONTH
    )
    price = billed_amount(stored, tools.region)
    month = f"{price['usd_per_unit']:.2f} USD a month" if price["usd_per_unit"] else "unpriced"
    write_line(
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


def _must_keep(tools: ToolBox, model_name: str) -> bool:
    """Return whether to keep a customized model: its verdict decides, else the run's parameter."""
    verdict = tools.read_record("model/verdict.json", JudgedModel)
    return verdict.unwanted != model_name if verdict else tools.settings.keep_model


def _status(control: BedrockControl, job_name: str) -> str:
    job = control.find_job(job_name)
    return job.status if job else "Stopped"


def _mark_gone(tools: ToolBox, claimed: Claim) -> None:
    """Mark the lines of what release_capacity or a person has deleted."""
    for line in receipt_lines(tools):
        if (line.kind, line.name, line.deleted_at) == (claimed.kind, claimed.name, ""):
            gone = {"deleted_at": iso(tools.clock()), "kept": False, "kept_until": ""}
            write_line(tools, line.model_copy(update={**gone, "note": "found gone by this moment"}))
