"""The checks as text, for a task's log."""

from storyboard_ops.domain.preflight.preflight_report import Check, PreflightReport
from tests.material.cost_factories import preflight

MISSING = Check(name="production", state="fail", finding="It cannot be used:\n  slug: too long")


def test_findings_stand_in_one_column_over_what_the_run_would_cost():
    assert preflight().table().splitlines() == [
        "PASS  budget    within the budget",
        "      estimate  The whole run is estimated at 80.98 USD by the prices of 2026-11-22.",
    ]


def test_a_finding_of_several_lines_stays_in_its_column_and_no_estimate_is_made_up():
    assert PreflightReport(checks=(MISSING,)).table().splitlines() == [
        "FAIL  production  It cannot be used:",
        "                    slug: too long",
    ]


def test_without_a_price_for_an_item_no_sum_is_stated():
    estimate = preflight().estimate
    report = preflight().model_copy(update={"unpriced": estimate[:1]})
    assert report.cost_sentence == (
        f"What the whole run costs is not known: 1 of its {len(estimate)} items have no sourced "
        "price."
    )
