"""Records of what was bought, in the service's units, and of the dated price table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from pydantic import Field, ValidationError

from storyboard_ops.domain.base_record import Record, faults_of
from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.models.model_ids import model_of
from storyboard_ops.domain.review.desk_choice import DeskChoice
from storyboard_ops.domain.review.review_records import CostConsent

#: Hours of the month by which AWS prices storage.
HOURS_PER_MONTH = 730
#: Unit of a picture that a model drew on demand; an ``image`` is one that a service has seen.
DRAWN_IMAGE = "drawn_image"


class Usage(Record):
    """An amount of one billed item, e.g. 1,280 input tokens of amazon.nova-pro-v1:0."""

    service: str  # "bedrock", "rekognition", "a2i", …
    item: str  # model id or operation
    unit: str  # "input_token", "output_token", "image", "training_image", "drawn_image", "hour"
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
    source: str = Field(min_length=1)  # a price without a source is no price


class PriceTable(Record):
    """Prices in one region on one day."""

    date: str  # empty: nothing was collected for the region
    region: str
    currency: str = "USD"
    test_only: bool = False  # made up for tests; nobody pays them
    prices: tuple[Price, ...]

    @property
    def dated(self) -> str:
        """The date, as reports and receipts name it: prices made up for tests are called that."""
        return f"{self.date}, made up for tests" if self.test_only else self.date

    def find(self, service: str, item: str, unit: str) -> Price | None:
        """Return the price of one unit of an item, or None when the table has none.

        An inference profile costs what its model costs in the region that it is called from.
        """
        for name in (item, model_of(item)):
            for price in self.prices:
                if (price.service, price.item, price.unit) == (service, name, unit):
                    return price
        return None

    def usd(self, usage: Usage) -> float | None:
        """Return the cost of a usage in USD, or None when the table has no price for it."""
        price = self.find(usage.service, usage.item, usage.unit)
        return price.usd * usage.amount if price else None


def parse_price_table(document: Any, origin: str) -> PriceTable:
    """Validate a loaded price table; raises BadInput naming the file."""
    try:
        return PriceTable.model_validate(document)
    except ValidationError as error:
        raise BadInput(
            f"The price table {origin} is not valid: {'; '.join(faults_of(error, 'table'))}"
        ) from error


def sum_usages(usages: Iterable[Usage]) -> tuple[Usage, ...]:
    """Add up equal items; sorted by service, item and unit."""
    amounts: dict[tuple[str, str, str], float] = defaultdict(float)
    for usage in usages:
        amounts[usage.service, usage.item, usage.unit] += usage.amount
    return tuple(
        Usage(service=service, item=item, unit=unit, amount=amount)
        for (service, item, unit), amount in sorted(amounts.items())
    )


class PaidResource(Record):
    """A line of the receipt: a resource with a price that a run created."""

    kind: str  # "provisioned throughput", "customization job", "custom model", "flow definition"
    name: str
    arn: str
    owner: str  # the run key
    created_at: str  # ISO 8601
    deleted_at: str = ""  # empty: it still exists
    bills: bool  # whether it costs money while it exists
    kept: bool = False  # on purpose: a parameter of the run says so
    kept_until: str = ""  # ISO 8601; empty: without end, or not kept
    hours: float = 0.0  # from creation to deletion, or to the writing of the receipt
    unit: str = ""  # billed unit, see Usage
    amount: float = 0.0  # in that unit, so far
    usd_per_unit: float | None = None  # by the price table; None: it has no price
    note: str = ""


class Receipt(Record):
    """What a run created, its cost by the price table, and what still bills."""

    run_key: str
    resources: tuple[PaidResource, ...]
    usages: tuple[Usage, ...]
    cost_usd: float
    unpriced: tuple[Usage, ...]  # bought, but missing in the price table
    price_table_date: str
    still_billing: tuple[str, ...]  # ARNs
    consent: CostConsent | None = None  # who accepted or refused a sum above the budget
    desk: DeskChoice | None = None  # where the pictures were reviewed, and why there
