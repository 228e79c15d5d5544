"""What the checks of a run have found, and the report of it with the estimated cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from storyboard_ops.core.preflight.request_tokens import Size
from storyboard_ops.core.preflight.run_hours import run_hours
from storyboard_ops.domain.preflight.estimate_basis import (
    ContainerPlan,
    EstimateBasis,
    RequestTokens,
)
from storyboard_ops.domain.preflight.preflight_report import Check, PreflightReport
from storyboard_ops.domain.review.desk_choice import DeskChoice
from storyboard_ops.domain.training.trainer_choice import TrainerChoice
from storyboard_ops.gateways.money.pricing import price_table
from storyboard_ops.gateways.storage.production_files import LoadedProduction
from storyboard_ops.steps.preflight.budget_check import check_budget, count_hosting_hours
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.price_run import estimate_run, price


@dataclass(frozen=True)
class Findings:
    """The checks that were made, and the facts that they found."""

    tools: ToolBox  # with what the production file, desk, trainer and models set
    checks: tuple[Check, ...]
    has_workspace: bool  # without it, nothing can be read or written
    loaded: LoadedProduction | None = None
    script_sha256: str = ""  # of the script that the run names
    frames: int = 0
    sizes: Sequence[Size] = ()  # of the films' pictures
    desk: DeskChoice | None = None
    trainer: TrainerChoice | None = None
    tokens: RequestTokens = field(default_factory=RequestTokens)
    containers: ContainerPlan | None = None  # of heavy tasks on Fargate
    pictures_left: int | None = None  # of the board; None: it is not known

    def with_checks(self, *checks: Check, **facts: Any) -> Findings:
        """Return these findings with more checks, and the facts that they found."""
        return replace(self, checks=(*self.checks, *checks), **facts)


def make_report(found: Findings) -> PreflightReport:
    """Estimate the cost, check the budget, and return the report with both."""
    tools = found.tools
    report = PreflightReport(
        checks=found.checks,
        price_table_date=price_table(tools.region).dated,
        desk=found.desk,
        trainer=found.trainer,
        script_sha256=found.script_sha256,
    )
    if found.loaded is None:  # the costs depend on its characters
        return report
    basis = EstimateBasis(
        frames=found.frames,
        tokens=found.tokens,
        hosting_hours=count_hosting_hours(tools),
        containers=found.containers,
    )
    usages = estimate_run(tools, found.loaded.production, basis, found.pictures_left)
    usd, unpriced = price(tools, usages)
    budget = check_budget(tools, usages, usd, unpriced).named("budget")
    return report.model_copy(
        update={
            "checks": (*report.checks, budget),
            "estimate": usages,
            "basis": basis,
            "estimate_usd": usd,
            "estimate_hours": run_hours(tools.settings, found.frames, usages),
            "unpriced": unpriced,
        }
    )
