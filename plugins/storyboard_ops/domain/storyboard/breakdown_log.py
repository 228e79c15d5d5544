"""Records of what people decide on the breakdown page.

Its log is append-only: every save is a ``SceneEntry``, and the current state is their fold. A
decision is about a whole scene, because panels are split, merged and moved within it.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, ValidationError, field_validator

from storyboard_ops.domain.base_record import Record, faults_of
from storyboard_ops.domain.review.review_records import UUID_PATTERN, ClosingEntry, DecidedItem
from storyboard_ops.domain.storyboard.breakdown import SceneContent

SCENE_ID = r"^\d{4}$"
#: Most scenes in one save, and characters of one scene's panels as JSON.
MOST_EDITS, MOST_CONTENT = 200, 1_000_000


class SceneEdit(Record):
    """What somebody wants of one scene."""

    image_id: str = Field(pattern=SCENE_ID)  # as the board kit calls what is decided about
    based_on: int = Field(ge=0)  # version of the scene that the person saw; 0: untouched
    decision: Literal["approve", "open"]
    content: str = Field("", max_length=MOST_CONTENT)  # SceneContent as JSON; empty: as proposed

    @field_validator("content")
    @classmethod
    def _is_scene(cls, content: str) -> str:
        try:
            parse_content(content)
        except ValidationError as error:
            raise ValueError("; ".join(faults_of(error, "scene", SceneContent))) from None
        return content


class EditBatch(Record):
    """One save, applied atomically."""

    id: str = Field(pattern=UUID_PATTERN)
    decisions: tuple[SceneEdit, ...] = Field(min_length=1, max_length=MOST_EDITS)

    @field_validator("decisions")
    @classmethod
    def _each_scene_once(cls, made: tuple[SceneEdit, ...]) -> tuple[SceneEdit, ...]:
        if len({edit.image_id for edit in made}) < len(made):
            raise ValueError("a scene occurs twice in one save; send one decision per scene")
        return made


class SceneEntry(ClosingEntry):
    """One line of the log of a breakdown."""

    decisions: tuple[SceneEdit, ...] = ()


class SceneState(DecidedItem):
    """Current state of one scene."""

    decision: Literal["approve", "open"]
    content: str


def parse_content(content: str) -> SceneContent | None:
    """Return the panels and omissions of a decision; None: as proposed.

    Raises ValidationError when they are not valid.
    """
    return SceneContent.model_validate_json(content) if content else None
