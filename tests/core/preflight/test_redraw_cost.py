"""What a redraw buys: nothing without panels, one hour of capacity, or one job for all pictures."""

from __future__ import annotations

from typing import Any

from storyboard_ops.core.preflight.redraw_cost import redraw_usages
from storyboard_ops.domain.settings.model import DrawingSettings
from storyboard_ops.steps.training.job_plan import plan_jobs
from tests.material import factories
from tests.studio.trainers.open_training import OPEN

CAST = factories.production()


def drawing(panels: int, **params: Any) -> DrawingSettings:
    redraw = [{"panel_id": f"panel-{n:03d}"} for n in range(panels)]
    return DrawingSettings(from_run="run-1", redraw=redraw, **params)


def test_without_a_panel_to_draw_nothing_is_bought():
    assert redraw_usages(drawing(0, trainer="bedrock"), CAST, 0) == ()


def test_a_model_of_bedrock_needs_an_hour_of_capacity_however_few_panels():
    for panels in (1, 40):
        usage, *examined = redraw_usages(drawing(panels, trainer="bedrock", model_units=2), CAST, 0)
        assert (usage.item, usage.unit, usage.amount) == (
            "amazon.nova-canvas-v1:0",
            "model_unit_hour",
            2,
        )
        assert {one.unit for one in examined} == {"input_token", "output_token"}


def test_from_prompts_each_picture_is_paid_for():
    settings = drawing(4, trainer="bedrock", panels_from="prompts")
    usage, *_ = redraw_usages(settings, CAST, 0)
    assert (usage.item, usage.amount) == ("stability.sd3-5-large-v1:0", 4)


def test_a_job_draws_all_candidates_of_the_panels_and_of_no_others():
    params = {name: OPEN[name] for name in ("trainer", "open_model", "instance_types")}
    settings = drawing(2, **params, candidates=3)
    plan = plan_jobs(settings)
    assert plan is not None
    usages = redraw_usages(settings, CAST, 500, jobs=plan)
    assert [(usage.unit, usage.amount) for usage in usages[2:]] == [
        ("input_token", 6 * 2 * 500),
        ("output_token", 6 * 2 * 120),
    ]
    assert [usage.unit for usage in usages[:2]] == ["processing_hour", "gb_month"]
    assert usages[0].amount == round(plan.drawing_hours(6), 2)


def test_the_studios_own_machine_bills_nothing_but_the_examination():
    usages = redraw_usages(drawing(5, trainer="own_gpu"), CAST, 500)
    assert {usage.unit for usage in usages} == {"input_token", "output_token"}
