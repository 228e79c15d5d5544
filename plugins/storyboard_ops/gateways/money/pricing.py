"""Price usages with the tables of ``include/prices``: one of each region, never of another."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from storyboard_ops.domain.bounded_yaml import read_yaml
from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.money.paid_usage import PriceTable, Usage, parse_price_table
from storyboard_ops.gateways.include_files import find_include

#: Names a folder of price tables to use instead of include/prices, e.g. with contract prices.
PRICES_VARIABLE = "STORYBOARD_PRICES"


def price_file(region: str) -> str:
    """Return the name of a region's price table, as messages name it."""
    return f"include/prices/aws-{region}.yaml"


def price_table(region: str) -> PriceTable:
    """Load the price table of a region; without prices when there is none.

    Raises BadInput when the file is malformed, or contains the prices of another region.
    """
    folder = os.environ.get(PRICES_VARIABLE)
    name = f"aws-{region}.yaml"
    file = Path(folder) / name if folder else find_include(f"prices/{name}")
    if file is None or not file.is_file():
        return PriceTable(date="", region=region, prices=())
    return _read_table(file, region)


@cache
def _read_table(file: Path, region: str) -> PriceTable:
    table = parse_price_table(read_yaml(file.read_bytes(), str(file)), str(file))
    if table.region != region:
        raise BadInput(
            f"The price table {file} has the prices of {table.region}, not of {region}. Prices "
            "differ from region to region: collect those of the region, or remove the file."
        )
    return table


def billed_amount(usage: Usage, region: str) -> dict[str, Any]:
    """Return the fields of a receipt line (PaidResource) for what was billed and its unit price."""
    per_unit = price_table(region).usd(usage.model_copy(update={"amount": 1.0}))
    return {"unit": usage.unit, "amount": round(usage.amount, 6), "usd_per_unit": per_unit}


def cost_of(usages: Iterable[Usage], region: str) -> tuple[float, tuple[Usage, ...]]:
    """Return the cost in USD in a region, and the usages that have no price there."""
    table = price_table(region)
    priced = [(usage, table.usd(usage)) for usage in usages]
    unpriced = tuple(usage for usage, usd in priced if usd is None)
    return round(sum(usd for _, usd in priced if usd is not None), 6), unpriced
