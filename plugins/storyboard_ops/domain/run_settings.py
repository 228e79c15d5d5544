"""The parameters of a run: one model, validated once, shown as the trigger form in the Airflow UI.

Bounds and help texts stand here only; ``airflow_ops.dag_params`` turns each field into a typed
``Param``. Documented service limits carry their source in the comment.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, ValidationError, field_validator

from storyboard_ops.domain.base_record import Record, digest_of
from storyboard_ops.domain.error_tree import SettingsError

S3_PREFIX_PATTERN = r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?$"
VideoUri = Annotated[str, Field(pattern=r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/.+$")]


def section(name: str) -> dict[str, Any]:
    """Place a field under a heading of the trigger form."""
    return {"section": name}


FILM, CHARACTERS, REVIEW = "Film", "Characters", "Review"
TRAINING, STORYBOARD, MONEY = "Training", "Storyboard", "Money"


class RunSettings(Record):
    """What one run of ``train_character_model`` is asked to do."""

    # -- Film
    videos: list[VideoUri] = Field(
        min_length=1,
        max_length=500,
        title="Videos",
        description="S3 URIs of the films or clips, one per line, e.g. s3://studio/videos/film.mp4.",
        json_schema_extra=section(FILM),
    )
    production: str = Field(
        "paper-lantern",
        min_length=1,
        max_length=1024,
        title="Production file",
        description=(
            "Name of a file in include/productions (without .yaml), or the S3 URI of one. "
            "It names the characters and their reference pictures."
        ),
        json_schema_extra=section(FILM),
    )
    workspace: str = Field(
        "s3://storyboard-studio",
        pattern=S3_PREFIX_PATTERN,
        title="Workspace",
        description="Bucket, and prefix if you like, that everything is written under.",
        json_schema_extra=section(FILM),
    )
    sample_interval_s: float = Field(
        1.0,
        ge=0.04,
        le=600,
        title="Sampling interval (seconds)",
        description="One frame is taken every so many seconds of film.",
        json_schema_extra=section(FILM),
    )
    shard_minutes: float = Field(
        10.0,
        ge=0.25,
        le=240,
        title="Shard length (minutes)",
        description="Long films are cut into ranges of about this length, sampled in parallel.",
        json_schema_extra=section(FILM),
    )
    black_below: float = Field(
        0.08,
        ge=0,
        le=1,
        title="Black below",
        description="A frame whose brightest 2 % are darker than this (0: black) is dropped.",
        json_schema_extra=section(FILM),
    )
    white_above: float = Field(
        0.92,
        ge=0,
        le=1,
        title="White above",
        description="A frame whose darkest 2 % are brighter than this is dropped.",
        json_schema_extra=section(FILM),
    )
    blurred_below: float = Field(
        12.0,
        ge=0,
        le=10_000,
        title="Blurred below",
        description=(
            "A frame is dropped when the variance of its Laplacian, on half-scale luma, is lower."
        ),
        json_schema_extra=section(FILM),
    )
    title_above: float = Field(
        0.85,
        ge=0,
        le=1,
        title="Title card above",
        description=(
            "A title card or credits: a frame with one flat ground, where more than this share "
            "of what stands on it is lines of letters, is dropped."
        ),
        json_schema_extra=section(FILM),
    )
    cut_above: float = Field(
        0.24,
        ge=0,
        le=1,
        title="Cut above",
        description=(
            "Two consecutive samples that differ by more than this in colours and layout belong "
            "to different shots."
        ),
        json_schema_extra=section(FILM),
    )
    exact_cuts: bool = Field(
        False,
        title="Exact cuts",
        description=(
            "Find shots by comparing every frame (PySceneDetect) and not the samples alone. Costs "
            "a full decode of the film, several times the time of sampling."
        ),
        json_schema_extra=section(FILM),
    )
    identical_above: float = Field(
        0.97,
        ge=0.5,
        le=1,
        title="Near-identical above",
        description="A frame this like the last kept one of its shot is dropped before it costs.",
        json_schema_extra=section(FILM),
    )
    max_lost_share: float = Field(
        0.5,
        ge=0,
        le=1,
        title="Largest share of lost videos",
        description="The run fails when more than this share of the videos cannot be read.",
        json_schema_extra=section(FILM),
    )

    # -- Characters
    detectors: list[Literal["multimodal", "labels", "faces", "custom_labels"]] = Field(
        ["multimodal"],
        min_length=1,
        title="Detectors",
        description=(
            "multimodal: a Bedrock model finds each character by its reference pictures "
            "(works on animation). faces: Rekognition compares faces with those of the reference "
            "pictures (live action only). custom_labels: a Rekognition detector is trained on the "
            "reference pictures and runs, billed by the hour, during detection. labels: "
            "Rekognition boxes people and animals; the boxes confirm what the others found."
        ),
        json_schema_extra=section(CHARACTERS),
    )
    detection_model_id: str = Field(
        "amazon.nova-pro-v1:0",
        pattern=r"^[a-zA-Z0-9.:/-]{3,256}$",
        title="Detection model",
        description="Bedrock model that answers with boxes.",
        json_schema_extra=section(CHARACTERS),
    )
    min_confidence: float = Field(
        0.6,
        ge=0,
        le=1,
        title="Least confidence",
        description="Detections below this are unsure and never enter the dataset by themselves.",
        json_schema_extra=section(CHARACTERS),
    )
    ask_confidence: float = Field(
        0.45,
        ge=0,
        le=1,
        title="Ask people from",
        description=(
            "Unsure detections of at least this confidence are put before the reviewers, who alone "
            "can let them in; others are only listed. 1: none are asked about."
        ),
        json_schema_extra=section(CHARACTERS),
    )
    framings: list[Literal["body", "head"]] = Field(
        ["body", "head"],
        min_length=1,
        title="Framings",
        description=(
            "body: a picture of all that is seen of the character. head: one of head and shoulders "
            "beside it, where the film has enough pixels of them."
        ),
        json_schema_extra=section(CHARACTERS),
    )
    face_match_above: float = Field(
        0.8,
        ge=0.5,
        le=1,
        title="Face match above",
        description="A face this similar to one of a character's reference pictures is theirs.",
        json_schema_extra=section(CHARACTERS),
    )
    crop_padding: float = Field(
        0.12,
        ge=0,
        le=1,
        title="Crop padding",
        description="Margin around a detection, as a share of its longer side.",
        json_schema_extra=section(CHARACTERS),
    )
    max_enlargement: float = Field(
        1.5,
        ge=1,
        le=8,
        title="Largest enlargement",
        description=(
            "Training wants at least 512 px a side. A smaller crop may be enlarged up to this "
            "factor; what would need more is left out, with its reason. Enlarged pictures are "
            "marked in the report."
        ),
        json_schema_extra=section(CHARACTERS),
    )
    duplicate_above: float = Field(
        0.92,
        ge=0.5,
        le=1,
        title="Near-duplicate above",
        description="Of crops whose embeddings have at least this cosine, the best one is kept.",
        json_schema_extra=section(CHARACTERS),
    )
    embedding_model_id: str = Field(
        "amazon.titan-embed-image-v1",
        pattern=r"^[a-zA-Z0-9.:/-]{3,256}$",
        title="Embedding model",
        description=(
            "Bedrock model that turns a picture into an embedding: amazon.titan-embed-image-v1 or "
            "amazon.nova-2-multimodal-embeddings-v1:0. Thresholds of one do not suit the other: "
            "look at the report's pairs."
        ),
        json_schema_extra=section(CHARACTERS),
    )
    caption_model_id: str = Field(
        "amazon.nova-pro-v1:0",
        pattern=r"^[a-zA-Z0-9.:/-]{3,256}$",
        title="Caption model",
        description="Bedrock model that writes the captions.",
        json_schema_extra=section(CHARACTERS),
    )
    max_images_per_character: int = Field(
        400,
        ge=5,
        le=10_000,
        title="Most pictures of one character",
        description="The best are kept, spread over the shots.",
        json_schema_extra=section(CHARACTERS),
    )
    max_images_per_shot: int = Field(
        8,
        ge=1,
        le=1_000,
        title="Most pictures of one character from one shot",
        description="Keeps one long take from dominating the training.",
        json_schema_extra=section(CHARACTERS),
    )

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

    @field_validator("videos")
    @classmethod
    def _each_video_once(cls, videos: list[str]) -> list[str]:
        twice = sorted({uri for uri in videos if videos.count(uri) > 1})
        if twice:
            raise ValueError(f"listed more than once: {', '.join(twice)}; list each video once")
        return videos

    @field_validator("detectors")
    @classmethod
    def _somebody_says_who(cls, detectors: list[str]) -> list[str]:
        if set(detectors) == {"labels"}:
            raise ValueError(
                "labels say what is there, not who: add multimodal, faces or custom_labels"
            )
        if len(set(detectors)) < len(detectors):
            raise ValueError("a detector is listed twice; list each once")
        return detectors

    @property
    def interval(self) -> Fraction:
        """The sampling interval in seconds, exact: 0.1 is one tenth."""
        return Fraction(str(self.sample_interval_s))

    @property
    def images_seen(self) -> int:
        """Pictures that the training sees, and that are billed."""
        return self.step_count * self.batch_size

    @property
    def sampling_digest(self) -> str:
        """Digest of everything that decides which frames are kept."""
        return digest_of(
            str(self.interval),
            self.black_below,
            self.white_above,
            self.blurred_below,
            self.title_above,
            self.identical_above,
            self.cut_above,
            *(["exact cuts"] if self.exact_cuts else []),
        )


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
