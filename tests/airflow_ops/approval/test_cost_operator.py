"""The gate before the training: whose yes counts, and that silence is a no."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import TaskAwaitingInput

from storyboard_ops.airflow_ops.approval import cost_operator as approval_of_cost
from storyboard_ops.airflow_ops.approval.cost_operator import (
    NO,
    CostApprovalOperator,
    consent_option,
)
from storyboard_ops.airflow_ops.refusals import TaskRefused
from storyboard_ops.domain.error_tree import GateClosed
from storyboard_ops.domain.review.review_records import CostConsent
from storyboard_ops.steps.money.cost_gate import CONSENT, record_consent
from tests.steps.review.test_desk import page_tools
from tests.studio.studio_fixture import Studio

CONTEXT: Any = {"ti": SimpleNamespace(id="the-task")}
OLGA = {"id": "olga", "name": "olga"}


class Gate:
    """The operator of a run that costs 61.20 USD, and the questions it has put up."""

    def __init__(self, studio: Studio, monkeypatch: pytest.MonkeyPatch, budget_usd: float) -> None:
        self.tools, _ = page_tools(studio, budget_usd=budget_usd, over_budget="ask")
        self.questions: list[dict[str, Any]] = []
        self.operator = CostApprovalOperator(task_id="approve_cost")
        monkeypatch.setattr(approval_of_cost, "tool_box", lambda: self.tools)
        monkeypatch.setattr(
            approval_of_cost, "upsert_hitl_detail", lambda **asked: self.questions.append(asked)
        )

    def answered(self, option: str, by: dict[str, str] | None) -> dict[str, Any]:
        event = {
            "chosen_options": [option],
            "responded_by_user": by,
            "responded_at": datetime(2026, 11, 23, 9, tzinfo=UTC),
        }
        return self.operator.execute_complete(CONTEXT, event)

    @property
    def written(self) -> CostConsent | None:
        return self.tools.read_record(CONSENT, CostConsent)


@pytest.fixture
def dear(studio: Studio, monkeypatch) -> Gate:
    return Gate(studio, monkeypatch, budget_usd=10)


def test_within_the_budget_nobody_is_asked(studio, monkeypatch):
    gate = Gate(studio, monkeypatch, budget_usd=100)
    assert gate.operator.execute(CONTEXT) == {"asked": False}
    assert (gate.questions, gate.written) == ([], None)


def test_above_it_the_question_names_the_sum_and_waits_for_people(dear):
    with pytest.raises(TaskAwaitingInput) as park:
        dear.operator.execute(CONTEXT)
    (question,) = dear.questions
    assert question["options"] == ["Yes, go on for 61.20 USD", NO]
    assert "the budget is 10.00 USD" in question["body"]
    assert "defaults" not in question  # nobody's silence is a yes
    assert park.value.timeout == timedelta(hours=72)


def test_a_yes_is_written_down_and_not_asked_for_again(dear):
    dear.answered(consent_option(61.2), OLGA)
    assert dear.written == CostConsent(
        usd=61.2, agreed=True, by="olga", at="2026-11-23T09:00:00+00:00", where="required action"
    )
    assert dear.operator.execute(CONTEXT)["by"] == "olga"
    assert dear.questions == []


@pytest.mark.logs_errors
def test_a_no_closes_the_gate_and_is_written_down(dear):
    with pytest.raises(TaskRefused, match="olga said no"):
        dear.answered(NO, OLGA)
    assert dear.written.agreed is False
    with pytest.raises(TaskAwaitingInput):  # cleared: it asks again
        dear.operator.execute(CONTEXT)


@pytest.mark.parametrize(
    "event",
    [
        {"error": "no response", "error_type": "timeout"},
        {"chosen_options": [consent_option(61.2)], "responded_by_user": None, "responded_at": None},
    ],
    ids=["nobody in time", "a default"],
)
@pytest.mark.logs_errors
def test_silence_is_a_no(dear, event):
    with pytest.raises(TaskRefused, match="Nobody agreed to the cost in time"):
        dear.operator.execute_complete(CONTEXT, event)
    assert dear.written is None


@pytest.mark.logs_errors
def test_a_consent_option_another_sum_does_not_count(dear):
    with pytest.raises(TaskRefused):
        dear.answered(consent_option(12), OLGA)
    consent = CostConsent(usd=12, agreed=True, by="x", at="", where="approval page")
    with pytest.raises(GateClosed, match=r"The yes was to 12\.00 USD"):
        record_consent(dear.tools, consent)
