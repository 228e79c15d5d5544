"""The costs on the report page: amounts, prices and sums as people write them."""

import pytest

from storyboard_ops.core.report import page
from storyboard_ops.domain.review.review_records import CostConsent
from tests.material import cost_factories, reports
from tests.reading.report_reading import parsed, section


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
