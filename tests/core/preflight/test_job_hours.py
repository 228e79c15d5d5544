"""How long the jobs of a trainer run, and what they are estimated to cost."""

from __future__ import annotations

from typing import Any

import pytest

from storyboard_ops.core.preflight.estimate import estimate_usages
from storyboard_ops.core.preflight.job_hours import JobPlan
from storyboard_ops.domain.preflight.estimate_basis import RequestTokens
from storyboard_ops.domain.settings.model import DrawingSettings
from storyboard_ops.gateways.money.pricing import cost_of
from storyboard_ops.gateways.training.model_files import base_models, sagemaker_facts
from tests.material import factories


def plan(model: str = "flux2-klein-base-4b", instance: str = "ml.g6e.2xlarge") -> JobPlan:
    facts = sagemaker_facts()
    return JobPlan(base_models().find(model), facts.find(instance), facts.start_minutes)


def test_a_training_takes_its_steps_its_samples_and_the_start():
    # 50 pictures: 1,500 steps of 3 s, 6 checkpoints with 12 pictures of 25 s, a quarter in reserve.
    hours = plan().training_hours(factories.settings(), pictures=50, cast=3)
    assert hours == pytest.approx(12 / 60 + 1.25 * (1500 * 3 + 6 * 12 * 25) / 3600)


def test_a_drawing_takes_every_candidate_of_every_panel():
    hours = plan().drawing_hours(pictures=24 * 3)
    assert hours == pytest.approx(12 / 60 + 1.25 * 72 * 25 / 3600)


def test_a_slower_machine_and_a_higher_resolution_take_longer():
    settings = factories.settings(open_steps=1000)
    start = 12 / 60
    once = plan().training_hours(settings, 50, 3) - start
    slower = plan(instance="ml.g5.2xlarge").training_hours(settings, 50, 3) - start
    assert slower == pytest.approx(once / 0.35)
    finer = factories.settings(open_steps=1000, open_resolution=2048)
    assert plan().training_hours(finer, 50, 3) - start == pytest.approx(4 * once)


def test_a_run_on_sagemaker_buys_hours_and_disk_instead_of_capacity():
    settings = factories.settings(trainer="sagemaker", max_images_per_character=10)
    usages = estimate_usages(
        settings, factories.production(), 600, RequestTokens(caption=1), jobs=plan()
    )
    bought = {(u.item, u.unit): u.amount for u in usages if u.service == "sagemaker"}
    # At most 10 pictures of each of 3 characters are trained on: 1,000 steps, 4 checkpoints.
    training = 12 / 60 + 1.25 * (1000 * 3 + 4 * 12 * 25) / 3600
    assert bought["ml.g6e.2xlarge", "training_hour"] == pytest.approx(training, abs=0.01)
    assert set(bought) == {
        ("ml.g6e.2xlarge", "training_hour"),
        ("ml.g6e.2xlarge", "processing_hour"),
        ("volume", "gb_month"),
    }
    assert not any(u.unit in ("training_image", "model_unit_hour") for u in usages)
    usd, unpriced = cost_of([u for u in usages if u.service == "sagemaker"], "us-east-1")
    assert unpriced == ()
    assert 5 < usd < 8


@pytest.mark.parametrize("machine", [one.type for one in sagemaker_facts().instances])
def test_every_machine_has_a_sourced_price(machine: str):
    usages = plan("small-flow", machine).usages(factories.settings(), drawn=24, pictures=50, cast=3)
    assert cost_of(usages, "us-east-1")[1] == ()


def test_every_candidate_of_every_panel_is_examined():
    def estimated(trainer: str, jobs: JobPlan | None, candidates: int | None = 4):
        settings = factories.settings(
            trainer=trainer, candidates=candidates, detection_model_id="nova",
            embedding_model_id="titan",
        )  # fmt: skip
        tokens = RequestTokens(detection=1000, caption=1)
        usages = estimate_usages(settings, factories.production(), 0, tokens, jobs=jobs)
        return {(u.item, u.unit): u.amount for u in usages}

    # Of three characters a reference each and two frames painted out; three panels, with four
    # candidates and a picture of each of three other sources.
    for trainer, jobs in (("sagemaker", plan()), ("own_gpu", None)):
        bought = estimated(trainer, jobs)
        assert bought["nova", "input_token"] == 2 * (7 * 3 + 6) * 1000
        assert bought["titan", "image"] == 3 + 3 * (7 * 3 + 6)

    on_bedrock = estimated("bedrock", None, candidates=None)
    assert on_bedrock["titan", "image"] == 3 + 3 * (3 + 6), "one picture a panel by calls"
    assert estimated("bedrock", None)["titan", "image"] == 3 + 3 * (4 * 3 + 6)


def test_pictures_that_are_there_are_not_estimated():
    def drawing(left: int | None, jobs: JobPlan | None = None, **params) -> dict[str, float]:
        settings = factories.settings(**params) if params else DrawingSettings()
        usages = estimate_usages(
            settings, factories.production(), 0, RequestTokens(caption=1), jobs=jobs,
            pictures_left=left,
        )  # fmt: skip
        return {one.unit: one.amount for one in usages}

    assert drawing(None)["model_unit_hour"] == 1
    assert drawing(1)["model_unit_hour"] == 1
    assert drawing(0)["model_unit_hour"] == 0
    prompted: dict[str, Any] = {"trainer": "bedrock", "panels_from": "prompts"}
    assert drawing(None, **prompted)["drawn_image"] == 3
    assert drawing(2, **prompted)["drawn_image"] == 2
    assert drawing(6, plan())["processing_hour"] < drawing(None, plan())["processing_hour"]
    assert drawing(0, plan()) == {}


@pytest.mark.parametrize(
    ("params", "pictures"),
    [
        ({}, 3 + 3),
        ({"compare_with": []}, 3),
        ({"compare_with": ["prompts"]}, 3 + 1),
        ({"panels_from": "references"}, 3 + 1),  # nothing trained can be compared
        ({"panels_from": "prompts", "compare_with": ["prompts"]}, 3),
    ],
)
def test_the_estimate_counts_every_picture_that_a_job_draws(params, pictures):
    settings = factories.settings(trainer="sagemaker", **params)
    usages = estimate_usages(
        settings, factories.production(), 0, RequestTokens(caption=1), jobs=plan()
    )
    hours = {u.unit: u.amount for u in usages if u.service == "sagemaker"}
    drawing = plan().drawing_hours(3 * pictures)
    assert hours["processing_hour"] == pytest.approx(drawing, abs=0.01)
    assert ("training_hour" in hours) == ("panels_from" not in params)
