"""The estimate before a run against its budget; what has no sourced price closes the gate."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from storyboard_ops.gateways.money.pricing import cost_of
from storyboard_ops.steps.money.cost_gate import cost_facts
from storyboard_ops.steps.preflight.check_preflight import check_preflight, preflight_report
from tests.films.tiny_film import tiny_film, tiny_production
from tests.steps.preflight.answers import refusal
from tests.studio.endpoint_fixture import running_endpoint
from tests.studio.studio_fixture import Studio

OPERATION = {
    "detection_model_id": "Converse",
    "caption_model_id": "Converse",
    "embedding_model_id": "InvokeModel",
}


#: Prices that nobody pays, so that a run in Frankfurt can be estimated at all.
TEST_PRICES = """
date: "2026-11-28"
region: eu-central-1
test_only: true
prices:
  - {service: bedrock, item: "amazon.nova-pro-v1:0", unit: input_token, usd: 1.0e-6, source: test}
  - {service: bedrock, item: "amazon.nova-pro-v1:0", unit: output_token, usd: 1.0e-6, source: test}
  - {service: bedrock, item: amazon.titan-embed-image-v1, unit: image, usd: 1.0e-6, source: test}
"""


def test_the_estimate_counts_training_and_one_hour_of_capacity(studio, ready):
    report = check_preflight(studio.tools(**ready, step_count=100, batch_size=8))
    amounts = {(usage.item, usage.unit): usage.amount for usage in report.estimate}
    assert amounts["amazon.nova-canvas-v1:0", "training_image"] == 800
    assert amounts["amazon.nova-canvas-v1:0", "model_unit_hour"] == 1
    assert report.estimate_usd > 800 * 0.005 + 60.5


def test_the_estimate_counts_every_hour_that_capacity_is_kept(studio, ready):
    until = datetime.now(UTC) + timedelta(hours=5)
    kept = check_preflight(studio.tools(**ready, keep_capacity_until=until, budget_usd=1000))
    hours = {usage.unit: usage.amount for usage in kept.estimate}["model_unit_hour"]
    assert hours == 5
    term = preflight_report(studio.tools(**ready, commitment="OneMonth"))
    assert term.estimate_usd > 30 * 24 * 60.5
    assert [check.name for check in term.failed] == ["budget"]


def test_an_estimate_above_the_budget_is_refused(studio, ready):
    message = refusal(studio, **ready, budget_usd=10)
    assert "above the budget of 10.00 USD" in message


def test_preflight_and_the_gate_before_the_training_agree_to_the_cent(studio, ready):
    """The estimate is not a whole number of cents: it is rounded up for both."""
    exact = preflight_report(studio.tools(**ready)).estimate_usd
    usages = preflight_report(studio.tools(**ready)).estimate
    assert 0 < exact - cost_of(usages, "us-east-1")[0] < 0.01
    for budget, state, due in ((exact, "pass", None), (round(exact - 0.01, 2), "warn", exact)):
        tools = studio.tools(**ready, budget_usd=budget, over_budget="ask")
        report = check_preflight(tools)
        assert {check.name: check.state for check in report.checks}["budget"] == state
        assert cost_facts(tools).consent_usd == due


def test_an_estimate_above_the_budget_may_be_asked_about_instead(studio, ready):
    report = check_preflight(studio.tools(**ready, budget_usd=10, over_budget="ask"))
    (budget,) = [check for check in report.checks if check.name == "budget"]
    assert budget.state == "warn"
    assert "the run will request approval before the training" in budget.finding


@pytest.mark.parametrize("over_budget", ["refuse", "ask"])
def test_a_dataset_above_the_budget_is_refused_because_asking_comes_after_it(
    studio, ready, over_budget
):
    message = refusal(studio, **ready, budget_usd=0.01, over_budget=over_budget)
    assert re.search(
        r"above the budget of 0\.01 USD, \d\.\d\d USD of it for the dataset\.", message
    )
    assert "Raise budget_usd, or lower the number of films, or raise sample_interval_s." in message


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("detection_model_id", "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/x"),
        ("detection_model_id", "vendor.model-of-tomorrow-v1:0"),
        ("caption_model_id", "vendor.model-of-tomorrow-v1:0"),
        ("embedding_model_id", "vendor.embeddings-v1:0"),
    ],
)
def test_a_model_without_a_price_closes_the_gate_whoever_chooses_it(studio, ready, name, model):
    production = tiny_production(studio, **{name: model})
    unpriced = f"no sourced price in us-east-1 for {OPERATION[name]} of {model}"
    message = refusal(studio, **{**ready, "production": production})
    assert unpriced in message
    assert "Add the prices with date and source to include/prices/aws-us-east-1.yaml" in message
    own = {**ready, "production": tiny_production(studio), name: model}
    assert unpriced in refusal(studio, **own)


def estimate_usd(studio: Studio, ready: dict, model: str) -> float:
    chosen = {"detection_model_id": model, "caption_model_id": model, "budget_usd": 1_000_000}
    return preflight_report(studio.tools(**ready, **chosen)).estimate_usd


@pytest.mark.parametrize(
    "profile",
    [
        "us.amazon.nova-pro-v1:0",
        "arn:aws:bedrock:us-east-1:000000000000:inference-profile/us.amazon.nova-pro-v1:0",
        "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0",
    ],
)
def test_an_inference_profile_is_estimated_at_the_price_of_its_model(studio, ready, profile):
    plain = estimate_usd(studio, ready, "amazon.nova-pro-v1:0")
    assert estimate_usd(studio, ready, profile) == plain
    assert plain > estimate_usd(studio, ready, "amazon.nova-lite-v1:0")


def test_a_region_without_prices_closes_the_gate_by_name(tmp_path, monkeypatch):
    """Frankfurt has no price table, and Virginia's prices are not used instead."""
    arguments = ("--region", "eu-central-1", "--today", "2026-11-28")
    with running_endpoint(tmp_path / "data", arguments) as endpoint:
        studio = Studio.opened(endpoint)
        film = studio.upload(tiny_film(tmp_path / "film.mp4", seconds=3))
        tools = studio.tools(
            videos=[film],
            production=tiny_production(studio),
            trainer="dataset_only",
            review_desk="page",
        )
        checks = {check.name: check for check in preflight_report(tools).checks}
        monkeypatch.setenv("STORYBOARD_PRICES", str(tmp_path))
        (tmp_path / "aws-eu-central-1.yaml").write_text(TEST_PRICES)
        priced = {check.name: check for check in check_preflight(tools).checks}
        routes = studio.read_json("runs/run-1/models.json")["routes"]
    assert [name for name, check in checks.items() if check.state == "fail"] == ["budget"]
    assert checks["budget"].finding == (
        "no sourced price in eu-central-1 for Converse of amazon.nova-pro-v1:0, "
        "InvokeModel of amazon.titan-embed-image-v1, so the budget does not cover it."
    )
    assert "include/prices/aws-eu-central-1.yaml" in checks["budget"].remedy
    assert priced["budget"].state == "pass"
    assert "its price table is for tests only" in priced["region"].finding
    assert {route["model_id"]: route["called"] for route in routes} == {
        "amazon.nova-pro-v1:0": "eu.amazon.nova-pro-v1:0",
        "amazon.titan-embed-image-v1": "amazon.titan-embed-image-v1",
    }
