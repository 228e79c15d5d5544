"""Headings of the trigger forms, and field types that several sections share."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

S3_PREFIX_PATTERN = r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?$"
VideoUri = Annotated[str, Field(pattern=r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/.+$")]

FILM, CHARACTERS, REVIEW = "Film", "Characters", "Review"
TRAINING, STORYBOARD, MONEY = "Training", "Storyboard", "Money"


def section(name: str) -> dict[str, Any]:
    """Place a field under a heading of the trigger form."""
    return {"section": name}
