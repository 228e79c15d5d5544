"""What was bought, as the endpoint's bill and a run's receipt have it, line by line."""

from __future__ import annotations

from typing import Any

from storyboard_ops.domain.money.paid_usage import PriceTable, Receipt
from tests.studio.endpoint_fixture import RunningEndpoint

#: Amount and USD by service, item and unit.
Lines = dict[tuple[str, str, str], tuple[float, float]]


def read_bill(endpoint: RunningEndpoint) -> Lines:
    """Return the lines of the bill; requests to S3 have no price, and no receipt counts them."""
    lines = [line for line in endpoint.admin("GET", "bill")["lines"] if line["service"] != "s3"]
    return {
        (line["service"], _item_of(line), line["unit"]): (line["quantity"], round(line["usd"], 9))
        for line in lines
    }


def read_receipt(receipt: Receipt, prices: PriceTable) -> Lines:
    """Return the lines of the receipt."""
    return {
        (one.service, one.item, one.unit): (one.amount, round(prices.usd(one) or 0.0, 9))
        for one in receipt.usages
    }


def _item_of(line: dict[str, Any]) -> str:
    """Bedrock is billed by the model, every other service by the operation."""
    return str(line["resource"] if line["service"] == "bedrock" else line["item"])
