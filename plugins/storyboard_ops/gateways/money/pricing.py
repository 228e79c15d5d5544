"""The price table of ``include/prices``, and what usages cost by it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from storyboard_ops.domain.money.paid_usage import PriceTable, Usage, parse_price_table
from storyboard_ops.gateways.include_files import include_yaml

PRICE_TABLE = "prices/aws-us-east-1.yaml"


@cache
def price_table() -> PriceTable:
    """The bundled price table."""
    return parse_price_table(include_yaml(PRICE_TABLE), PRICE_TABLE)


def cost_of(usages: Iterable[Usage]) -> tuple[float, tuple[Usage, ...]]:
    """Cost in USD, and the usages that the table has no price for."""
    table = price_table()
    priced = [(usage, table.usd(usage)) for usage in usages]
    unpriced = tuple(usage for usage, usd in priced if usd is None)
    return round(sum(usd for _, usd in priced if usd is not None), 6), unpriced
