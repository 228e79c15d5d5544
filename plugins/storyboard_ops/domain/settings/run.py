"""The parameters of a run: one model, validated once, shown as the trigger form in the Airflow UI.

Bounds and help texts stand here and in ``film_settings`` only; ``airflow_ops.dag_params`` turns
each field into a typed ``Param``. Documented service limits carry their source in the comment.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import AwareDatetime, Field, ValidationError

from storyboard_ops.domain.error_tree import SettingsError
from storyboard_ops.domain.settings.film import FilmSettings
from storyboard_ops.domain.settings.form import MONEY, REVIEW, STORYBOARD, TRAINING, section


class RunSettings(FilmSettings):
    """What one run of ``train_character_model`` is asked to do."""

    # -- Review
    review_desk: Literal["a2i", "page", "auto"] = Field(
        "a2i",
        title="Review desk",
        description=(
            "a2i: people approve in Amazon A2I, which is closed to new customers. page: they "
            "approve here, on the approval page of the Airflow UI. auto: everything is approved "
            "by the pipeline itself, for trials only; the report says so."
        ),
        json_schema_extra=section(REVIEW),
    )
    review_batch_size: int = Field(
        20,
        ge=1,
        le=100,
        title="Pictures per review task",
        description="How many pictures a reviewer sees in one A2I task; the approval page has all.",
        json_schema_extra=section(REVIEW),
    )
    reviewers_per_picture: int = Field(
        1,
        ge=1,
        le=3,
        title="Reviewers per picture",
        description=(
            "How many people answer each A2I task. The majority decides; a tie rejects. On the "
            "approval page everybody sees what the others decided."
        ),
        json_schema_extra=section(REVIEW),
    )
    review_timeout_h: float = Field(
        72,
        ge=0.1,
        le=239,  # a human loop lives at most 10 days
        title="Review timeout (hours)",
        description="The run fails, and keeps everything, when people have not answered by then.",
        json_schema_extra=section(REVIEW),
    )
    workteam_arn: str | None = Field(
        None,
        max_length=256,
        title="A2I work team ARN",
        description="Private work team that reviews. Empty: the account's only private team.",
        json_schema_extra=section(REVIEW),
    )
    review_role_arn: str | None = Field(
        None,
        max_length=2048,
        title="A2I role ARN",
        description="Role that A2I assumes. Empty: the role StoryboardReview of this account.",
        json_schema_extra=section(REVIEW),
    )

    # -- Training
    trainer: Literal["bedrock", "dataset_only"] = Field(
        "bedrock",
        title="Trainer",
        description=(
            "bedrock: Bedrock model customization, storyboard included. dataset_only: stop after "
            "the approved dataset, ready for another trainer."
        ),
        json_schema_extra=section(TRAINING),
    )
    base_model_id: str = Field(
        "amazon.nova-canvas-v1:0",
        pattern=r"^[a-zA-Z0-9.:/-]{3,256}$",
        title="Base model",
        description="Model to fine-tune. Preflight reads its life cycle before anything is paid.",
        json_schema_extra=section(TRAINING),
    )
    role_arn: str | None = Field(
        None,
        max_length=2048,
        title="Bedrock role ARN",
        description=(
            "Role that Bedrock assumes to read the dataset. Empty: the account's role "
            "StoryboardBedrock."
        ),
        json_schema_extra=section(TRAINING),
    )
    # Bounds of steps, batch and rate: Nova Canvas fine-tuning hyperparameters, AWS documentation.
    step_count: int = Field(
        500,
        ge=10,
        le=20_000,
        title="Training steps",
        description="Billed images = steps x batch size.",
        json_schema_extra=section(TRAINING),
    )
    batch_size: int = Field(
        8,
        ge=8,
        le=192,
        title="Batch size",
        json_schema_extra=section(TRAINING),
        description="Pictures seen per training step.",
    )
    learning_rate: float = Field(
        1e-5,
        ge=1e-7,
        le=1e-4,
        title="Learning rate",
        json_schema_extra=section(TRAINING),
        description="Step size of the fine-tuning; 1e-5 is the service's default.",
    )
    training_timeout_h: float = Field(
        24,
        ge=0.05,
        le=240,
        title="Training timeout (hours)",
        json_schema_extra=section(TRAINING),
        description="The job is stopped when it has not ended by then.",
    )

    # -- Storyboard
    panel_width: int = Field(
        1280,
        ge=320,
        le=4096,
        multiple_of=16,
        title="Panel width (px)",
        description="Divisible by 16.",
        json_schema_extra=section(STORYBOARD),
    )
    panel_height: int = Field(
        720,
        ge=320,
        le=4096,
        multiple_of=16,
        title="Panel height (px)",
        description="Divisible by 16.",
        json_schema_extra=section(STORYBOARD),
    )
    cfg_scale: float = Field(
        6.5,
        ge=1.1,
        le=10,
        title="Prompt strength",
        json_schema_extra=section(STORYBOARD),
        description="cfgScale of the image model: how strictly the prompt is followed.",
    )
    seed: int = Field(
        7,
        ge=0,
        le=858_993_459,
        title="Seed",
        json_schema_extra=section(STORYBOARD),
        description="The same seed draws the same panels.",
    )

    # -- Money
    budget_usd: float = Field(
        250.0,
        ge=0,
        le=1_000_000,
        title="Budget (USD)",
        description="The run refuses to start when the estimate of the whole run is above this.",
        json_schema_extra=section(MONEY),
    )
    over_budget: Literal["refuse", "ask"] = Field(
        "refuse",
        title="Above the budget",
        description=(
            "refuse: the run does not start. ask: it prepares the dataset, then waits before the "
            "training until somebody says yes to the sum; who and when is written down."
        ),
        json_schema_extra=section(MONEY),
    )
    model_units: int = Field(
        1,
        ge=1,
        le=10,
        title="Model units",
        json_schema_extra=section(MONEY),
        description="Provisioned throughput bought for drawing, billed by the hour.",
    )
    commitment: Literal["none", "OneMonth", "SixMonths"] = Field(
        "none",
        title="Commitment",
        json_schema_extra=section(MONEY),
        description=(
            "none: capacity is deleted when the storyboard is drawn. OneMonth, SixMonths: it is "
            "bought for that term, cannot be deleted before, and is billed in full."
        ),
    )
    lease_h: float = Field(
        4,
        ge=0.1,
        le=168,
        title="Lease (hours)",
        json_schema_extra=section(MONEY),
        description=(
            "Longest life of paid capacity; written on it as a tag. release_capacity deletes what "
            "is past it, whatever became of the run."
        ),
    )
    keep_capacity_until: AwareDatetime | None = Field(
        None,
        title="Keep the capacity until",
        json_schema_extra=section(MONEY),
        description=(
            "Moment with time zone, at most 7 days ahead: the capacity outlives the run and bills "
            "until then; release_capacity deletes it. Empty: it is deleted at the end of the run."
        ),
    )
    keep_model: bool = Field(
        True,
        title="Keep the customized model",
        json_schema_extra=section(MONEY),
        description="Off: the model is deleted at the end, like everything else that bills.",
    )
    poll_seconds: float = Field(
        60,
        ge=1,
        le=3600,
        title="Polling interval (seconds)",
        json_schema_extra=section(MONEY),
        description="How often a wait asks the service for news.",
    )

    @property
    def images_seen(self) -> int:
        """Pictures that the training sees, and that are billed."""
        return self.step_count * self.batch_size


def parse_settings(
    params: Mapping[str, Any], settings_type: type[RunSettings] = RunSettings
) -> RunSettings:
    """Validate run parameters; raises SettingsError with one line per parameter that is wrong."""
    try:
        return settings_type.model_validate(dict(params))
    except ValidationError as error:
        lines = [_explain(settings_type, item) for item in error.errors(include_url=False)]
        raise SettingsError("\n".join(lines)) from error


#: What a run says of itself, and a production file has no say in.
NOT_OF_A_PRODUCTION = frozenset({"videos", "production", "workspace"})


def suited_settings(settings: RunSettings, suited: Mapping[str, Any]) -> RunSettings:
    """Settings with the parameters that suit a production, where the run left the default.

    A parameter that a run changes wins over the production file. Raises SettingsError for a
    parameter that does not exist, is out of bounds, or is not a production's to set.
    """
    reserved = sorted(NOT_OF_A_PRODUCTION & suited.keys())
    if reserved:
        raise SettingsError(f"A production file cannot set {', '.join(reserved)}.")
    fields = RunSettings.model_fields
    taken = {
        name: value
        for name, value in suited.items()
        if name not in fields or getattr(settings, name) == fields[name].default
    }
    return parse_settings({**settings.model_dump(), **taken}, type(settings))


def _explain(settings_type: type[RunSettings], item: Mapping[str, Any]) -> str:
    name = str(item["loc"][0]) if item["loc"] else "settings"
    field = settings_type.model_fields.get(name)
    if field is None:
        known = ", ".join(settings_type.model_fields)
        return f"Parameter {name!r} does not exist. Parameters are: {known}."
    given = "" if item["type"] == "missing" else f" (given: {item['input']!r})"
    return f"Parameter {name!r}: {item['msg']}{given}. {field.description}"
