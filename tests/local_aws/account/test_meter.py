"""The bill: calls and running hours, priced by the price table."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from local_aws.account.meter import Meter
from local_aws.account.price_table import Price, PriceTable, read_prices
from local_aws.storage.database import Database
from local_aws.storage.state_store import StateStore
from tests.studio.endpoint_fixture import RunningEndpoint

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PRICES = PriceTable(
    date="2026-11-22",
    prices=(
        Price("rekognition", "DetectLabels", "image", 0.001),
        Price("bedrock", "nova-pro", "input_token", 0.000002),
        Price("bedrock", "nova-canvas", "model_unit_hour", 60.5),
    ),
)


@pytest.fixture
def meter(tmp_path: Path) -> Meter:
    database = Database(tmp_path / "endpoint.db")
    return Meter(database, StateStore(database), PRICES)


def test_calls_add_up(meter: Meter) -> None:
    for _ in range(3):
        meter.record("rekognition", "DetectLabels", {"image": 1})
    bill = meter.bill(NOON)
    assert [(line["item"], line["quantity"], line["usd"]) for line in bill["lines"]] == [
        ("DetectLabels", 3.0, pytest.approx(0.003))
    ]
    assert bill["total_usd"] == pytest.approx(0.003)
    assert bill["prices_date"] == "2026-11-22"


def test_the_price_of_the_resource_comes_first(meter: Meter) -> None:
    meter.record("bedrock", "Converse", {"input_token": 1000}, resource="nova-pro")
    assert meter.bill(NOON)["total_usd"] == pytest.approx(0.002)


def test_what_has_no_price_is_named(meter: Meter) -> None:
    meter.record("sqs", "SendMessage", {"request": 1})
    bill = meter.bill(NOON)
    assert bill["unpriced"] == ["sqs SendMessage request"]
    assert bill["lines"][0]["usd_per_unit"] is None


def test_capacity_bills_by_the_hour_until_it_stops(meter: Meter) -> None:
    meter.start("bedrock", "nova-canvas", "model_unit_hour", "arn:throughput", 2, NOON)
    assert meter.bill(NOON + timedelta(hours=3))["total_usd"] == pytest.approx(363.0)
    assert [line["resource"] for line in meter.running()] == ["arn:throughput"]
    meter.stop("arn:throughput", NOON + timedelta(hours=4))
    assert meter.running() == []
    assert meter.bill(NOON + timedelta(days=9))["total_usd"] == pytest.approx(484.0)


def test_capacity_may_run_twice(meter: Meter) -> None:
    for start in (0, 10):
        at = NOON + timedelta(hours=start)
        meter.start("bedrock", "nova-canvas", "model_unit_hour", "arn:throughput", 1, at)
        meter.stop("arn:throughput", at + timedelta(hours=1))
    assert meter.bill(NOON + timedelta(days=9))["total_usd"] == pytest.approx(121.0)


def test_the_price_table_of_the_project_is_read() -> None:
    table = read_prices("us-east-1")
    price = table.find("rekognition", ["DetectLabels"], "image")
    assert price is not None and price.usd > 0
    assert table.date


def test_a_region_without_a_table_has_no_prices(tmp_path: Path) -> None:
    assert read_prices("eu-west-9", tmp_path).prices == ()


def test_the_bill_and_what_exists_are_served(local_endpoint: RunningEndpoint, bucket: str) -> None:
    local_endpoint.client("s3").put_object(Bucket=bucket, Key="key", Body=b"12345")
    lines = local_endpoint.admin("GET", "bill")["lines"]
    assert any(line["item"] == "PutObject" and line["quantity"] >= 1 for line in lines)
    buckets = {item["bucket"]: item for item in local_endpoint.admin("GET", "resources")["buckets"]}
    assert (buckets[bucket]["objects"], buckets[bucket]["bytes"]) == (1, 5)
