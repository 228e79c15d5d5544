"""Headings of the trigger forms, and field types that several sections share."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field

Section = TypeVar("Section", bound=BaseModel)
Value = TypeVar("Value")

S3_PREFIX_PATTERN = r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?$"
VideoUri = Annotated[str, Field(pattern=r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/.+$")]
ModelId = Annotated[str, Field(pattern=r"^[a-zA-Z0-9.:/-]{3,256}$")]
Share = Annotated[float, Field(ge=0, le=1)]

_PER_PRODUCTION = "a production file may set it"
#: The type of a parameter that suits the material, so that a production file may set it. All other
#: parameters belong to those who start a run: money, people, roles, places, and how long it waits.
PerProduction = Annotated[Value, _PER_PRODUCTION]

FILM, CHARACTERS, REVIEW = "Film", "Characters", "Review"
TRAINING, STORYBOARD, SHEETS = "Training", "Storyboard", "Sheets"
EDITORIAL, MONEY = "Editorial", "Money"
SCRIPT = "Script"

#: What the forms begin with, unfolded and in this order: what must be given, and what is often set.
FIRST = (
    *("videos", "production", "workspace", "script", "panels", "model", "min_new_pictures"),
    *("detectors", "review_desk", "trainer", "panels_from", "style", "budget_usd", "over_budget"),
)
#: What the forms end with: measured bounds, which experts change after looking at a report.
THRESHOLDS = (
    *("black_below", "white_above", "blurred_below", "title_above", "cut_above"),
    *("identical_above", "min_confidence", "ask_confidence", "face_match_above"),
    *("duplicate_above", "max_lost_share", "worse_by"),
)


def labels(texts: Mapping[str, str]) -> dict[str, Any]:
    """Return what a field tells the form about its choices: each value, and what it means."""
    return {"values_display": {value: f"{value}: {text}" for value, text in texts.items()}}


def filled_in(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a form without the fields that were left empty, which are None."""
    return {name: value for name, value in params.items() if value is not None}


def under(heading: str) -> Callable[[type[Section]], type[Section]]:
    """Place the fields that a section declares under a heading of the trigger form."""

    def place(section: type[Section]) -> type[Section]:
        for name in section.model_fields.keys() & inspect.get_annotations(section).keys():
            field = section.model_fields[name]
            given = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
            field.json_schema_extra = {**given, "section": heading}
        section.model_rebuild(force=True)
        return section

    return place


def per_production(settings_type: type[BaseModel]) -> frozenset[str]:
    """Return the names of the parameters that a production file may set."""
    return frozenset(
        name
        for name, field in settings_type.model_fields.items()
        if _PER_PRODUCTION in field.metadata
    )
