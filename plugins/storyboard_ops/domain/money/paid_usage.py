"""Money is data: what was bought, in the service's own units, priced by a dated table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from pydantic import Field, ValidationError

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.review.review_records import CostConsent


class Usage(Record):
    """An amount of one billed item, e.g. 1,280 input tokens of amazon.nova-pro-v1:0."""

    service: str  # "bedrock", "rekognition", "a2i", …
    item: str  # model id or operation
    unit: str  # "input_token", "output_token", "image", "training_image", "hour"
    amount: float = Field(ge=0)


class Price(Record):
    """Price of one unit of one item."""

    service: str
    item: str
    unit: str
    usd: float = Field(ge=0)
    confidence: str = Field(
        "M", pattern="^[HML]$"
    )  # H: read on the price page, M: second source, L: weak
    source: str = ""


class PriceTable(Record):
    """Prices of one region on one day."""

    date: str
    region: str
    currency: str = "USD"
    prices: tuple[Price, ...]

    def usd(self, usage: Usage) -> float | None:
        """Cost of a usage, or None when the table has no price for it."""
        for price in self.prices:
            if (price.service, price.item, price.unit) == (usage.service, usage.item, usage.unit):
                return price.usd * usage.amount
        return None


def parse_price_table(document: Any, origin: str) -> PriceTable:
    """Validate a loaded price table; raises BadInput naming the file."""
    try:
        return PriceTable.model_validate(document)
    except ValidationError as error:
        raise BadInput(f"The price table {origin} cannot be used: {error}") from error


def total(usages: Iterable[Usage]) -> tuple[Usage, ...]:
    """Add up equal items; sorted by service, item and unit."""
    amounts: dict[tuple[str, str, str], float] = defaultdict(float)
    for usage in usages:
        amounts[usage.service, usage.item, usage.unit] += usage.amount
    return tuple(
        Usage(service=service, item=item, unit=unit, amount=amount)
        for (service, item, unit), amount in sorted(amounts.items())
    )


class PaidResource(Record):
    """A line of the receipt: something with a price tag that a run made."""

    kind: str  # "provisioned throughput", "customization job", "custom model", "flow definition"
    name: str
    arn: str
    owner: str  # the run key
    created_at: str  # ISO 8601
    deleted_at: str = ""  # empty: still there
    bills: bool  # whether it costs money while it exists
    kept: bool = False  # on purpose: a parameter of the run says so
    kept_until: str = ""  # ISO 8601; empty: for good, or not kept
    hours: float = 0.0  # between creation and deletion, or the writing of the receipt
    unit: str = ""  # what it is billed by, see Usage
    amount: float = 0.0  # of that unit, until now
    usd_per_unit: float | None = None  # by the price table; None: it has no price
    note: str = ""


class Receipt(Record):
    """What a run made, what it cost by the table, and that nothing bills any more."""

    run_key: str
    resources: tuple[PaidResource, ...]
    usages: tuple[Usage, ...]
    cost_usd: float
    unpriced: tuple[Usage, ...]  # bought, but missing in the price table
    price_table_date: str
    still_billing: tuple[str, ...]  # ARNs
    consent: CostConsent | None = None  # who agreed to a sum above the budget, or said no
