"""Gate the training: estimate its cost, and record who consented to a sum above the budget."""

from __future__ import annotations

import logging
import math
from collections import defaultdict
from collections.abc import Callable, Iterable

from storyboard_ops.domain.error_tree import GateClosed
from storyboard_ops.domain.money.container_time import SERVICE as FARGATE_SERVICE
from storyboard_ops.domain.money.paid_usage import DRAWN_IMAGE, Usage
from storyboard_ops.domain.preflight.preflight_report import PreflightReport
from storyboard_ops.domain.review.review_records import CostConsent, CostFacts, CostLine
from storyboard_ops.domain.settings.money import MoneySection
from storyboard_ops.gateways.money.pricing import cost_of
from storyboard_ops.steps.run.tool_box import ToolBox

log = logging.getLogger(__name__)

PREFLIGHT = "preflight.json"
CONSENT = "review/consent.json"
CENTS = 100
REST = "frames, detection, captions and review"
CONTAINERS = "containers of heavy tasks"
#: How units that are paid after the review, and after a consent, are worded for people.
WORDS: dict[str, Callable[[float], str]] = {
    "training_image": lambda amount: f"training: {amount:,.0f} pictures seen",
    "model_unit_hour": lambda amount: f"hosting the model: model unit hours, {amount:,.0f}",
    DRAWN_IMAGE: lambda amount: f"drawing from prompts: {amount:,.0f} pictures",
    "training_hour": lambda amount: f"training: {amount:,.1f} hours of a machine",
    "processing_hour": lambda amount: f"drawing: {amount:,.1f} hours of a machine",
    "gb_month": lambda amount: f"disks of these machines: {amount:,.2f} GB for a month",
}


def require_passed_preflight(tools: ToolBox[MoneySection]) -> None:
    """Raise GateClosed when the last preflight of this run refused it."""
    report = tools.read_record(PREFLIGHT, PreflightReport)
    if report is not None:
        report.raise_for_failures("Preflight has refused this run; clear preflight.")


def paid_before_consent(usages: Iterable[Usage]) -> list[Usage]:
    """Return what a run buys before it can ask for consent to its cost."""
    return [usage for usage in usages if usage.unit not in WORDS]


def cost_facts(tools: ToolBox[MoneySection], estimated: PreflightReport | None = None) -> CostFacts:
    """Return what preflight estimated, or another report, worded for people."""
    report = estimated or tools.read_record(PREFLIGHT, PreflightReport)
    report = report or PreflightReport(checks=())
    settings = tools.settings
    above = report.estimate_usd > settings.budget_usd
    return CostFacts(
        lines=cost_lines(report.estimate, tools.region),
        estimate_usd=report.estimate_usd,
        budget_usd=settings.budget_usd,
        lease_h=settings.lease_h,
        price_table_date=report.price_table_date,
        consent_usd=report.estimate_usd if above and settings.over_budget == "ask" else None,
    )


def require_within_budget(tools: ToolBox[MoneySection]) -> None:
    """Raise GateClosed when the run costs more than its budget, and nobody is to be asked.

    Preflight has checked that; but the panels may have become more since.
    """
    cost = cost_facts(tools)
    if cost.estimate_usd > cost.budget_usd and cost.consent_usd is None:
        raise GateClosed(
            f"With its panels the run costs about {cost.estimate_usd:,.2f} USD, and its budget is "
            f"{cost.budget_usd:,.2f} USD. Nothing was drawn. Start a run with a higher budget_usd, "
            "with over_budget set to ask, or with fewer panels."
        )


def upper_cents(usd: float) -> float:
    """Round a sum up to cents, for all who compare it: half a cent above a budget is above it."""
    return math.ceil(round(usd * CENTS, 4)) / CENTS


def cost_lines(usages: tuple[Usage, ...], region: str) -> tuple[CostLine, ...]:
    """Return what usages cost, worded for people; nothing about what is not used."""
    sums: dict[str, float] = defaultdict(float)
    for usage in filter(lambda one: one.amount, usages):
        word = WORDS.get(usage.unit)
        other = CONTAINERS if usage.service == FARGATE_SERVICE else REST
        sums[word(usage.amount) if word else other] += cost_of([usage], region)[0]
    return tuple(CostLine(what=what, usd=round(usd, 2)) for what, usd in sums.items())


def cost_sentence(facts: CostFacts) -> str:
    """Word the facts as a sentence, for instructions and questions."""
    parts = "; ".join(f"{line.what}, about {line.usd:,.2f} USD" for line in facts.lines)
    if not parts:
        return "No cost was estimated for this run."
    sentence = (
        f"The costs ({parts}) add up to an estimated {facts.estimate_usd:,.2f} USD by the "
        f"prices of {facts.price_table_date}; the budget is {facts.budget_usd:,.2f} USD."
    )
    trains = any(line.what not in (REST, CONTAINERS) for line in facts.lines)
    lease = f" Paid capacity lives at most {facts.lease_h:g} hours."
    return sentence + lease if trains else sentence


def current_consent(tools: ToolBox[MoneySection]) -> CostConsent | None:
    """Return the run's recorded consent if it is a yes to the sum that is due now."""
    consent = tools.read_record(CONSENT, CostConsent)
    holds = consent and consent.agreed and consent.usd == cost_facts(tools).consent_usd
    return consent if holds else None


def record_consent(tools: ToolBox[MoneySection], consent: CostConsent) -> CostConsent:
    """Record the answer; raises GateClosed when it is no, or about another sum."""
    due = cost_facts(tools).consent_usd
    tools.write_record(CONSENT, consent)
    word = "yes" if consent.agreed else "no"
    log.info("%s said %s to %.2f USD (%s).", consent.by, word, consent.usd, consent.where)
    if not consent.agreed:
        raise GateClosed(
            f"{consent.by} said no to {consent.usd:,.2f} USD at {consent.at}. Nothing was trained, "
            "and everything is kept: clear approve_cost to ask again, or start a run with fewer "
            "training steps."
        )
    if consent.usd != due:
        raise GateClosed(
            f"The yes was to {consent.usd:,.2f} USD, but the cost is {due} USD now; clear "
            "approve_cost to ask again."
        )
    return consent
