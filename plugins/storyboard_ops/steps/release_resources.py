"""The teardown: delete what this run claimed and still bills, and write the receipt."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from math import ceil
from typing import Any

from storyboard_ops.domain.error_tree import RemoteFailure
from storyboard_ops.domain.model_facts import Claim
from storyboard_ops.domain.object_keys import slug
from storyboard_ops.domain.paid_usage import PaidResource, Receipt, Usage, total
from storyboard_ops.domain.retraining_records import JudgedModel
from storyboard_ops.gateways.bedrock_control import (
    BedrockControl,
    JobState,
    ModelState,
    ThroughputState,
)
from storyboard_ops.gateways.usage_pricing import cost_of, price_table
from storyboard_ops.steps.paid_claims import claims, now
from storyboard_ops.steps.tool_box import ToolBox

log = logging.getLogger(__name__)

#: How long a deleted throughput may take to disappear before the teardown calls it a failure.
RELEASE_SECONDS = 300


def release_everything(tools: ToolBox) -> Receipt:
    """Delete what this run claimed and still bills; write and return the receipt.

    Safe to call again: it looks at what is there, not at what it did before. Raises RemoteFailure,
    after the receipt is written, when something could not be deleted.
    """
    control = BedrockControl(tools.clients("bedrock"))
    earlier = {resource.name: resource for resource in _earlier(tools)}
    settled = [_SETTLE[record.kind](tools, control, record) for record in claims(tools)]
    there = [resource for resource in settled if resource is not None]
    receipt = _receipt(tools, _together(earlier, [*there, *_flow_definition(tools)]))
    body = receipt.model_dump_json(indent=2).encode()  # people open this file
    tools.objects.put(tools.run_root / "receipt.json", body, "application/json")
    if receipt.still_billing:
        raise RemoteFailure(
            "Still billing: " + ", ".join(receipt.still_billing) + ". Delete it in the Bedrock "
            "console, or clear this task to try again."
        )
    return receipt


def confirm_released(tools: ToolBox) -> Receipt:
    """The receipt, once the services have confirmed it; raises RemoteFailure when they do not."""
    receipt = tools.read_record("receipt.json", Receipt)
    if receipt is None:
        raise RemoteFailure("There is no receipt; clear release_throughput to write one.")
    control = BedrockControl(tools.clients("bedrock"))
    billing = [
        record.name
        for record in claims(tools)
        if record.kind == "provisioned throughput" and control.find_throughput(record.name)
    ]
    if billing:
        raise RemoteFailure(
            f"Still there, though the receipt says otherwise: {', '.join(billing)}. Clear "
            "release_throughput to release it."
        )
    log.info("Nothing of this run bills. Its cost by the price table: %.2f USD.", receipt.cost_usd)
    return receipt


def _together(
    earlier: Mapping[str, PaidResource], settled: list[PaidResource]
) -> list[PaidResource]:
    """What an earlier teardown has deleted stays on the receipt."""
    return list({**earlier, **{resource.name: resource for resource in settled}}.values())


def _line(
    record: Claim, found: ThroughputState | JobState | ModelState, **facts: Any
) -> PaidResource:
    """A line of the receipt: what was claimed, as the service has it."""
    return PaidResource(
        kind=record.kind,
        name=record.name,
        owner=record.owner,
        arn=found.arn,
        created_at=found.created_at,
        **facts,
    )


def _settle_throughput(
    tools: ToolBox, control: BedrockControl, record: Claim
) -> PaidResource | None:
    found = control.find_throughput(record.name)
    if found is None:
        return None
    control.delete_throughput(found.arn)
    gone = _wait(lambda: control.find_throughput(found.arn) is None, RELEASE_SECONDS)
    hours = ceil(max(1.0, _hours_since(found.created_at)))
    units = Usage(
        service="bedrock",
        item=tools.settings.base_model_id,
        unit="model_unit_hour",
        amount=hours * found.model_units,
    )
    # A cleared task may have bought twice under one name: each purchase is booked by its start.
    tools.book(f"{record.name}-{slug(found.created_at)}", (units,))
    return _line(
        record,
        found,
        deleted_at=now() if gone else "",
        bills=True,
        note=f"{found.model_units} model unit(s), {hours} started hour(s)",
    )


def _settle_job(tools: ToolBox, control: BedrockControl, record: Claim) -> PaidResource | None:
    found = control.find_job(record.name)
    if found is None:
        return None
    if found.status == "InProgress":
        control.stop_job(record.name)
    return _line(
        record,
        found,
        deleted_at="",
        bills=False,
        note=f"{found.status}; billed once for the pictures seen, nothing to delete",
    )


def _settle_model(tools: ToolBox, control: BedrockControl, record: Claim) -> PaidResource | None:
    found = control.find_model(record.name)
    if found is None:
        return None
    keep = _wanted(tools, record.name)
    if not keep:
        control.delete_model(found.arn)
    return _line(
        record,
        found,
        deleted_at="" if keep else now(),
        bills=True,
        kept=keep,
        note="kept on purpose (keep_model): storage, about 1.95 USD a month" if keep else "",
    )


def _wanted(tools: ToolBox, model_name: str) -> bool:
    """Whether a customized model stays: a verdict on it decides, else the run's parameter."""
    verdict = tools.read_record("model/verdict.json", JudgedModel)
    return verdict.unwanted != model_name if verdict else tools.settings.keep_model


def _flow_definition(tools: ToolBox) -> list[PaidResource]:
    """The review's flow definition: free, and shared by all runs with the same template."""
    loops = tools.manifests.latest(tools.run_root / "review/loops.jsonl")
    arn = loops[1].summary["flow_definition_arn"] if loops else ""
    if not arn:
        return []
    name = arn.rpartition("/")[2]
    return [
        PaidResource(
            kind="flow definition",
            name=name,
            arn=arn,
            owner=tools.run_key,
            created_at="",
            bills=False,
            note="free; shared by every run with this worker template",
        )
    ]


_SETTLE: dict[str, Callable[[ToolBox, BedrockControl, Claim], PaidResource | None]] = {
    "provisioned throughput": _settle_throughput,
    "customization job": _settle_job,
    "custom model": _settle_model,
}


def _receipt(tools: ToolBox, resources: list[PaidResource]) -> Receipt:
    usages = total(tools.booked())
    usd, unpriced = cost_of(usages)
    return Receipt(
        run_key=tools.run_key,
        resources=tuple(resources),
        usages=usages,
        cost_usd=round(usd, 4),
        unpriced=unpriced,
        price_table_date=price_table().date,
        still_billing=tuple(
            resource.arn
            for resource in resources
            if resource.bills and not resource.deleted_at and not resource.kept
        ),
    )


def _earlier(tools: ToolBox) -> tuple[PaidResource, ...]:
    receipt = tools.read_record("receipt.json", Receipt)
    return receipt.resources if receipt else ()


def _wait(done: Callable[[], bool], seconds: float, pause: float = 2.0) -> bool:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


def _hours_since(moment: str) -> float:
    return (datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds() / 3600
