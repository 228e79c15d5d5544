"""The cost gate before training: above the budget, a person must agree to the sum."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import Context
from airflow.sdk.exceptions import TaskAwaitingInput
from airflow.sdk.execution_time.hitl import upsert_hitl_detail

from storyboard_ops.airflow_ops.task_bridge import tool_box
from storyboard_ops.airflow_ops.tasks.kinds import MINUTES, PRODUCERS, PipelineOperator
from storyboard_ops.domain.error_tree import GateClosed
from storyboard_ops.domain.review.review_records import CostConsent
from storyboard_ops.domain.utc_time import iso
from storyboard_ops.steps.run.under_way import begin_wait, end_wait

if TYPE_CHECKING:
    from storyboard_ops.steps.run.tool_box import ToolBox

NO = "No, stop here"


def consent_option(usd: float) -> str:
    """Return the option that agrees to a sum by naming it."""
    return f"Yes, go on for {usd:,.2f} USD"


class CostApprovalOperator(PipelineOperator):
    """Pass at once within the budget; above it, wait in ``awaiting_input`` for consent.

    Consent to this sum given on the approval page or the breakdown page, when it was finished,
    counts. In all cases ``review/consent.json`` of the run records who agreed to which sum, and
    when.
    """

    KIND = {"owner": PRODUCERS, "execution_timeout": MINUTES}
    ui_color = "#f2e3c6"

    def execute(self, context: Context) -> dict[str, Any]:
        from storyboard_ops.steps.money.cost_gate import (
            cost_facts,
            cost_sentence,
            current_consent,
            record_consent,
            require_passed_preflight,
            require_within_budget,
        )

        tools = tool_box()
        require_passed_preflight(tools)
        require_within_budget(tools)
        cost = cost_facts(tools)
        if cost.consent_usd is None:
            self.log.info("The estimate is within the budget; no approval is needed.")
            return {"asked": False}
        if given := current_consent(tools):
            return given.model_dump(mode="json")
        for on_page in _page_consents(tools):
            if on_page.usd == cost.consent_usd:
                return record_consent(tools, on_page).model_dump(mode="json")
        begin_wait(tools, self.task_id)
        upsert_hitl_detail(
            ti_id=context["ti"].id,
            options=[consent_option(cost.consent_usd), NO],
            subject=f"The run will cost about {cost.consent_usd:,.2f} USD. Go on?",
            body=cost_sentence(cost),
            params={},
        )
        raise TaskAwaitingInput(
            method_name="execute_complete",
            timeout=timedelta(hours=tools.settings.review_timeout_h),
        )

    def execute_complete(self, context: Context, event: dict[str, Any]) -> dict[str, Any]:
        """Record the answer; raises GateClosed unless it is the consent, given in time."""
        from storyboard_ops.steps.money.cost_gate import cost_facts, record_consent

        tools = tool_box()
        end_wait(tools)
        if "error" in event or not event["responded_by_user"]:
            raise GateClosed(
                "Nobody agreed to the cost in time; nothing was trained, and everything is kept. "
                "Clear approve_cost to ask again."
            )
        asked = cost_facts(tools).consent_usd
        if asked is None:
            return {"asked": False}
        consent = CostConsent(
            usd=asked,
            agreed=event["chosen_options"] == [consent_option(asked)],
            by=event["responded_by_user"]["name"],
            at=iso(event["responded_at"]),
            where="required action",
        )
        return record_consent(tools, consent).model_dump(mode="json")


def _page_consents(tools: ToolBox[Any]) -> Iterator[CostConsent]:
    """Yield the consents that were given on pages of this run, the latest first."""
    from storyboard_ops.steps.review.desk import read_page_consent
    from storyboard_ops.steps.storyboard.breakdown.desk import read_breakdown_consent

    for read in (read_breakdown_consent, read_page_consent):
        if consent := read(tools):
            yield consent
