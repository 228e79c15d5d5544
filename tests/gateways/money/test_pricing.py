"""Prices by region: an item costs what the region's own table says, or has no price."""

from pathlib import Path

import pytest

from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.money.paid_usage import Usage
from storyboard_ops.gateways.money.pricing import PRICES_VARIABLE, cost_of, price_table

HERE = "us-east-1"


def million_tokens(model_id: str) -> Usage:
    return Usage(service="bedrock", item=model_id, unit="input_token", amount=1_000_000)


@pytest.mark.parametrize(
    "model_id",
    [
        "amazon.nova-pro-v1:0",
        "us.amazon.nova-pro-v1:0",
        "global.amazon.nova-pro-v1:0",
        "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-pro-v1:0",
        "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0",
    ],
)
def test_an_inference_profile_costs_what_its_model_costs(model_id):
    assert cost_of([million_tokens(model_id)], HERE) == (0.8, ())


@pytest.mark.parametrize(
    "model_id",
    [
        "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3",
        "xx.amazon.nova-pro-v1:0",
        "amazon.nova-pro-v2:0",
    ],
)
def test_what_cannot_be_recognized_has_no_price(model_id):
    usage = million_tokens(model_id)
    assert cost_of([usage], HERE) == (0, (usage,))


def test_a_region_without_a_table_has_no_price():
    usage = million_tokens("amazon.nova-pro-v1:0")
    assert cost_of([usage], "eu-central-1") == (0, (usage,))
    assert price_table("eu-central-1").date == ""


def test_every_price_names_its_source():
    assert all(price.source for price in price_table(HERE).prices)


TABLE = """
date: "2026-11-28"
region: {region}
test_only: true
prices:
  - {{service: bedrock, item: "amazon.nova-pro-v1:0", unit: input_token, usd: 0.000001,
     source: made up for a test}}
"""


def test_an_operator_brings_own_prices(tmp_path: Path, monkeypatch):
    (tmp_path / "aws-eu-central-1.yaml").write_text(TABLE.format(region="eu-central-1"))
    monkeypatch.setenv(PRICES_VARIABLE, str(tmp_path))
    assert price_table("eu-central-1").dated == "2026-11-28, made up for tests"
    assert cost_of([million_tokens("eu.amazon.nova-pro-v1:0")], "eu-central-1") == (1.0, ())
    assert price_table(HERE).prices == ()  # the folder is used instead, not beside


def test_prices_of_another_region_are_refused(tmp_path: Path, monkeypatch):
    (tmp_path / "aws-eu-central-1.yaml").write_text(TABLE.format(region=HERE))
    monkeypatch.setenv(PRICES_VARIABLE, str(tmp_path))
    with pytest.raises(BadInput, match="has the prices of us-east-1, not of eu-central-1"):
        price_table("eu-central-1")
