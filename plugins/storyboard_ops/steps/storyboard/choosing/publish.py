"""Plan the run that publishes a board, and price it as its preflight will. Light to import."""

from __future__ import annotations

from typing import Any

from storyboard_ops.core.preflight.container_hours import container_usages
from storyboard_ops.core.preflight.redraw_cost import pictures_of, redraw_usages
from storyboard_ops.core.storyboard.choosing.state import BoardState
from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.preflight.estimate_basis import EstimateBasis
from storyboard_ops.domain.preflight.preflight_report import PreflightReport
from storyboard_ops.domain.settings.model import DrawingSettings
from storyboard_ops.domain.settings.run import parse_as
from storyboard_ops.domain.storyboard.panel_board import PanelBoard
from storyboard_ops.domain.storyboard.redraw import Redraw
from storyboard_ops.domain.training.model_facts import TrainedModel
from storyboard_ops.gateways.money.pricing import cost_of, price_file, price_table
from storyboard_ops.steps.money.cost_gate import PREFLIGHT, REST, cost_lines, upper_cents
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.choosing.board import LaidOut
from storyboard_ops.steps.training.job_plan import plan_jobs

DRAWING_DAG = "draw_storyboard"
EXAMINED = "examining the new pictures for the right characters"
#: Parameters that a run decides for itself: what it keeps, and what it compares with.
NOT_CARRIED = frozenset(
    {
        *("keep_capacity_until", "commitment", "keep_model", "compare_with", "over_budget"),
        *("model", "script", "panels", "from_run", "redraw"),
    }
)


class PriceLine(Record):
    """One part of the price."""

    what: str
    usd: float


class Price(Record):
    """What publishing costs, before anybody agrees to it."""

    redraws: int
    pictures: int  # that are drawn
    lines: tuple[PriceLine, ...]
    usd: float
    unpriced: str = ""  # why there is no price, and so no redraw; empty: there is one
    dated: str  # date of the price table
    lease_h: float


def plan_run(tools: ToolBox[Any], board: LaidOut, state: BoardState) -> DrawingSettings:
    """Return the parameters of the run that publishes a board as it is now."""
    own = tools.settings.model_dump()
    carried = {
        name: own[name]
        for name in DrawingSettings.model_fields.keys() - NOT_CARRIED
        if name in own and own[name] != DrawingSettings.model_fields[name].get_default()
    }
    redraws = [
        Redraw(
            panel_id=key,
            note=one.note,
            seed=one.seed,
            reference=board.references[one.reference].uri if one.reference else "",
        )
        for key, one in sorted(state.redraws.items())
        if key in board.by_key
    ]
    given = {
        **carried,
        "from_run": tools.run_key,
        "redraw": [one.model_dump() for one in redraws],
        "compare_with": [],
    }
    return parse_as(DrawingSettings, given)


def _basis(tools: ToolBox[Any]) -> EstimateBasis:
    """Return what the estimate knows of the deployment, which runs this run and the planned one."""
    report = tools.read_record(PREFLIGHT, PreflightReport)
    known = report.basis if report else None
    return EstimateBasis(containers=known.containers if known else None)


def price_run(tools: ToolBox[Any], board: PanelBoard, settings: DrawingSettings) -> Price:
    """Return the price of a planned run: of its drawings, with the capacity or the job."""
    model = tools.read_record("model/model.json", TrainedModel)
    if model is not None:
        update: dict[str, Any] = {"panels_from": model.panels_from, "trainer": model.trainer}
        if model.trainer != "bedrock":
            update["open_model"] = model.base_model_id
        settings = settings.model_copy(update=update)
    jobs = plan_jobs(settings)
    usages = (
        *redraw_usages(settings, tools.production, board.detection_tokens, jobs=jobs),
        *container_usages(settings, _basis(tools), panels=0),
    )
    usd, unpriced = cost_of(usages, tools.region)
    lacking = ", ".join(dict.fromkeys(one.item for one in unpriced))
    return Price(
        redraws=len(settings.redraw),
        pictures=pictures_of(settings, jobs),
        lines=tuple(
            PriceLine(what=EXAMINED if one.what == REST else one.what, usd=one.usd)
            for one in cost_lines(usages, tools.region)
        ),
        usd=upper_cents(usd),
        unpriced=(
            f"There is no sourced price in {tools.region} for {lacking}, so nothing can be drawn. "
            f"Add it with date and source to {price_file(tools.region)}."
            if lacking
            else ""
        ),
        dated=price_table(tools.region).dated,
        lease_h=settings.lease_h,
    )
