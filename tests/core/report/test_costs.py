"""What a run has cost, what is to come, what goes on billing, and how the page writes sums."""

from __future__ import annotations

import pytest

from storyboard_ops.core.report import page
from storyboard_ops.core.report.costs import (
    cost_estimated,
    cost_lines,
    cost_so_far,
    cost_to_come,
    running_costs,
    unpriced,
)
from storyboard_ops.domain.money.paid_usage import Usage
from storyboard_ops.domain.review.review_records import CostConsent
from tests.material import cost_factories, factories, reports
from tests.reading.report_reading import parsed, section

CANVAS = "amazon.nova-canvas-v1:0"


def test_the_dearest_item_comes_first_and_what_has_no_price_last():
    lines = cost_lines(reports.report_facts())
    assert [(line.purpose, line.item, line.unit) for line in lines][:2] == [
        ("Capacity to draw with", CANVAS, "model unit hour"),
        ("Training", CANVAS, "training image"),
    ]
    assert (lines[0].usd, lines[0].confidence) == (60.5, "high: read on the price page")
    assert (lines[-1].item, lines[-1].usd) == ("amazon.nova-lite-v1:0", None)
    assert lines[-1].confidence == "no price known"


def test_while_a_run_goes_on_what_is_left_of_the_estimate_is_to_come():
    spent = (
        Usage(service="bedrock", item=CANVAS, unit="training_image", amount=1_000),
        Usage(service="bedrock", item="amazon.nova-pro-v1:0", unit="output_token", amount=60_000),
        Usage(service="bedrock", item=CANVAS, unit="training_image", amount=1_000),
    )
    lines = cost_lines(reports.report_facts(receipt=None, spent=spent))
    told = {(line.item, line.unit): line for line in lines}
    training = told[CANVAS, "training image"]
    assert (training.usd, training.estimated_usd, training.to_come_usd) == (10.0, 20.0, 10.0)
    capacity = told[CANVAS, "model unit hour"]
    assert (capacity.usd, capacity.to_come_usd) == (0.0, 60.5)
    # More was written than expected: nothing of it is to come, and it saves nothing elsewhere.
    assert told["amazon.nova-pro-v1:0", "output token"].to_come_usd == 0.0
    assert round(cost_so_far(lines), 3) == 10.192
    assert round(cost_estimated(lines), 3) == 80.976
    assert round(cost_to_come(lines), 3) == round(80.976 - 10.0 - 0.064, 3)


def test_once_the_receipt_is_written_nothing_is_to_come():
    lines = cost_lines(reports.report_facts())
    assert cost_to_come(lines) == 0.0
    assert round(cost_so_far(lines), 2) == 80.91


def test_without_a_price_table_nothing_is_priced():
    lines = cost_lines(reports.report_facts(prices=None))
    assert {(line.usd, line.estimated_usd) for line in lines} == {(None, None)}


def test_capacity_that_is_up_bills_until_its_lease_ends():
    facts = reports.report_facts(
        receipt=None,
        resources=(
            cost_factories.throughput(),
            cost_factories.resource("customization job", bills=False),
        ),
        settings=factories.settings(lease_h=4),
    )
    (running,) = running_costs(facts)
    assert running.resource.kind == "provisioned throughput"
    assert running.until == "until it is deleted; its lease ends"
    assert running.moment == "2026-11-20T14:30:00+00:00"


def test_what_is_kept_on_purpose_says_until_when():
    until = "2026-12-20T10:30:00+00:00"
    kept = cost_factories.throughput(kept=True, kept_until=until)
    facts = reports.report_facts(receipt=cost_factories.receipt(resources=(kept,)))
    assert [(one.until, one.moment) for one in running_costs(facts)] == [
        ("kept on purpose until", until)
    ]


def test_of_a_finished_run_the_kept_model_goes_on_billing():
    assert [(one.resource.kind, one.until) for one in running_costs(reports.report_facts())] == [
        ("custom model", "kept on purpose until it is deleted")
    ]


