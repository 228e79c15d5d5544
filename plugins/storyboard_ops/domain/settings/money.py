"""Settings of a run's budget, and of the resources that it keeps."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, Field

from storyboard_ops.domain.money.resource_lease import LONGEST_LEASE_H
from storyboard_ops.domain.settings.base import Settings
from storyboard_ops.domain.settings.form import MONEY, labels, under


@under(MONEY)
class MoneySection(Settings):
    """Budget, capacity, leases, and resources kept on purpose."""

    budget_usd: float = Field(
        250.0,
        ge=0,
        le=1_000_000,
        title="Budget (USD)",
        description="The run refuses to start when the estimate of the whole run is above this.",
    )
    over_budget: Literal["refuse", "ask"] = Field(
        "refuse",
        title="Above the budget",
        description=(
            "refuse: the run does not start. ask: it prepares the dataset, then waits before the "
            "training until somebody says yes to the sum; who and when is written down."
        ),
        json_schema_extra=labels(
            {"refuse": "the run does not start", "ask": "the run waits for somebody's yes"}
        ),
    )
    model_units: int = Field(
        1,
        ge=1,
        le=10,
        title="Model units",
        description="Provisioned throughput bought for drawing, billed by the hour.",
    )
    commitment: Literal["none", "OneMonth", "SixMonths"] = Field(
        "none",
        title="Commitment",
        description=(
            "none: capacity is deleted when the storyboard is drawn. OneMonth, SixMonths: it is "
            "bought for that term, cannot be deleted before, and is billed in full."
        ),
        json_schema_extra=labels(
            {
                "none": "by the hour, deleted when all is drawn",
                "OneMonth": "billed in full, cannot be deleted before",
                "SixMonths": "billed in full, cannot be deleted before",
            }
        ),
    )
    lease_h: float = Field(
        4,
        ge=0.1,
        le=LONGEST_LEASE_H,
        title="Lease (hours)",
        description=(
            "Longest life of paid capacity; written on it as a tag. release_capacity deletes what "
            "is past it, whatever became of the run."
        ),
    )
    keep_capacity_until: AwareDatetime | None = Field(
        None,
        title="Keep the capacity until",
        description=(
            "Moment with time zone, at most 7 days ahead: the capacity outlives the run and bills "
            "until then; release_capacity deletes it. Empty: it is deleted at the end of the run."
        ),
    )
    keep_model: bool = Field(
        True,
        title="Keep the customized model",
        description="Off: the model is deleted at the end, like everything else that bills.",
    )
    poll_seconds: float = Field(
        60,
        ge=1,
        le=3600,
        title="Polling interval (seconds)",
        description="How often a wait asks the service for news.",
    )
