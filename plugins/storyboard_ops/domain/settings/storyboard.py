"""Settings of the panels of a storyboard."""

from __future__ import annotations

from pydantic import Field

from storyboard_ops.domain.settings.base import Settings
from storyboard_ops.domain.settings.form import STORYBOARD, section

#: Largest seed that every documented version of the service accepts.
LARGEST_SEED = 858_993_459


class StoryboardSection(Settings):
    """Size, strength and seed of the panels."""

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
        le=LARGEST_SEED,
        title="Seed",
        json_schema_extra=section(STORYBOARD),
        description="The same seed draws the same panels.",
    )
