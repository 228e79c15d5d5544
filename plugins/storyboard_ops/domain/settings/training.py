"""Settings of the trainer and the base model."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from storyboard_ops.domain.settings.base import Settings
from storyboard_ops.domain.settings.form import (
    S3_PREFIX_PATTERN,
    TRAINING,
    ModelId,
    PerProduction,
    labels,
    under,
)
from storyboard_ops.domain.training.panel_sources import PanelSource

#: What trains a model and draws with it. ``auto`` becomes one of the others in preflight.
Trainer = Literal["auto", "bedrock", "sagemaker", "own_gpu"]
OpenModelId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,60}$")]
InstanceTypeName = Annotated[str, Field(pattern=r"^ml\.[a-z0-9-]+\.[a-z0-9-]+$")]


#: How the trainers are explained on the trigger forms, at length and in the list of choices.
TRAINERS = (
    "auto: the first of the following that can work in this account; preflight says which and "
    "why. bedrock: Bedrock model customization. sagemaker: a training job on open weights, then a "
    "job that draws. own_gpu: the same on the studio's own machine, which the deployment names."
)

TRAINER_LABELS = {
    "auto": "the first that can work in this account",
    "bedrock": "Bedrock model customization",
    "sagemaker": "open weights, by jobs of SageMaker",
    "own_gpu": "open weights, on the studio's own machine",
}


@under(TRAINING)
class TrainerSection(Settings):
    """What trains a model, if anything does."""

    #: Whether a run without a trainer has a result: its dataset.
    ENDS_WITH_DATASET: ClassVar[bool] = True

    trainer: Literal[Trainer, "dataset_only"] = Field(
        "auto",
        title="Trainer",
        description=(
            f"{TRAINERS} dataset_only: stop after the approved dataset, ready for another trainer."
        ),
        json_schema_extra=labels({**TRAINER_LABELS, "dataset_only": "stop after the dataset"}),
    )


@under(TRAINING)
class OnlyTrainerSection(TrainerSection):
    """What trains a model in runs that exist to train one."""

    ENDS_WITH_DATASET: ClassVar[bool] = False

    trainer: Trainer = Field(
        "auto",
        title="Trainer",
        description=TRAINERS,
        json_schema_extra=labels(TRAINER_LABELS),
    )


@under(TRAINING)
class PanelSourceSection(Settings):
    """What the panels of a run are drawn with."""

    panels_from: PanelSource = Field(
        "trained",
        title="Panels from",
        description=(
            "trained: a model that this run trains on the approved pictures. The cheap choices "
            "train nothing. references: a base model with open weights that is shown reference "
            "pictures of the characters. prompts: prompts alone."
        ),
        json_schema_extra=labels(
            {
                "trained": "a model that this run trains",
                "references": "a base model that sees reference pictures",
                "prompts": "a base model and prompts alone",
            }
        ),
    )


@under(TRAINING)
class OpenModelSection(Settings):
    """The base model with open weights, and the machines that train it and draw with it."""

    open_model: PerProduction[OpenModelId] = Field(
        "flux2-klein-base-4b",
        title="Base model with open weights",
        description=(
            "For sagemaker and own_gpu: a model of include/models/base_models.yaml. Preflight "
            "checks its licence, its weights and the memory of the machine."
        ),
    )
    open_weights: str = Field(
        "",
        max_length=1024,
        pattern=rf"^$|{S3_PREFIX_PATTERN}",
        title="Weights of the base model",
        description=(
            "S3 URI of the folder with the weights, in the layout of diffusers. Empty: "
            "models/<base model>/ in the workspace. Nothing is downloaded from a hub."
        ),
    )
    accepted_licences: PerProduction[list[OpenModelId]] = Field(
        default=[],
        max_length=20,
        title="Accepted licences",
        description=(
            "Base models whose licence restricts commercial use and that this production may use "
            "all the same, by id. Those who name them have read the licence."
        ),
    )
    instance_types: list[InstanceTypeName] = Field(
        default=[],
        max_length=5,
        title="SageMaker instance types",
        description=(
            "By preference; the next is taken when one has no capacity. Empty: those of "
            "include/models/sagemaker.yaml that have the memory and a quota."
        ),
    )
    sagemaker_role_arn: str | None = Field(
        None,
        max_length=2048,
        title="SageMaker role ARN",
        description=(
            "Role that the jobs assume to read the dataset and to write the model. Empty: the "
            "account's role StoryboardSageMaker."
        ),
    )


@under(TRAINING)
class OpenTrainingSection(Settings):
    """How a base model with open weights is trained."""

    open_steps: PerProduction[int | None] = Field(
        None,
        ge=10,
        le=20_000,
        title="Open weights: training steps",
        description="Empty: by the recipe of the base model, from the number of pictures.",
    )
    open_rank: PerProduction[int | None] = Field(
        None,
        ge=4,
        le=256,
        title="Open weights: LoRA rank",
        description="Empty: by the recipe; 64 to 128 suits several characters in one LoRA.",
    )
    open_learning_rate: PerProduction[float | None] = Field(
        None,
        ge=1e-6,
        le=1e-2,
        title="Open weights: learning rate",
        description="Empty: by the recipe of the base model.",
    )
    open_resolution: PerProduction[int | None] = Field(
        None,
        ge=64,
        le=2048,
        multiple_of=16,
        title="Open weights: resolution (px)",
        description=(
            "Side of a square with as many pixels as the training pictures have at most; they are "
            "never enlarged. Empty: by the recipe."
        ),
    )
    spot: bool = Field(
        False,
        title="Spot instances",
        description=(
            "SageMaker trains on spare capacity, which is cheaper and may be interrupted; the "
            "training goes on from its last checkpoint."
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
