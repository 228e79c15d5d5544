"""Plausible prices, estimates and receipts for tests; equal arguments give equal records."""

from __future__ import annotations

from typing import Any

from storyboard_ops.domain.money.paid_usage import PaidResource, Price, PriceTable, Receipt, Usage
from storyboard_ops.domain.preflight.preflight_report import Check, PreflightReport

ACCOUNT = "arn:aws:bedrock:us-east-1:123456789012"


def price_table() -> PriceTable:
    def price(item: str, unit: str, usd: float, confidence: str) -> Price:
        return Price(
            service="bedrock",
            item=item,
            unit=unit,
            usd=usd,
            confidence=confidence,
            source="Bedrock pricing",
        )

    return PriceTable(
        date="2026-11-22",
        region="us-east-1",
        prices=(
            price("amazon.nova-pro-v1:0", "input_token", 8e-7, "M"),
            price("amazon.nova-pro-v1:0", "output_token", 3.2e-6, "M"),
            price("amazon.titan-embed-image-v1", "image", 6e-5, "M"),
            price("amazon.nova-canvas-v1:0", "training_image", 0.005, "L"),
            price("amazon.nova-canvas-v1:0", "model_unit_hour", 60.5, "H"),
            price("custom_model", "month", 1.95, "M"),
        ),
    )


def resource(kind: str, **changes: Any) -> PaidResource:
    """A line of the receipt: something that bills since half past ten."""
    name = f"storyboard-{kind.replace(' ', '-')}-1f2e3d4c"
    values: dict[str, Any] = {
        "kind": kind,
        "name": name,
        "arn": f"{ACCOUNT}:{name}",
        "owner": "r",
        "created_at": "2026-11-20T10:30:00+00:00",
        "bills": True,
    }
    return PaidResource(**(values | changes))


def throughput(**changes: Any) -> PaidResource:
    """Capacity that bills by the hour."""
    billed = {"unit": "model_unit_hour", "usd_per_unit": 60.5}
    return resource("provisioned throughput", **(billed | changes))


def preflight() -> PreflightReport:
    """What a run was expected to cost: a little more than it did."""
    planned = (
        ("amazon.nova-pro-v1:0", "input_token", 500_000),
        ("amazon.nova-pro-v1:0", "output_token", 20_000),
        ("amazon.titan-embed-image-v1", "image", 200),
        ("amazon.nova-canvas-v1:0", "training_image", 4_000),
        ("amazon.nova-canvas-v1:0", "model_unit_hour", 1.0),
    )
    estimate = tuple(
        Usage(service="bedrock", item=item, unit=unit, amount=amount)
        for item, unit, amount in planned
    )
    check = Check(name="budget", state="pass", finding="within the budget")
    return PreflightReport(
        checks=(check,), estimate=estimate, estimate_usd=80.98, price_table_date="2026-11-22"
    )


def receipt(**changes: Any) -> Receipt:
    def usage(item: str, unit: str, amount: float) -> Usage:
        return Usage(service="bedrock", item=item, unit=unit, amount=amount)

    values: dict[str, Any] = {
        "run_key": "r",
        "resources": (
            throughput(deleted_at="2026-11-20T12:10:00+00:00"),
            resource("customization job", bills=False, note="a finished job costs nothing"),
            resource(
                "custom model",
                kept=True,
                note="kept on purpose (keep_model)",
                unit="month",
                usd_per_unit=1.95,
            ),
        ),
        "usages": (
            usage("amazon.nova-pro-v1:0", "input_token", 412_000),
            usage("amazon.nova-pro-v1:0", "output_token", 21_000),
            usage("amazon.titan-embed-image-v1", "image", 140),
            usage("amazon.nova-canvas-v1:0", "training_image", 4_000),
            usage("amazon.nova-canvas-v1:0", "model_unit_hour", 1.0),
            usage("amazon.nova-lite-v1:0", "input_token", 900),
        ),
        "cost_usd": 80.9052,
        "unpriced": (usage("amazon.nova-lite-v1:0", "input_token", 900),),
        "price_table_date": "2026-11-22",
        "still_billing": (),
    }
    return Receipt(**(values | changes))
