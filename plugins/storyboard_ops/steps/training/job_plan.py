"""Which machine the jobs of a run use, and what its ways to a storyboard cost there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from storyboard_ops.core.preflight.job_hours import JobPlan
from storyboard_ops.domain.money.paid_usage import Usage
from storyboard_ops.domain.settings.common import CommonSettings, TrainingSettings
from storyboard_ops.domain.settings.training import TrainerSection
from storyboard_ops.domain.training.panel_sources import AnySource, is_trained
from storyboard_ops.gateways.money.pricing import cost_of
from storyboard_ops.gateways.training.model_files import base_models, sagemaker_facts
from storyboard_ops.steps.run.tool_box import ToolBox


def plan_jobs(settings: CommonSettings) -> JobPlan | None:
    """Return the plan of SageMaker's jobs; None: something else draws, or no machine was found."""
    trainer = settings.trainer if isinstance(settings, TrainerSection) else "bedrock"
    if trainer != "sagemaker" or not settings.instance_types:
        return None
    facts = sagemaker_facts()
    return JobPlan(
        model=base_models().find(settings.open_model),
        instance=facts.find(settings.instance_types[0]),
        start_minutes=facts.start_minutes,
    )


def price_training(
    tools: ToolBox[Any], settings: CommonSettings, pictures: int, cast: int
) -> float | None:
    """Return what a training by some settings costs, in USD; None: nothing is billed for it."""
    plan = plan_jobs(settings)
    if plan is None or not isinstance(settings, TrainingSettings):
        return None
    hours = plan.training_hours(settings, pictures, cast)
    usage = Usage(
        service="sagemaker", item=plan.instance.type, unit="training_hour", amount=round(hours, 2)
    )
    usd, unpriced = cost_of([usage], tools.region)
    return None if unpriced else round(usd, 2)


def price_sources(
    tools: ToolBox[Any], sources: Iterable[AnySource], pictures: int, panels: int
) -> dict[AnySource, float]:
    """Return what a storyboard of some panels costs by each source, in USD, training included.

    ``pictures``: number of pictures that are trained on. By the estimate, with as many candidates
    as the run draws. Empty where no job is billed.
    """
    plan, settings = plan_jobs(tools.settings), tools.settings
    if plan is None:
        return {}
    drawn, cast = panels * settings.candidates_by(job=True), len(tools.production.characters)
    prices = {}
    for source in sources:
        usages = plan.usages(settings, drawn, pictures if is_trained(source) else None, cast)
        usd, unpriced = cost_of(usages, tools.region)
        if not unpriced:
            prices[source] = round(usd, 2)
    return prices
