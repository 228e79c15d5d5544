"""Compute what a run has cost, what is still to come, and what continues to bill."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from storyboard_ops.core.report.facts.report_facts import ReportFacts
from storyboard_ops.domain.money.paid_usage import (
    PaidResource,
    Price,
    Usage,
    sum_usages,
)
from storyboard_ops.domain.utc_time import iso

#: What is bought, in words for a producer, by service and unit.
PURPOSES = {
    ("bedrock", "input_token"): "What models read",
    ("bedrock", "output_token"): "What models wrote",
    ("bedrock", "image"): "Pictures compared or drawn",
    ("bedrock", "training_image"): "Training",
    ("bedrock", "model_unit_hour"): "Capacity to draw with",
    ("bedrock", "month"): "Keeping the model",
    ("rekognition", "image"): "Pictures examined",
    ("rekognition", "hour"): "A detector of its own",
    ("a2i", "object"): "Review by people",
    ("ecs", "vcpu_hour"): "Processors of heavy tasks",
    ("ecs", "gb_hour"): "Memory of heavy tasks",
}
CONFIDENCE = {
    "H": "high: read on the price page",
    "M": "medium: one good source",
    "L": "low: an assumption",
    "": "no price known",
}

Item = tuple[str, str, str]  # service, item, unit


@dataclass(frozen=True)
class CostLine:
    """One billed item. Costs are in USD; None: the price table has no price for it."""

    service: str
    item: str
    unit: str
    amount: float  # bought so far
    price: Price | None
    usd: float | None  # so far
    estimated_usd: float | None  # by preflight, for the whole run; None: not estimated, or no price
    to_come_usd: float  # what remains of the estimate while the run continues

    @property
    def purpose(self) -> str:
        """What it was bought for."""
        return PURPOSES.get((self.service, self.unit.replace(" ", "_")), self.service)

    @property
    def confidence(self) -> str:
        """How reliable the price is."""
        return CONFIDENCE[self.price.confidence if self.price else ""]


@dataclass(frozen=True)
class RunningCost:
    """Something that bills while it exists."""

    resource: PaidResource
    until: str  # in words: what ends the billing
    moment: str = ""  # ISO 8601, when known


def bought(facts: ReportFacts) -> tuple[Usage, ...]:
    """Return the receipt's usages once there is one, else those booked so far."""
    return facts.receipt.usages if facts.receipt else sum_usages(facts.spent)


def cost_lines(facts: ReportFacts) -> tuple[CostLine, ...]:
    """List every item bought or expected, most expensive first, items without a price last."""
    spent = _amounts(bought(facts))
    planned = _amounts(facts.preflight.estimate if facts.preflight else ())
    lines = [
        _line(facts, item, spent.get(item, 0.0), planned.get(item))
        for item in dict.fromkeys((*spent, *planned))
    ]
    return tuple(sorted(lines, key=lambda line: (line.price is None, -_weight(line), line.item)))


def cost_so_far(lines: Iterable[CostLine]) -> float:
    """Add up the cost so far in USD, without items that have no price."""
    return sum(line.usd or 0.0 for line in lines)


def cost_estimated(lines: Iterable[CostLine]) -> float:
    """Add up preflight's estimate for the whole run in USD."""
    return sum(line.estimated_usd or 0.0 for line in lines)


def cost_to_come(lines: Iterable[CostLine]) -> float:
    """Add up what remains of the estimate in USD."""
    return sum(line.to_come_usd for line in lines)


def unpriced(lines: Iterable[CostLine]) -> tuple[str, ...]:
    """List the items without a price, each once; sums leave them out."""
    return tuple(dict.fromkeys(line.item for line in lines if line.price is None))


def running_costs(facts: ReportFacts) -> tuple[RunningCost, ...]:
    """List what exists and bills: by the receipt once there is one, else as last seen."""
    resources = facts.receipt.resources if facts.receipt else facts.resources
    alive = [one for one in resources if one.bills and not one.deleted_at]
    return tuple(_running(resource, facts.settings.lease_h) for resource in alive)


def _running(resource: PaidResource, lease_h: float) -> RunningCost:
    if resource.kept_until:
        return RunningCost(resource, "kept on purpose until", resource.kept_until)
    if resource.kept:
        return RunningCost(resource, "kept on purpose until it is deleted")
    if not resource.created_at:
        return RunningCost(resource, "until it is deleted")
    lease_end = datetime.fromisoformat(resource.created_at) + timedelta(hours=lease_h)
    return RunningCost(resource, "until it is deleted; its lease ends", iso(lease_end))


def _amounts(usages: Iterable[Usage]) -> dict[Item, float]:
    return {(one.service, one.item, one.unit): one.amount for one in sum_usages(usages)}


def _line(facts: ReportFacts, item: Item, amount: float, planned: float | None) -> CostLine:
    price = facts.prices.find(*item) if facts.prices else None
    usd = price.usd * amount if price else None
    estimated = price.usd * planned if price and planned is not None else None
    service, name, unit = item
    return CostLine(
        service=service,
        item=name,
        unit=unit.replace("_", " "),
        amount=amount,
        price=price,
        usd=usd,
        estimated_usd=estimated,
        to_come_usd=0.0 if facts.receipt else max(0.0, (estimated or 0.0) - (usd or 0.0)),
    )


def _weight(line: CostLine) -> float:
    return max(line.usd or 0.0, line.estimated_usd or 0.0)
