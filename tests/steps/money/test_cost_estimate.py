"""The estimated cost: when it needs consent, how people read it, and what has no price."""

from __future__ import annotations

import pytest

from storyboard_ops.domain.error_tree import (
    GateClosed,
)
from storyboard_ops.domain.money.paid_usage import Usage
from storyboard_ops.domain.preflight.preflight_report import Check, PreflightReport
from storyboard_ops.domain.review.review_records import CostConsent
from storyboard_ops.domain.utc_time import iso
from storyboard_ops.gateways.money.pricing import cost_of
from storyboard_ops.steps.money import cost_gate
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.studio.trainers.bedrock_run import NOON, Run

CANVAS = "amazon.nova-canvas-v1:0"


ESTIMATE = (
    Usage(service="rekognition", item="DetectLabels", unit="image", amount=1_000),
    Usage(service="bedrock", item=CANVAS, unit="training_image", amount=80),
    Usage(service="bedrock", item=CANVAS, unit="model_unit_hour", amount=2),
    Usage(service="bedrock", item="unknown", unit="image", amount=5),
)


def estimated(tools: ToolBox, usd: float) -> ToolBox:
    """A run whose preflight has estimated a sum."""
    report = PreflightReport(
        checks=(), estimate=ESTIMATE, estimate_usd=usd, price_table_date="2026-11-22"
    )
    tools.write_record(cost_gate.PREFLIGHT, report)
    return tools


@pytest.mark.parametrize(
    ("usd", "over_budget", "asked"),
    [(10, "ask", None), (10.01, "ask", 10.01), (10.01, "refuse", None), (9.99, "ask", None)],
)
def test_exactly_the_budget_needs_no_consent(
    run: Run, usd: float, over_budget: str, asked: float | None
) -> None:
    facts = cost_gate.cost_facts(estimated(run(budget_usd=10, over_budget=over_budget), usd))
    assert facts.consent_usd == asked


def test_costs_are_put_in_the_words_of_people(run: Run) -> None:
    facts = cost_gate.cost_facts(estimated(run(budget_usd=10), 122.4))
    assert [(line.what, line.usd) for line in facts.lines] == [
        ("frames, detection, captions and review", 1.0),
        ("training: 80 pictures seen", 0.4),
        ("hosting the model: model unit hours, 2", 121.0),
    ]
    assert cost_gate.cost_sentence(facts).startswith(
        "The costs (frames, detection, captions and review, about 1.00 USD; training: 80 "
        "pictures seen, about 0.40 USD; hosting the model: model unit hours, 2, about 121.00 USD) "
        "add up to an estimated 122.40 USD by the prices of 2026-11-22; the budget is 10.00 USD. "
        "Paid capacity lives at most 4 hours."
    )
    dataset = cost_gate.cost_sentence(facts.model_copy(update={"lines": facts.lines[:1]}))
    assert dataset.endswith("the budget is 10.00 USD."), "a dataset alone buys no capacity"
    nothing = cost_gate.cost_sentence(cost_gate.cost_facts(run("run-2")))
    assert nothing == "No cost was estimated for this run."


def test_what_a_run_does_not_use_is_not_among_its_costs() -> None:
    two = Usage(service="bedrock", item=CANVAS, unit="model_unit_hour", amount=2)
    none = two.model_copy(update={"amount": 0})
    [line] = cost_gate.cost_lines((none, two), "us-east-1")
    assert line.what == "hosting the model: model unit hours, 2"


def test_a_yes_holds_for_exactly_the_sum(run: Run) -> None:
    tools = estimated(run(budget_usd=10, over_budget="ask"), 61.2)
    yes = CostConsent(usd=61.2, agreed=True, by="ana", at=iso(NOON), where="approval page")
    assert cost_gate.record_consent(tools, yes) == yes
    assert cost_gate.current_consent(tools) == yes
    estimated(tools, 61.21)
    assert cost_gate.current_consent(tools) is None
    with pytest.raises(GateClosed, match=r"The yes was to 61\.20 USD, but the cost is 61\.21 USD"):
        cost_gate.record_consent(tools, yes)


def test_a_refused_preflight_stops_whoever_goes_on(run: Run) -> None:
    tools = run()
    cost_gate.require_passed_preflight(tools)
    refused = Check(name="rights", state="fail", finding="no right to train", remedy="Add it.")
    tools.write_record(cost_gate.PREFLIGHT, PreflightReport(checks=(refused,)))
    with pytest.raises(GateClosed, match="no right to train"):
        cost_gate.require_passed_preflight(tools)


def test_the_cost_of_usages_leaves_out_what_has_no_price() -> None:
    usd, unpriced = cost_of(ESTIMATE, "us-east-1")
    assert usd == pytest.approx(1.0 + 0.4 + 121.0)
    assert [usage.item for usage in unpriced] == ["unknown"]
    tiny = Usage(service="bedrock", item=CANVAS, unit="training_image", amount=0.00032)
    assert cost_of([tiny], "us-east-1")[0] == 0.000002  # 0.0000016 USD, to a millionth
