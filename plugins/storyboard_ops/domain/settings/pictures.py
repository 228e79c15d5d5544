"""Settings of detection, crops, near-duplicates, captions and balance."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from storyboard_ops.domain.settings.base import Settings
from storyboard_ops.domain.settings.form import (
    CHARACTERS,
    ModelId,
    PerProduction,
    Share,
    labels,
    under,
)

Detector = Literal["multimodal", "labels", "faces", "custom_labels"]


@under(CHARACTERS)
class FinderSection(Settings):
    """The model that finds characters in a picture by their reference pictures."""

    detection_model_id: PerProduction[ModelId] = Field(
        "amazon.nova-pro-v1:0",
        title="Detection model",
        description="Bedrock model that answers with boxes, of frames and of drawn panels.",
    )


@under(CHARACTERS)
class DetectionSection(FinderSection):
    """Detectors, thresholds of a detection, and the framings to crop."""

    detectors: PerProduction[list[Detector]] = Field(
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
        json_schema_extra=labels(
            {
                "multimodal": "a model, by reference pictures; animation too",
                "faces": "live action only",
                "custom_labels": "trained for the production, billed by the hour",
                "labels": "people and animals; confirms the others",
            }
        ),
    )
    min_confidence: PerProduction[Share] = Field(
        0.6,
        title="Least confidence",
        description="Detections below this are unsure and never enter the dataset by themselves.",
    )
    ask_confidence: PerProduction[Share] = Field(
        0.45,
        title="Ask people from",
        description=(
            "Unsure detections of at least this confidence are put before the reviewers, who alone "
            "can let them in; others are only listed. 1: none are asked about."
        ),
    )
    framings: PerProduction[list[Literal["body", "head"]]] = Field(
        ["body", "head"],
        min_length=1,
        title="Framings",
        description=(
            "body: a picture of all that is seen of the character. head: one of head and shoulders "
            "beside it, where the film has enough pixels of them."
        ),
    )
    face_match_above: PerProduction[float] = Field(
        0.8,
        ge=0.5,
        le=1,
        title="Face match above",
        description="A face this similar to one of a character's reference pictures is theirs.",
    )

    @field_validator("detectors")
    @classmethod
    def _identifies_characters(cls, detectors: list[str]) -> list[str]:
        if set(detectors) == {"labels"}:
            raise ValueError(
                "labels say what is there, not who: add multimodal, faces or custom_labels"
            )
        if len(set(detectors)) < len(detectors):
            raise ValueError("a detector is listed twice; list each once")
        return detectors


@under(CHARACTERS)
class CropSection(Settings):
    """How pictures are cut from frames."""

    crop_padding: PerProduction[Share] = Field(
        0.12,
        title="Crop padding",
        description="Margin around a detection, as a share of its longer side.",
    )
    max_enlargement: PerProduction[float] = Field(
        1.5,
        ge=1,
        le=8,
        title="Largest enlargement",
        description=(
            "Training wants at least 512 px a side. A smaller crop may be enlarged up to this "
            "factor; what would need more is left out, with its reason. Enlarged pictures are "
            "marked in the report."
        ),
    )


@under(CHARACTERS)
class DuplicateSection(Settings):
    """When two pictures are near-duplicates."""

    duplicate_above: PerProduction[float] = Field(
        0.92,
        ge=0.5,
        le=1,
        title="Near-duplicate above",
        description="Of crops whose embeddings have at least this cosine, the best one is kept.",
    )
    embedding_model_id: PerProduction[ModelId] = Field(
        "amazon.titan-embed-image-v1",
        title="Embedding model",
        description=(
            "Bedrock model that turns a picture into an embedding: amazon.titan-embed-image-v1 or "
            "amazon.nova-2-multimodal-embeddings-v1:0. Thresholds of one do not suit the other: "
            "look at the report's pairs."
        ),
    )


class FigureSection(FinderSection, DuplicateSection):
    """The models that find characters and compare pictures: drawn panels are measured with both."""


@under(CHARACTERS)
class CaptionSection(Settings):
    """The model that writes captions."""

    caption_model_id: PerProduction[ModelId] = Field(
        "amazon.nova-pro-v1:0",
        title="Caption model",
        description="Bedrock model that writes the captions.",
    )


@under(CHARACTERS)
class BalanceSection(Settings):
    """Caps on the pictures of one character."""

    max_images_per_character: PerProduction[int] = Field(
        400,
        ge=5,
        le=10_000,
        title="Most pictures of one character",
        description="The best are kept, spread over the shots.",
    )
    max_images_per_shot: PerProduction[int] = Field(
        8,
        ge=1,
        le=1_000,
        title="Most pictures of one character from one shot",
        description="Keeps one long take from dominating the training.",
    )
