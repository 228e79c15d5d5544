"""Settings of what editing gets: timelines, lists, the animatic."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from storyboard_ops.domain.settings.base import Settings
from storyboard_ops.domain.settings.form import EDITORIAL, PerProduction, under
from storyboard_ops.domain.storyboard.frame_rate import (
    FRAME_RATES,
    TIMECODE_PATTERN,
    FrameRate,
    RateName,
    plain_rate_name,
)


@under(EDITORIAL)
class EditorialSection(Settings):
    """Frame rate and timecode of the storyboard, and how its animatic is made."""

    frame_rate: PerProduction[Annotated[RateName, BeforeValidator(plain_rate_name)]] = Field(
        "24",
        title="Frame rate (fps)",
        description=(
            "In which the lengths of panels are counted, in every export. 23.976, 29.97 and 59.94 "
            "are exact fractions; df counts drop-frame timecode."
        ),
    )
    start_timecode: PerProduction[str] = Field(
        "01:00:00:00",
        pattern=TIMECODE_PATTERN,
        title="Timecode of the first frame",
        description="Hours, minutes, seconds and frames: 01:00:00:00.",
    )
    animatic_burn_in: PerProduction[bool] = Field(
        True,
        title="Number and timecode in the animatic",
        description="Burnt in along the lower edge. Off: the pictures alone.",
    )
    animatic_voice: PerProduction[bool] = Field(
        True,
        title="Scratch voice in the animatic",
        description=(
            "Dialogue is spoken by the voice of the worker's system (espeak-ng or say), where it "
            "has one. Off, or without one: silence."
        ),
    )

    @field_validator("start_timecode")
    @classmethod
    def _exists(cls, timecode: str, info: ValidationInfo) -> str:
        if name := info.data.get("frame_rate"):
            FRAME_RATES[name].frame_at(timecode)
        return timecode

    @property
    def rate(self) -> FrameRate:
        """The frame rate, by its name."""
        return FRAME_RATES[self.frame_rate]
