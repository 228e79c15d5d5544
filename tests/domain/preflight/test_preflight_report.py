"""The checks as text, for a task's log."""

from storyboard_ops.domain.preflight.preflight_report import Check, PreflightReport
from tests.material.cost_factories import preflight

MISSING = Check(name="production", state="fail", finding="It cannot be used:\n  slug: too long")


def test_findings_stand_in_one_column_over_what_the_run_would_cost():
    assert preflight().table().splitlines() == [
        "PASS  budget    within the budget",
        "      estimate  80.98 USD (price table of 2026-11-22)",
    ]


def test_a_finding_of_several_lines_stays_in_its_column_and_no_estimate_is_made_up():
    assert PreflightReport(checks=(MISSING,)).table().splitlines() == [
        "FAIL  production  It cannot be used:",
        "                    slug: too long",
    ]
