"""Release what this run claimed and still bills, and write the receipt."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

from storyboard_ops.domain.error_tree import (
    ReceiptMissing,
    ReleaseFailed,
    StillBilling,
    StoryboardError,
)
from storyboard_ops.domain.money.paid_usage import PaidResource, Receipt, sum_usages
from storyboard_ops.domain.preflight.preflight_report import PreflightReport
from storyboard_ops.domain.review.review_records import CostConsent
from storyboard_ops.domain.training.model_facts import Claim, ClaimKind
from storyboard_ops.gateways.money.pricing import cost_of, price_table
from storyboard_ops.gateways.training.bedrock_control import BedrockControl
from storyboard_ops.gateways.training.sagemaker_jobs import JOB_FORMS
from storyboard_ops.steps.detection import settle as settle_rekognition
from storyboard_ops.steps.detection.custom_inference import inference_bills, settle_inference
from storyboard_ops.steps.money.claims import claims, receipt_lines
from storyboard_ops.steps.money.container_bills import settle_containers
from storyboard_ops.steps.money.cost_gate import CONSENT, PREFLIGHT
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.training.bedrock import settle_bedrock
from storyboard_ops.steps.training.own_gpu.settle_gpu import settle_gpu_job
from storyboard_ops.steps.training.sagemaker.settle_sagemaker import (
    sagemaker_job_bills,
    settle_sagemaker_job,
)

log = logging.getLogger(__name__)

#: How a run settles each kind of claim: release the resource and write its receipt line.
SETTLE: Mapping[ClaimKind, Callable[[ToolBox, Claim], None]] = {
    "provisioned throughput": settle_bedrock.settle_throughput,
    "customization job": settle_bedrock.settle_job,
    "training job": settle_sagemaker_job,
    "drawing job": settle_sagemaker_job,
    "gpu job": settle_gpu_job,
    "custom model": settle_bedrock.settle_model,
    "custom labels inference": settle_inference,
    "custom labels model": settle_rekognition.settle_custom_model,
    "face collection": settle_rekognition.settle_collection,
}


def release_everything(tools: ToolBox) -> Receipt:
    """Release what this run claimed and still bills; writes and returns the receipt.

    Idempotent: it acts on what exists, not on what it did before. Raises ReleaseFailed, after the
    rest was released and the receipt was written, naming what could not be deleted.
    """
    failures = list(filter(None, (_settle(tools, claimed) for claimed in claims(tools))))
    uncounted = settle_containers(tools)  # last, because it may wait for a container to stop
    receipt = _receipt(tools, uncounted)
    body = receipt.model_dump_json(indent=2).encode()  # people open this file
    tools.objects.put(tools.run_root / "receipt.json", body, "application/json")
    failures += [f"  {arn} still bills." for arn in receipt.still_billing]
    if failures:
        raise ReleaseFailed(
            "Not everything could be released. Clear this task to try again; otherwise "
            "release_capacity deletes it when its lease is over.\n" + "\n".join(failures)
        )
    return receipt


def confirm_released(tools: ToolBox) -> Receipt:
    """Return the receipt if the services confirm it; raises StillBilling when they do not."""
    receipt = tools.read_record("receipt.json", Receipt)
    if receipt is None:
        raise ReceiptMissing("There is no receipt; clear release_throughput to write one.")
    kept = {(resource.kind, resource.name) for resource in receipt.resources if resource.kept}
    billing = [
        record.name
        for record in claims(tools)
        if (record.kind, record.name) not in kept and _bills(tools, record)
    ]
    if billing:
        raise StillBilling(
            f"Still billing, though the receipt says otherwise: {', '.join(billing)}. Clear "
            "release_throughput to release it."
        )
    for resource in receipt.resources:
        if resource.kept_until:
            log.warning("%s bills until %s, on purpose.", resource.name, resource.kept_until)
    log.info("Nothing else of this run bills. Its cost until now: %.2f USD.", receipt.cost_usd)
    return receipt


def _bills(tools: ToolBox, claimed: Claim) -> bool:
    """Return whether a service still charges by the hour for a claim."""
    if claimed.kind == "custom labels inference":
        return inference_bills(tools, claimed)
    if claimed.kind in JOB_FORMS:
        return sagemaker_job_bills(tools, claimed)
    if claimed.kind != "provisioned throughput":
        return False
    return BedrockControl(tools.clients("bedrock")).find_throughput(claimed.name) is not None


def _settle(tools: ToolBox, claimed: Claim) -> str:
    """Settle a claim; returns the failure, so that the other claims are settled too."""
    try:
        SETTLE[claimed.kind](tools, claimed)
    except StoryboardError as error:
        log.error("%s %s could not be released: %s", claimed.kind, claimed.name, error)
        return f"  {claimed.kind} {claimed.name}: {error}"
    return ""


def _receipt(tools: ToolBox, uncounted: Sequence[PaidResource]) -> Receipt:
    resources = (*receipt_lines(tools), *_flow_definition(tools), *uncounted)
    usages = sum_usages(tools.booked())
    usd, unpriced = cost_of(usages, tools.region)
    preflight = tools.read_record(PREFLIGHT, PreflightReport)
    return Receipt(
        run_key=tools.run_key,
        resources=resources,
        usages=usages,
        cost_usd=round(usd, 4),
        unpriced=unpriced,
        price_table_date=price_table(tools.region).dated,
        still_billing=tuple(
            resource.arn
            for resource in resources
            if resource.bills and not resource.deleted_at and not resource.kept
        ),
        consent=tools.read_record(CONSENT, CostConsent),
        desk=preflight.desk if preflight else None,
    )


def _flow_definition(tools: ToolBox) -> list[PaidResource]:
    """Return the line of the review's flow definition, which is free and shared by runs."""
    loops = tools.manifests.latest(tools.run_root / "review/loops.jsonl")
    arn = loops[1].summary["flow_definition_arn"] if loops else ""
    if not arn:
        return []
    return [
        PaidResource(
            kind="flow definition",
            name=arn.rpartition("/")[2],
            arn=arn,
            owner=tools.run_key,
            created_at="",
            bills=False,
            note="free; shared by every run with this worker template",
        )
    ]
