"""Whether a run uses a base model with open weights, where they are, and the role of its jobs."""

from __future__ import annotations

from typing import Any

from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.settings.training import OpenModelSection, TrainerSection
from storyboard_ops.domain.training.base_models import EmbedderFacts
from storyboard_ops.steps.run.tool_box import ToolBox


def uses_open_model(tools: ToolBox[Any]) -> bool:
    """Return whether this run trains or draws with open weights, as preflight has decided."""
    trainers = ("sagemaker", "own_gpu")
    return isinstance(tools.settings, TrainerSection) and tools.settings.trainer in trainers


def find_weights(tools: ToolBox[OpenModelSection]) -> S3Uri:
    """Return the folder with the weights of the base model; its key ends with a slash."""
    settings = tools.settings
    if not settings.open_weights:
        return (tools.workspace.root / f"models/{settings.open_model}").folder
    return S3Uri.parse(settings.open_weights).folder


def find_embedder(tools: ToolBox[OpenModelSection], embedder: EmbedderFacts) -> S3Uri:
    """Return the folder with the weights of an embedding model; its key ends with a slash."""
    return (tools.workspace.root / f"models/{embedder.id}").folder


def job_role_arn(tools: ToolBox[OpenModelSection]) -> str:
    """Return the ARN of the role that SageMaker assumes to read the dataset and write results."""
    return tools.role_arn(tools.settings.sagemaker_role_arn, "StoryboardSageMaker")
