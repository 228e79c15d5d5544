"""Settings of the trainer and the base model."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from storyboard_ops.domain.settings.base import Settings
from storyboard_ops.domain.settings.form import TRAINING, ModelId, PerProduction, under


@under(TRAINING)
class TrainerSection(Settings):
    """The trainer."""

    trainer: Literal["bedrock", "dataset_only"] = Field(
        "bedrock",
        title="Trainer",
        description=(
            "bedrock: Bedrock model customization, storyboard included. dataset_only: stop after "
            "the approved dataset, ready for another trainer."
        ),
    )


@under(TRAINING)
class BaseModelSection(Settings):
    """The base model of the customized one."""

    base_model_id: ModelId = Field(
        "amazon.nova-canvas-v1:0",
        title="Base model",
        description="Model to fine-tune. Preflight reads its life cycle before anything is paid.",
    )

    @property
    def images_seen(self) -> int:
        """Number of pictures seen by the training, and billed; 0: nothing is trained."""
        return 0


@under(TRAINING)
class TrainingSection(BaseModelSection):
    """How the base model is customized."""

    role_arn: str | None = Field(
        None,
        max_length=2048,
        title="Bedrock role ARN",
        description=(
            "Role that Bedrock assumes to read the dataset. Empty: the account's role "
            "StoryboardBedrock."
        ),
    )
    # Bounds of steps, batch and rate: Nova Canvas fine-tuning hyperparameters, AWS documentation.
    step_count: PerProduction[int] = Field(
        500,
        ge=10,
        le=20_000,
        title="Training steps",
        description="Billed images = steps x batch size.",
    )
    batch_size: PerProduction[int] = Field(
        8,
        ge=8,
        le=192,
        title="Batch size",
        description="Pictures seen per training step.",
    )
    learning_rate: PerProduction[float] = Field(
        1e-5,
        ge=1e-7,
        le=1e-4,
        title="Learning rate",
        description="Step size of the fine-tuning; 1e-5 is the service's default.",
    )
    training_timeout_h: float = Field(
        24,
        ge=0.05,
        le=240,
        title="Training timeout (hours)",
        description="The job is stopped when it has not ended by then.",
    )

    @property
    def images_seen(self) -> int:
        """Number of pictures seen by the training, and billed."""
        return self.step_count * self.batch_size
