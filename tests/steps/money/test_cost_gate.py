"""The gate before money: above the budget, only a yes to exactly the sum goes on."""

from __future__ import annotations

import pytest

from storyboard_ops.domain.error_tree import GateClosed
from storyboard_ops.domain.review.review_records import CostConsent
from storyboard_ops.steps.money.cost_gate import (
    PREFLIGHT,
    cost_facts,
    cost_sentence,
    current_consent,
    record_consent,
    require_within_budget,
)
from storyboard_ops.steps.review.desk import open_desk_of_run
from storyboard_ops.steps.review.open_review import open_review
from tests.steps.review.test_desk import ESTIMATE, finish, page_tools, refused
from tests.studio.studio_fixture import Studio


def test_within_the_budget_nobody_is_asked(studio):
    tools, candidates = page_tools(studio)
    open_review(tools, candidates)
    desk = open_desk_of_run(tools)
    assert cost_facts(tools).consent_usd is None
    assert refused(desk.finish, "ana", finish(desk, consent_usd=61.2)).error == "consent"


@pytest.fixture
def dear(studio: Studio):
    """A run whose estimate is above its budget, and that asks."""
    tools, candidates = page_tools(studio, budget_usd=10, over_budget="ask")
    open_review(tools, candidates)
    return tools


@pytest.mark.parametrize("sum_agreed", [None, 61.19, 100])
def test_above_the_budget_only_a_yes_to_exactly_the_sum_goes_on(dear, sum_agreed):
    desk = open_desk_of_run(dear)
    error = refused(desk.finish, "ana", finish(desk, consent_usd=sum_agreed))
    assert (error.error, error.facts) == ("consent", {"consent_usd": 61.2})
    closed = desk.finish("ana", finish(desk, consent_usd=61.2)).closed
    assert closed is not None
    assert (closed.by, closed.consent_usd) == ("ana", 61.2)


def consent(usd: float = 61.2, agreed: bool = True) -> CostConsent:
    return CostConsent(
        usd=usd, agreed=agreed, by="ana", at="2026-11-23T08:00:00+00:00", where="required action"
    )


def test_a_yes_is_written_down_and_holds_for_its_sum_only(dear):
    assert current_consent(dear) is None
    record_consent(dear, consent())
    assert current_consent(dear) == consent()
    with pytest.raises(GateClosed, match="The yes was to"):
        record_consent(dear, consent(usd=12))
    assert current_consent(dear) is None


def test_a_no_stops_the_run_and_says_how_to_go_on(dear):
    with pytest.raises(GateClosed, match=r"ana said no to 61\.20 USD .* clear approve_cost"):
        record_consent(dear, consent(agreed=False))
    assert current_consent(dear) is None


def test_the_sentence_names_sum_budget_and_lease(dear):
    sentence = cost_sentence(cost_facts(dear))
    assert "training: 4,000 pictures seen" in sentence
    assert "the budget is 10.00 USD. Paid capacity lives at most 4 hours." in sentence


def test_panels_beyond_the_budget_stop_a_run_that_asks_nobody(studio):
    tools = studio.tools(budget_usd=61)
    tools.write_record(PREFLIGHT, ESTIMATE)
    with pytest.raises(GateClosed, match=r"costs about 61\.20 USD, and its budget is 61\.00 USD"):
        require_within_budget(tools)
    asking = studio.tools(budget_usd=61, over_budget="ask")
    require_within_budget(asking)
    require_within_budget(studio.tools(budget_usd=62))
