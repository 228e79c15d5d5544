"""Records of the base models, embedding models and machines that the training program runs on.

They are data with source and date: ``include/models/base_models.yaml`` and ``sagemaker.yaml``.
Sizes of memory and files are in GB of 10^9 bytes, sides in pixels, durations in seconds.
"""

from __future__ import annotations

from typing import Any, Literal, TypeVar

from pydantic import Field, PositiveFloat, PositiveInt, ValidationError

from storyboard_ops.domain.base_record import Record, faults_of
from storyboard_ops.domain.error_tree import BadInput, SettingsError
from storyboard_ops.domain.models.call_limits import LimitSource

R = TypeVar("R", bound=Record)


class Licence(Record):
    """What a licence allows to those who train on a model and use what it draws."""

    name: str = Field(min_length=1)
    commercial: Literal["yes", "no", "outputs_only"]
    revenue_cap_usd: PositiveInt | None = None  # yearly revenue above which it does not allow it
    gated: bool  # the maker wants an agreement before the weights can be downloaded
    note: str = ""
    source: LimitSource

    @property
    def restriction(self) -> str:
        """What the licence restricts, as part of a sentence; empty: nothing."""
        if self.commercial == "no":
            return "does not allow commercial use"
        parts = []
        if self.commercial == "outputs_only":
            parts.append("allows commercial use of pictures, but not of the model")
        if self.revenue_cap_usd is not None:
            parts.append(f"ends at a yearly revenue of {self.revenue_cap_usd:,} USD")
        return " and ".join(parts)


class KnownModel(Record):
    """A model whose licence is known."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,60}$")
    name: str = Field(min_length=1)
    upstream: str = Field(min_length=1)  # where its maker publishes it
    licence: Licence


class Speed(Record):
    """How long a step of the recipe's batch, and a picture, take on an instance."""

    instance: str
    step_seconds: PositiveFloat
    picture_seconds: PositiveFloat


class DrawingDefaults(Record):
    """How a model draws where a run says nothing else."""

    steps: PositiveInt
    guidance: PositiveFloat


class Recipe(Record):
    """Hyperparameters of the training program, where a run sets none."""

    steps_per_picture: PositiveInt
    steps: tuple[PositiveInt, PositiveInt]  # least, most
    batch_size: PositiveInt
    accumulate: PositiveInt  # batches per step
    learning_rate: PositiveFloat
    rank: PositiveInt
    resolution: PositiveInt
    caption_dropout: float = Field(ge=0, le=1)
    checkpoint_every: PositiveInt
    samples_per_character: PositiveInt  # drawn and measured at each checkpoint

    def steps_for(self, pictures: int) -> int:
        """Return the steps for a number of training pictures."""
        least, most = self.steps
        return min(most, max(least, self.steps_per_picture * pictures))


class BaseModel(KnownModel):
    """A base model that the training program can train."""

    family: Literal["flux2_klein", "z_image", "sdxl", "small_flow"]
    method: Literal["lora", "full"]
    note: str = ""  # what people must know before they judge its pictures
    text_tokens: PositiveInt
    sides_px: tuple[PositiveInt, PositiveInt, PositiveInt]  # least, most, divisible by
    files: tuple[str, ...] = Field(min_length=1)  # what a folder of weights contains
    weights_gb: PositiveFloat
    training_gb: PositiveFloat
    drawing_gb: PositiveFloat
    takes_references: bool
    speed: Speed
    drawing: DrawingDefaults
    recipe: Recipe
    sources: dict[Literal["size", "memory", "recipe", "speed"], LimitSource]

    def fit_panel(self, width: int, height: int) -> tuple[int, int]:
        """Return the size nearest to a panel's, in pixels, that the model draws in its shape.

        Raises SettingsError for a panel that is too oblong for the model.
        """
        least, most, multiple = self.sides_px
        shorter, longer = sorted((width, height))
        if longer * least > shorter * most:
            raise SettingsError(
                f"Panels of {width} x {height} px are too oblong for {self.name}, which draws "
                f"sides of {least:,} to {most:,} px. Change panel_width or panel_height."
            )
        scale = max(min(1.0, most / longer), least / shorter)
        fitted = [round(side * scale / multiple) * multiple for side in (width, height)]
        return min(most, max(least, fitted[0])), min(most, max(least, fitted[1]))

    def needed_gb(self, trains: bool) -> float:
        """Return the memory that is needed to train and then draw, or only to draw."""
        return self.training_gb if trains else self.drawing_gb

    @property
    def trains_on_cpu(self) -> bool:
        """Whether its recipe is made for machines without a GPU."""
        return self.family == "small_flow"


