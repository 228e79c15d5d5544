"""What one call of a model or an operation may contain: data of ``include/models/limits.yaml``.

Every limit names its source. Pictures are encoded files; sides are in pixels.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, PositiveInt, ValidationError, model_validator

from storyboard_ops.domain.base_record import Record, faults_of
from storyboard_ops.domain.error_tree import BadInput, SettingsError

#: Base64 writes 4 bytes for 3.
BASE64_BYTES, PLAIN_BYTES = 4, 3
#: Bytes of a request for everything but its pictures: instructions, names, JSON.
TEXT_BYTES = 100_000
#: Format that all pictures can be sent in.
SENT_FORMAT = "jpeg"
#: Fields of the records below that are not limits.
NAMES = frozenset({"models", "operations", "sources"})


class LimitSource(Record):
    """Where limits were read."""

    text: str = Field(min_length=1)
    date: str = Field(pattern=r"^\d{4}-\d\d-\d\d$")
    confidence: str = Field(pattern=r"^[HML]$")  # see the file

    def __str__(self) -> str:
        return f"{self.text.partition(':')[0]}, {self.date}"


class CallLimits(Record):
    """Limits that share their sources; each field besides ``NAMES`` is a limit."""

    sources: dict[str, tuple[str, ...]]  # key of ``LimitsTable.sources`` -> limits it documents

    @model_validator(mode="after")
    def _has_sources(self) -> CallLimits:
        named = Counter(name for names in self.sources.values() for name in names)
        limits = set(type(self).model_fields) - NAMES
        if missing := sorted(limits - named.keys()):
            raise ValueError(f"no source for {', '.join(missing)}; a limit needs one")
        if wrong := sorted(name for name in named if name not in limits or named[name] > 1):
            raise ValueError(f"sources name {', '.join(wrong)} twice, or it is not a limit")
        return self


class PictureLimits(CallLimits):
    """Limits of what examines pictures."""

    pictures: PositiveInt
    picture_bytes: PositiveInt
    side_px: tuple[PositiveInt, PositiveInt]  # fewest, most
    formats: tuple[str, ...]

    @model_validator(mode="after")
    def _accepts_what_is_sent(self) -> PictureLimits:
        if SENT_FORMAT not in self.formats:
            raise ValueError(f"formats lack {SENT_FORMAT}, in which pictures are sent")
        return self


class OperationLimits(PictureLimits):
    """Limits of operations of Rekognition."""

    operations: tuple[str, ...] = Field(min_length=1)


class ModelLimits(PictureLimits):
    """Limits of models that get pictures as base64 in a request."""

    models: tuple[str, ...] = Field(min_length=1)
    request_bytes: PositiveInt

    @property
    def total_picture_bytes(self) -> int:
        """The most bytes of all pictures of a request together, before they become base64."""
        return (self.request_bytes - TEXT_BYTES) * PLAIN_BYTES // BASE64_BYTES


class PictureTokens(Record):
    """The most tokens that a model counts for a picture."""

    fixed: int = Field(ge=0)
    pixels_per_token: PositiveInt
    enlarged_to_px: PositiveInt  # longer side to which a smaller picture is enlarged first

    def count(self, width: int, height: int) -> int:
        """Return the most tokens of a picture of this size, in pixels."""
        scale = max(1.0, self.enlarged_to_px / max(width, height))
        return self.fixed + math.ceil(width * height * scale**2 / self.pixels_per_token)


class ConverseLimits(ModelLimits):
    """Limits of multimodal models."""

    input_tokens: PositiveInt
    output_tokens: PositiveInt
    picture_tokens: PictureTokens
    documented_tokens: tuple[tuple[int, int, int], ...]  # width, height, tokens
    tool_choice: tuple[Literal["auto", "any", "tool"], ...]  # of Converse; empty: takes no tools

    @property
    def forces_tools(self) -> bool:
        """Whether a request can name the tool that the model has to call."""
        return "tool" in self.tool_choice

    @model_validator(mode="after")
    def _covers_examples(self) -> ConverseLimits:
        for width, height, tokens in self.documented_tokens:
            if (counted := self.picture_tokens.count(width, height)) < tokens:
                raise ValueError(
                    f"picture_tokens counts {counted} for {width} x {height} px, below the "
                    f"documented {tokens}"
                )
        return self


class DrawingLimits(CallLimits):
    """Limits of models that draw; pairs are fewest and most, inclusive."""

    models: tuple[str, ...] = Field(min_length=1)
    pictures: PositiveInt
    prompt_characters: tuple[PositiveInt, PositiveInt]
    side_px: tuple[PositiveInt, PositiveInt]
    side_multiple_px: PositiveInt
    pixels_below: PositiveInt
    aspect: PositiveInt
    seed: tuple[int, int]
    cfg_scale: tuple[float, float]

    def check_panel(self, width: int, height: int) -> None:
        """Raise SettingsError when the models do not draw pictures of this size, in pixels."""
        size, change = f"Panels of {width} x {height} px", "Change panel_width or panel_height."
        shorter, longer = sorted((width, height))
        if width * height >= self.pixels_below:
            raise SettingsError(
                f"{size} have {width * height:,} pixels, and {self.models[0]} draws fewer than "
                f"{self.pixels_below:,}. Lower panel_width or panel_height."
            )
        if longer > self.aspect * shorter:
            raise SettingsError(
                f"{size} are too oblong: {self.models[0]} draws at most {self.aspect}:1 and "
                f"1:{self.aspect}. {change}"
            )


class PromptedLimits(CallLimits):
    """Limits of models that draw on demand, from prompts alone; pairs are fewest and most."""

    models: tuple[str, ...] = Field(min_length=1)
    regions: tuple[str, ...] = Field(min_length=1)  # that offer them
    pictures: PositiveInt
    prompt_characters: tuple[PositiveInt, PositiveInt]
    aspect_ratios: tuple[Annotated[str, Field(pattern=r"^[1-9]\d*:[1-9]\d*$")], ...]
    seed: tuple[PositiveInt, PositiveInt]

    def region_for(self, region: str) -> str:
        """Return the region to call the models in from another: itself if it offers them."""
        return region if region in self.regions else self.regions[0]

    def closest_ratio(self, width: int, height: int) -> str:
        """Return the aspect ratio of which least must be cut off for a panel of this size."""
        return max(self.aspect_ratios, key=lambda ratio: _kept_share(ratio, width, height))

    def kept_share(self, width: int, height: int) -> float:
        """Return the share of a drawn picture that a panel of this size shows, 0..1."""
        return _kept_share(self.closest_ratio(width, height), width, height)

    def fit_seed(self, seed: int) -> int:
        """Return the seed itself if the models accept it, else one that differs as much."""
        fewest, most = self.seed
        return fewest + (seed - fewest) % (most - fewest + 1)


def _kept_share(ratio: str, width: int, height: int) -> float:
    wide, high = map(int, ratio.split(":"))
    drawn, shown = wide / high, width / height
    return min(drawn, shown) / max(drawn, shown)


M = TypeVar("M", ModelLimits, ConverseLimits, DrawingLimits, PromptedLimits)


class LimitsTable(Record):
    """All limits, with their sources."""

    sources: dict[str, LimitSource]
    converse: tuple[ConverseLimits, ...]
    embedding: tuple[ModelLimits, ...]
    drawing: tuple[DrawingLimits, ...]
    prompted: tuple[PromptedLimits, ...]
    rekognition: tuple[OperationLimits, ...]

    @model_validator(mode="after")
    def _is_consistent(self) -> LimitsTable:
        of_models: list[ModelLimits | DrawingLimits | PromptedLimits] = [
            *self.converse,
            *self.embedding,
            *self.drawing,
            *self.prompted,
        ]
        listed = [*of_models, *self.rekognition]
        used = {source for limits in listed for source in limits.sources}
        if unknown := sorted(used - self.sources.keys()):
            raise ValueError(f"unknown sources: {', '.join(unknown)}")
        models = Counter(model for limits in of_models for model in limits.models)
        if twice := sorted(model for model, count in models.items() if count > 1):
            raise ValueError(f"listed twice: {', '.join(twice)}")
        return self

    def of_converse(self, model_id: str) -> ConverseLimits:
        """Return the limits of a multimodal model; raises SettingsError when it has none."""
        return _find_model(self.converse, model_id)

    def of_embedding(self, model_id: str) -> ModelLimits:
        """Return the limits of an embedding model; raises SettingsError when it has none."""
        return _find_model(self.embedding, model_id)

    def of_drawing(self, model_id: str) -> DrawingLimits:
        """Return the limits of a model that draws; raises SettingsError when it has none."""
        return _find_model(self.drawing, model_id)

    def of_prompted(self, model_id: str) -> PromptedLimits:
        """Return the limits of a model that draws from prompts; raises SettingsError like these."""
        return _find_model(self.prompted, model_id)

    def of_operation(self, operation: str) -> OperationLimits:
        """Return the limits of an operation of Rekognition; raises KeyError for another."""
        found = (limits for limits in self.rekognition if operation in limits.operations)
        limits = next(found, None)
        if limits is None:
            raise KeyError(operation)
        return limits

    def source_of(self, limits: CallLimits, name: str) -> LimitSource:
        """Return where a limit was read, e.g. "pictures"; raises KeyError for another name."""
        for source, names in limits.sources.items():
            if name in names:
                return self.sources[source]
        raise KeyError(name)


def parse_limits(document: Any, origin: str) -> LimitsTable:
    """Validate a loaded table; raises BadInput naming the file and every fault."""
    try:
        return LimitsTable.model_validate(document)
    except ValidationError as error:
        raise BadInput(
            f"The limits {origin} are not valid: {'; '.join(faults_of(error, 'table'))}"
        ) from error


def _find_model(group: Iterable[M], model_id: str) -> M:
    known: list[str] = []
    for limits in group:
        if model_id in limits.models:
            return limits
        known += limits.models
    raise SettingsError(
        f"The limits of {model_id} are not known, so its requests cannot be made to fit. Add them "
        f"with date and source to include/models/limits.yaml, or use one of {', '.join(known)}."
    )
