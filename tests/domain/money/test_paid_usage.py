"""Prices, sums of usages, and price tables that is not valid."""

from __future__ import annotations

import pytest

from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.money.paid_usage import Usage, parse_price_table, sum_usages
from tests.material.cost_factories import price_table

NOVA = "amazon.nova-pro-v1:0"


def usage(item: str, unit: str, amount: float, service: str = "bedrock") -> Usage:
    return Usage(service=service, item=item, unit=unit, amount=amount)


@pytest.mark.parametrize(
    "other",
    [
        usage("another-model", "input_token", 1),
        usage(NOVA, "hour", 1),
        usage(NOVA, "input_token", 1, service="rekognition"),
    ],
    ids=["item", "unit", "service"],
)
def test_a_price_is_that_of_one_item_in_one_unit_of_one_service(other: Usage) -> None:
    assert price_table().usd(usage(NOVA, "input_token", 1_000_000)) == pytest.approx(0.8)
    assert price_table().usd(other) is None


def test_equal_items_add_up_and_come_in_order() -> None:
    spent = [
        usage(NOVA, "output_token", 2),
        usage("titan", "image", 1),
        usage(NOVA, "output_token", 3),
    ]
    spent.append(usage(NOVA, "input_token", 7))
    assert sum_usages(spent) == (
        usage(NOVA, "input_token", 7),
        usage(NOVA, "output_token", 5),
        usage("titan", "image", 1),
    )


def test_a_price_table_that_cannot_be_used_is_named() -> None:
    with pytest.raises(BadInput, match=r"prices/mine\.yaml is not valid"):
        parse_price_table({"date": "2026-11-22"}, "prices/mine.yaml")
