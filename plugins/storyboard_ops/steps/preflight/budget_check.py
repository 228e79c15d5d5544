"""Check that what a run is estimated to cost is within its budget."""

from __future__ import annotations

import math
from collections.abc import Sequence

from storyboard_ops.core.preflight.redraw_cost import HOSTING_HOURS
from storyboard_ops.domain.money.paid_usage import DRAWN_IMAGE, Usage
from storyboard_ops.domain.preflight.preflight_report import Finding, failed, passed, warned
from storyboard_ops.gateways.money.pricing import cost_of, price_file
from storyboard_ops.steps.money.claims import kept_until
from storyboard_ops.steps.money.cost_gate import paid_before_consent
from storyboard_ops.steps.run.tool_box import ToolBox

#: The operation of Bedrock or SageMaker behind each unit that they bill.
OPERATIONS = {
    "input_token": "Converse",
    "output_token": "Converse",
    "image": "InvokeModel",
    DRAWN_IMAGE: "InvokeModel",
    "training_image": "CreateModelCustomizationJob",
    "model_unit_hour": "CreateProvisionedModelThroughput",
    "training_hour": "CreateTrainingJob",
    "processing_hour": "CreateProcessingJob",
    "gb_month": "CreateTrainingJob",
}


def count_hosting_hours(tools: ToolBox) -> int:
    """Return the hours of billed capacity: for the drawing, or until it is no longer kept."""
    now = tools.clock()
    until = kept_until(tools, bought_at=now)
    kept = (until - now).total_seconds() / 3600 if until else 0.0
    return max(HOSTING_HOURS, math.ceil(kept))


def check_budget(
    tools: ToolBox, usages: Sequence[Usage], usd: float, unpriced: Sequence[Usage]
) -> Finding:
    """Compare the estimate with the budget, and what is paid before anybody is asked.

    ``unpriced``: what the run would buy without a price in its region. The estimate lacks its cost,
    so the budget cannot limit it.
    """
    budget = tools.settings.budget_usd
    if unpriced:
        names = ", ".join(dict.fromkeys(map(_name_operation, unpriced)))
        return failed(
            f"no sourced price in {tools.region} for {names}, so the budget does not cover it.",
            f"Add the prices with date and source to {price_file(tools.region)} (prices of another "
            "region do not count), choose what has a price there, or run in a region that has one.",
        )
    if usd <= budget:
        return passed(f"estimate {usd:,.2f} USD is within {budget:,.2f} USD.")
    finding = f"estimate {usd:,.2f} USD is above the budget of {budget:,.2f} USD"
    before, _ = cost_of(paid_before_consent(usages), tools.region)
    if before > budget:  # asking before the training would come too late
        dataset = f"{finding}, {before:,.2f} USD of it for the dataset."
        return failed(
            dataset, "Raise budget_usd, or lower the number of films, or raise sample_interval_s."
        )
    if tools.settings.over_budget == "ask":
        return warned(f"{finding}; the run will request approval before the training.")
    return failed(
        f"{finding}.",
        "Raise budget_usd, set over_budget to ask, or lower step_count, batch_size or the number "
        "of films.",
    )


def _name_operation(usage: Usage) -> str:
    """Name what is billed by its operation, e.g. ``Converse of amazon.nova-pro-v1:0``."""
    operation = OPERATIONS.get(usage.unit)
    by_operation = operation and usage.service in ("bedrock", "sagemaker")
    return f"{operation} of {usage.item}" if by_operation else usage.item
