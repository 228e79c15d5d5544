"""The gate before the training: above the budget, somebody has to say yes to the sum."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import TaskAwaitingInput
from airflow.sdk.execution_time.hitl import upsert_hitl_detail

from storyboard_ops.airflow_ops.task_bridge import tool_box
from storyboard_ops.domain.error_tree import GateClosed
from storyboard_ops.domain.review.review_records import CostConsent
from storyboard_ops.domain.utc_time import iso

NO = "No, stop here"


def yes_to(usd: float) -> str:
    """The answer that agrees to a sum, by naming it."""
    return f"Yes, go on for {usd:,.2f} USD"


class CostApprovalOperator(BaseOperator):
    """Passes at once within the budget; above it, waits in ``awaiting_input`` for a yes.

    A yes that was given on the approval page, when the review was finished there, is taken over.
    Either way ``review/consent.json`` of the run says who agreed to which sum, and when.
    """

    ui_color = "#f2e3c6"

    def execute(self, context: Context) -> dict[str, Any]:
        from storyboard_ops.steps.money.cost_gate import (
            consent_given,
            cost_facts,
            cost_sentence,
            record_consent,
            require_passed_preflight,
        )
        from storyboard_ops.steps.review.desk import consent_on_page

        tools = tool_box()
        require_passed_preflight(tools)
        cost = cost_facts(tools)
        if cost.consent_usd is None:
            self.log.info("The estimate is within the budget: nobody is asked.")
            return {"asked": False}
        if given := consent_given(tools):
            return given.model_dump(mode="json")
        if on_page := consent_on_page(tools):
            return record_consent(tools, on_page).model_dump(mode="json")
        upsert_hitl_detail(
            ti_id=context["ti"].id,
            options=[yes_to(cost.consent_usd), NO],
            subject=f"The run will cost about {cost.consent_usd:,.2f} USD. Go on?",
            body=cost_sentence(cost),
            params={},
        )
        raise TaskAwaitingInput(
            method_name="execute_complete",
            timeout=timedelta(hours=tools.settings.review_timeout_h),
        )

    def execute_complete(self, context: Context, event: dict[str, Any]) -> dict[str, Any]:
        """Somebody has answered, or nobody in time; raises GateClosed for anything but a yes."""
        from storyboard_ops.steps.money.cost_gate import cost_facts, record_consent

        if "error" in event or not event["responded_by_user"]:
            raise GateClosed(
                "Nobody agreed to the cost in time; nothing was trained, and everything is kept. "
                "Clear approve_cost to ask again."
            )
        tools = tool_box()
        asked = cost_facts(tools).consent_usd
        if asked is None:
            return {"asked": False}
        consent = CostConsent(
            usd=asked,
            agreed=event["chosen_options"] == [yes_to(asked)],
            by=event["responded_by_user"]["name"],
            at=iso(event["responded_at"]),
            where="required action",
        )
        return record_consent(tools, consent).model_dump(mode="json")
