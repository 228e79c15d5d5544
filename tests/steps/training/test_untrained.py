"""The cheap choices: a run that trains nothing has its model at once, and buys no job for it."""

from __future__ import annotations

import pytest

from storyboard_ops.steps.storyboard.bedrock.draw_from_prompts import BedrockPromptPainter
from storyboard_ops.steps.storyboard.draw_on_sagemaker import SageMakerPainter
from storyboard_ops.steps.storyboard.painters import painter_of
from storyboard_ops.steps.training.trainers import trainer_of
from tests.studio.trainers.bedrock_run import DATASET

SD35 = "stability.sd3-5-large-v1:0"


@pytest.mark.parametrize(
    ("params", "base", "painter"),
    [
        ({"trainer": "bedrock", "panels_from": "prompts"}, SD35, BedrockPromptPainter),
        (
            {"trainer": "sagemaker", "panels_from": "references"},
            "flux2-klein-base-4b",
            SageMakerPainter,
        ),
        (
            {"trainer": "sagemaker", "panels_from": "prompts", "open_model": "sdxl-base"},
            "sdxl-base",
            SageMakerPainter,
        ),
    ],
)
def test_the_model_is_the_one_of_its_makers(studio, params, base, painter):
    tools = studio.tools(**params)
    trainer = trainer_of(tools)
    model = trainer.start(DATASET)
    assert (model.base_model_id, model.panels_from) == (base, params["panels_from"])
    assert (model.job_name, model.images_seen) == ("", 0)
    assert trainer.finish(DATASET, "") == model
    assert isinstance(painter_of(tools, model), painter)
    trainer.stop()
    assert tools.booked() == ()