def test_what_was_not_foreseen_is_in_no_estimate_and_leaves_nothing_to_come():
    lite = "amazon.nova-lite-v1:0"
    cents = Usage(service="bedrock", item="amazon.titan-embed-image-v1", unit="image", amount=1)
    unknown = Usage(service="bedrock", item=lite, unit="input_token", amount=900)
    facts = reports.report_facts(receipt=None, preflight=None, spent=(cents, unknown))
    lines = cost_lines(facts)
    assert [(line.estimated_usd, line.to_come_usd) for line in lines] == [(None, 0.0)] * 2
    assert (cost_estimated(lines), cost_to_come(lines)) == (0.0, 0.0)
    assert cost_so_far(lines) == 6e-5
    assert unpriced(lines) == (lite,)


def test_decisions_costs_and_receipt_are_tables(document):
    assert "dana a2i approve – 32" in section(document, "review")
    assert "ilse a2i reject wrong character 3" in section(document, "review")
    cost = section(document, "cost")
    assert "Training amazon.nova-canvas-v1:0 $20.00 $20.00 4,000 training image $0.005 low" in cost
    assert "$0.40 $0.33 412,000 input token $0.80 a million" in cost
    assert "amazon.nova-lite-v1:0 – not priced 900 input token – no price known" in cost
    assert "as of 2026-11-22" in cost
    assert "Total of what has a price $80.98 $80.91" in cost
    assert (
        "Custom model storyboard-custom-model-1f2e3d4c : $1.95 per month, kept on purpose until "
        "it is deleted"
    ) in cost
    receipt = section(document, "receipt")
    assert "deleted 20 November 2026, 12:10 UTC" in receipt
    assert "0.00 h $1.95 per month kept on purpose" in receipt
    assert "Prices as of 2026-11-22." in receipt
    assert "kept on purpose (keep_model)" in receipt


@pytest.mark.parametrize(
    ("amount", "said"),
    [(4000.0, "4,000 month"), (1.5, "1.5 month"), (9e-06, "< 0.001 month"), (0.0, "0.00 h $1.95")],
)
def test_an_amount_is_told_as_people_write_it(amount, said):
    bought = cost_factories.resource("custom model", unit="month", usd_per_unit=1.95, amount=amount)
    receipt = cost_factories.receipt(resources=(bought,))
    document = parsed(reports.report_facts(receipt=receipt))
    assert said in section(document, "receipt")


def test_who_agreed_to_a_sum_above_the_budget_stands_on_the_receipt():
    consent = CostConsent(
        usd=312.4, agreed=True, by="ana", at="2026-11-20T10:15:00+00:00", where="approval page"
    )
    receipt = cost_factories.receipt().model_copy(update={"consent": consent})
    document = parsed(reports.report_facts(receipt=receipt))
    assert (
        "ana approved $312.40, which is above the budget, 20 November 2026, 10:15 UTC "
        "(approval page)."
    ) in section(document, "receipt")


@pytest.mark.parametrize(
    ("usd", "said"),
    [
        (0.0, "$0.00"),
        (0.01, "$0.01"),
        (0.00999, "$0.01"),
        (0.00994, "$0.0099"),
        (0.0012, "$0.0012"),
        (1234.5, "$1,234.50"),
    ],
)
def test_dollars_are_told_to_the_cent_and_less_to_two_digits(usd, said):
    assert page._usd(usd) == said


@pytest.mark.parametrize(
    ("usd", "said"), [(0.001, "$0.001"), (0.00099, "$990.00 a million"), (8e-7, "$0.80 a million")]
)
def test_the_price_of_next_to_nothing_is_told_by_the_million(usd, said):
    assert page._unit_price(usd) == said


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (100.0, "100"),
        (99.96, "100"),
        (99.94, "99.9"),
        (0.001, "0.001"),
        (0.0009, "< 0.001"),
        (0.0, "0"),
    ],
)
def test_three_digits_of_an_amount_are_told_below_a_hundred(amount, said):
    assert page._amount(amount) == said
