"""Choose the hyperparameters of the training program: the run's, else the base model's recipe."""

from __future__ import annotations

from storyboard_ops.domain.settings.common import TrainingSettings
from storyboard_ops.domain.training.base_models import BaseModel, EmbedderFacts
from storyboard_ops.gateways.training.model_files import base_models


def hyperparameters(settings: TrainingSettings, base: BaseModel, pictures: int) -> dict[str, str]:
    """Return the hyperparameters for a number of training pictures, as SageMaker takes them."""
    recipe = base.recipe
    chosen = {
        "steps": settings.open_steps or recipe.steps_for(pictures),
        "batch_size": recipe.batch_size,
        "accumulate": recipe.accumulate,
        "learning_rate": settings.open_learning_rate or recipe.learning_rate,
        "rank": settings.open_rank or recipe.rank,
        "resolution": settings.open_resolution or recipe.resolution,
        "caption_dropout": recipe.caption_dropout,
        "checkpoint_every": recipe.checkpoint_every,
        "seed": settings.seed,
        "samples_per_character": recipe.samples_per_character,
        "method": base.method,
    }
    return {
        name: f"{value:g}" if isinstance(value, float) else f"{value}"
        for name, value in chosen.items()
    }


def embedder_of(base: BaseModel) -> EmbedderFacts:
    """Return the model that the score of a training is measured with."""
    return base_models().embedder("colour-and-edges" if base.trains_on_cpu else "dinov2-small")
