"""The parameters of a run that decide which pictures it makes: of which films, of whom.

Bounds and help texts stand here and in ``run_settings`` only.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from pydantic import Field, field_validator

from storyboard_ops.domain.base_record import Record, digest_of
from storyboard_ops.domain.settings.form import (
    CHARACTERS,
    FILM,
    S3_PREFIX_PATTERN,
    VideoUri,
    section,
)


class FilmSettings(Record):
    """Films, sampling, detection, crops, near-duplicates and captions."""

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
