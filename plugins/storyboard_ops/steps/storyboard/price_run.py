"""Price a run by its panels: at preflight, and again when the panels are others."""

from __future__ import annotations

from typing import Any

from storyboard_ops.core.preflight.container_hours import container_usages
from storyboard_ops.core.preflight.estimate import estimate_usages
from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.money.paid_usage import Usage
from storyboard_ops.domain.preflight.estimate_basis import EstimateBasis
from storyboard_ops.domain.preflight.preflight_report import (
    Check,
    Finding,
    PreflightReport,
    passed,
    warned,
)
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.domain.settings.common import CommonSettings
from storyboard_ops.gateways.money.pricing import cost_of
from storyboard_ops.steps.money.cost_gate import PREFLIGHT, upper_cents
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.board.revise_board import expected_board
from storyboard_ops.steps.storyboard.drawn.pictures_left import pictures_left
from storyboard_ops.steps.training.job_plan import plan_jobs

#: The line of the report that says what the panels cost that people have approved.
PANELS = "panels"
#: Parameters that name a model, which an inference profile may stand for.
MODELS = ("detection_model_id", "caption_model_id", "embedding_model_id", "breakdown_model_id")


def estimate_run(
    tools: ToolBox[CommonSettings], production: Production, basis: EstimateBasis, left: int | None
) -> tuple[Usage, ...]:
    """Return everything that a run with these panels would buy.

    ``left``: number of pictures that no run has drawn yet; None: it is not known.
    """
    panels = sum(len(scene.panels) for scene in production.storyboard)
    bought = estimate_usages(
        _name_models(tools),
        production,
        basis.frames,
        basis.tokens,
        basis.hosting_hours,
        plan_jobs(tools.settings),
        left,
    )
    return (*bought, *container_usages(tools.settings, basis, panels))


def price(tools: ToolBox[CommonSettings], usages: tuple[Usage, ...]) -> tuple[float, Any]:
    """Return what usages cost in USD, rounded up to cents, and those without a price."""
    cost, unpriced = cost_of(usages, tools.region)
    return upper_cents(cost), unpriced


def priced_again(tools: ToolBox[CommonSettings], production: Production) -> PreflightReport:
    """Return the run's report with the estimate for other panels; it is not written."""
    report = tools.read_record(PREFLIGHT, PreflightReport) or PreflightReport(checks=())
    if report.basis is None:  # nothing was estimated
        return report
    usages = estimate_run(tools, production, report.basis, _left(tools, production))
    usd, unpriced = price(tools, usages)
    count = sum(len(scene.panels) for scene in production.storyboard)
    check = _check_panels(tools, count, usd).named(PANELS)
    return report.model_copy(
        update={
            "checks": (*_other_checks(report), check),
            "estimate": usages,
            "estimate_usd": usd,
            "unpriced": unpriced,
        }
    )


def price_again(tools: ToolBox[CommonSettings], production: Production) -> PreflightReport:
    """Price the panels that the run draws, for everybody who reads its report from now on."""
    report = priced_again(tools, production)
    if report.basis is not None:
        tools.write_record(PREFLIGHT, report)
    return report


def _left(tools: ToolBox[CommonSettings], production: Production) -> int | None:
    if not tools.settings.draws:
        return None
    try:
        return pictures_left(tools, production, expected_board(tools, production))
    except BadInput:
        return None


def _other_checks(report: PreflightReport) -> tuple[Check, ...]:
    return tuple(check for check in report.checks if check.name != PANELS)


def _check_panels(tools: ToolBox[CommonSettings], panels: int, usd: float) -> Finding:
    budget = tools.settings.budget_usd
    finding = f"{panels:,} panels; the estimate of the run is {usd:,.2f} USD with them"
    if usd <= budget:
        return passed(f"{finding}, within {budget:,.2f} USD.")
    return warned(f"{finding}, above the budget of {budget:,.2f} USD.")


def _name_models(tools: ToolBox[CommonSettings]) -> CommonSettings:
    """Return the settings with the model behind every inference profile, which is what bills."""
    settings = tools.settings
    named = [name for name in MODELS if name in type(settings).model_fields]
    ids = {name: tools.routes.model_id(getattr(settings, name)) for name in named}
    return settings.model_copy(update=ids)
