"""Which trainer a run has."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from storyboard_ops.domain.error_tree import GateClosed
from storyboard_ops.domain.settings.common import TrainingSettings
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.domain.settings.training import TrainerSection
from storyboard_ops.steps.run.tool_box import ToolBox, has_section
from storyboard_ops.steps.training.bedrock.customize_model import BedrockTrainer
from storyboard_ops.steps.training.own_gpu.gpu_trainer import OwnGpuTrainer
from storyboard_ops.steps.training.sagemaker.train_on_sagemaker import SageMakerTrainer
from storyboard_ops.steps.training.trainer import Trainer
from storyboard_ops.steps.training.untrained import Untrained

TRAINERS: Mapping[str, Callable[[ToolBox[TrainingSettings]], Trainer]] = {
    "bedrock": BedrockTrainer,
    "sagemaker": SageMakerTrainer,
    "own_gpu": OwnGpuTrainer,
}


def trainer_of(tools: ToolBox[TrainingSettings]) -> Trainer:
    """Return the run's trainer; raises GateClosed unless preflight has settled which it is."""
    if has_section(tools, RunSettings) and not tools.settings.trains:
        return Untrained(tools)
    name = tools.settings.trainer if has_section(tools, TrainerSection) else "bedrock"
    if name not in TRAINERS:
        raise GateClosed(
            f"The trainer of this run is {name!r}, and not one of {', '.join(TRAINERS)}; clear "
            "preflight, which chooses it."
        )
    return TRAINERS[name](tools)
