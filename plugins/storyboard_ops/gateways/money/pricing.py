"""Price usages with the table of ``include/prices``."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from storyboard_ops.domain.money.paid_usage import PriceTable, Usage, parse_price_table
from storyboard_ops.gateways.include_files import include_yaml

PRICE_TABLE = "prices/aws-us-east-1.yaml"


@cache
def price_table() -> PriceTable:
    """Load the bundled price table."""
    return parse_price_table(include_yaml(PRICE_TABLE), PRICE_TABLE)


def billed_amount(usage: Usage) -> dict[str, Any]:
    """Return the fields of a receipt line (PaidResource) for what was billed and its unit price."""
    per_unit = price_table().usd(usage.model_copy(update={"amount": 1.0}))
    return {"unit": usage.unit, "amount": round(usage.amount, 6), "usd_per_unit": per_unit}


def cost_of(usages: Iterable[Usage]) -> tuple[float, tuple[Usage, ...]]:
    """Return the cost in USD, and the usages that have no price in the table."""
    table = price_table()
    priced = [(usage, table.usd(usage)) for usage in usages]
    unpriced = tuple(usage for usage, usd in priced if usd is None)
    return round(sum(usd for _, usd in priced if usd is not None), 6), unpriced