class EmbedderFacts(Record):
    """A model that the consistency figure is measured with, inside a training job."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,60}$")
    kind: Literal["dinov2", "colour_and_edges"]
    upstream: str = ""  # where its maker publishes it; empty: this project
    licence: str = Field(min_length=1)
    files: tuple[str, ...]  # of its weights; none: it is part of the training program
    note: str = ""


class BaseModelTable(Record):
    """All base models, with those that cannot be trained but whose licence is known."""

    collected: str = Field(pattern=r"^\d{4}-\d\d-\d\d$")
    models: tuple[BaseModel, ...]
    others: tuple[KnownModel, ...]
    embedders: tuple[EmbedderFacts, ...]

    def has(self, model_id: str) -> bool:
        """Return whether a base model can be trained."""
        return _find(self.models, model_id) is not None

    def find(self, model_id: str) -> BaseModel:
        """Return a base model; raises SettingsError for one that cannot be trained."""
        if found := _find(self.models, model_id):
            return found
        trainable = ", ".join(model.id for model in self.models)
        if other := _find(self.others, model_id):
            because = other.licence.restriction
            raise SettingsError(
                f"The training program does not know the architecture of {other.name}"
                f"{f', and its licence ({other.licence.name}) {because}' if because else ''}. "
                f"Set open_model to one of {trainable}."
            )
        raise SettingsError(
            f"The base model {model_id} is not known. Set open_model to one of {trainable}, or add "
            "it with licence, source and date to include/models/base_models.yaml."
        )

    def embedder(self, embedder_id: str) -> EmbedderFacts:
        """Return an embedding model; raises BadInput for one that is not listed."""
        if found := _find(self.embedders, embedder_id):
            return found
        listed = ", ".join(one.id for one in self.embedders)
        raise BadInput(
            f"The embedding model {embedder_id} is not known; include/models/base_models.yaml has "
            f"{listed}."
        )


class InstanceType(Record):
    """A machine that SageMaker rents."""

    type: str = Field(pattern=r"^ml\.[a-z0-9-]+\.[a-z0-9-]+$")
    gpu: str  # empty: none
    gpu_gb: float = Field(ge=0)
    memory_gb: PositiveFloat
    relative_speed: PositiveFloat  # against the instance that a base model's speed is given for

    def carries(self, model: BaseModel, trains: bool) -> bool:
        """Return whether the machine has the memory, and the GPU, that a model needs."""
        has_gb = self.memory_gb if model.trains_on_cpu else self.gpu_gb
        return has_gb >= model.needed_gb(trains)


class TrainingImage(Record):
    """The container image of the jobs."""

    repository: str
    tag: str
    account: str = Field(pattern=r"^\d{12}$")
    regions: tuple[str, ...]
    source: LimitSource

    def uri(self, region: str) -> str:
        """Return the image in a region; raises SettingsError where it is not known to be."""
        if region not in self.regions:
            raise SettingsError(
                f"The training image is not known in {region}. Add the region, and its account if "
                "it is another, to include/models/sagemaker.yaml, or use a region of "
                f"{', '.join(self.regions)}."
            )
        return f"{self.account}.dkr.ecr.{region}.amazonaws.com/{self.repository}:{self.tag}"


class QuotaNames(Record):
    """Names of quotas in the Service Quotas console; ``{type}`` stands for the instance type."""

    training: str
    spot: str
    processing: str


class SageMakerFacts(Record):
    """What the training program runs on at SageMaker."""

    collected: str = Field(pattern=r"^\d{4}-\d\d-\d\d$")
    image: TrainingImage
    instances: tuple[InstanceType, ...]  # by preference
    start_minutes: PositiveFloat
    quotas: QuotaNames
    source: LimitSource

    def find(self, instance_type: str) -> InstanceType:
        """Return an instance type; raises SettingsError for one that is not listed."""
        for one in self.instances:
            if one.type == instance_type:
                return one
        listed = ", ".join(one.type for one in self.instances)
        raise SettingsError(
            f"The instance type {instance_type} is not known. Set instance_types to some of "
            f"{listed}, or add it with its memory to include/models/sagemaker.yaml and its price "
            "to include/prices."
        )


def parse_facts(kind: type[R], document: Any, origin: str) -> R:
    """Validate a loaded file; raises BadInput naming the file and every fault."""
    try:
        return kind.model_validate(document)
    except ValidationError as error:
        raise BadInput(f"{origin} is not valid: {'; '.join(faults_of(error, 'file'))}") from error


N = TypeVar("N", BaseModel, KnownModel, EmbedderFacts)


def _find(known: tuple[N, ...], identifier: str) -> N | None:
    return next((one for one in known if one.id == identifier), None)
