"""Settings of the sheets on which a storyboard is printed."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from storyboard_ops.domain.settings.base import Settings
from storyboard_ops.domain.settings.form import SHEETS, PerProduction, labels, under

LayoutName = Literal["1", "2", "3", "6", "vertical"]
PaperName = Literal["a4", "letter"]
Orientation = Literal["landscape", "portrait"]
AspectName = Literal["picture", "1.33", "1.78", "1.85", "2.39", "9:16"]


@under(SHEETS)
class SheetSection(Settings):
    """Paper, panels per sheet, and what is printed with each."""

    sheet_layout: PerProduction[LayoutName] = Field(
        "3",
        title="Panels per sheet",
        description=(
            "1, 2, 3 or 6, or vertical: the upright Japanese form with five panels, in columns for "
            "cut, picture, action, dialogue and time."
        ),
        json_schema_extra={"values_display": {"vertical": "vertical: upright, five panels"}},
    )
    sheet_paper: PerProduction[PaperName] = Field(
        "a4",
        title="Paper",
        description="a4 (210 x 297 mm) or letter (8.5 x 11 in).",
        json_schema_extra=labels({"a4": "210 x 297 mm", "letter": "8.5 x 11 in"}),
    )
    sheet_orientation: PerProduction[Orientation] = Field(
        "landscape",
        title="Orientation",
        description="landscape or portrait. The vertical form is always upright.",
    )
    sheet_aspect: PerProduction[AspectName] = Field(
        "picture",
        title="Aspect ratio of the frame",
        description=(
            "The whole picture is shown in a frame of this aspect, on a matte where its own is "
            "another. picture: as the panels are drawn."
        ),
        json_schema_extra={"values_display": {"picture": "picture: as the panels are drawn"}},
    )
    sheet_safe_areas: PerProduction[bool] = Field(
        False,
        title="Safe areas",
        description=(
            "Lines of the action-safe (93 %) and title-safe (90 %) areas over the pictures of the "
            "sheets; the picture files stay as they are."
        ),
    )
    sheet_prompts: PerProduction[bool] = Field(
        False, title="Prompts", description="Whether each panel's prompt is printed below it."
    )
