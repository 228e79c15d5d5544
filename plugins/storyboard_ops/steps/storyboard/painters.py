"""Which painter draws with a model: that of its trainer."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from storyboard_ops.domain.training.model_facts import TrainedBy, TrainedModel
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.bedrock.draw_from_prompts import BedrockPromptPainter
from storyboard_ops.steps.storyboard.bedrock.draw_storyboard import BedrockPainter
from storyboard_ops.steps.storyboard.choosing.copy_panels import CopyingPainter
from storyboard_ops.steps.storyboard.draw_on_own_gpu import OwnGpuPainter
from storyboard_ops.steps.storyboard.draw_on_sagemaker import SageMakerPainter
from storyboard_ops.steps.storyboard.painter import Painter

PAINTERS: Mapping[TrainedBy, Callable[[ToolBox], Painter]] = {
    "bedrock": BedrockPainter,
    "sagemaker": SageMakerPainter,
    "own_gpu": OwnGpuPainter,
}


def painter_of(tools: ToolBox, model: TrainedModel) -> Painter:
    """Return what draws with a model."""
    if not tools.settings.draws:
        return CopyingPainter(tools)
    if model.trainer == "bedrock" and model.panels_from == "prompts":
        return BedrockPromptPainter(tools)
    return PAINTERS[model.trainer](tools)
