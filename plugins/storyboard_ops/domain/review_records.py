"""What is asked of reviewers and what they answer; one form for every review desk."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from storyboard_ops.domain.base_record import Record

#: Reasons a reviewer may give; the page offers exactly these.
REJECT_REASONS = (
    "wrong character",
    "cut off",
    "blurred",
    "covered by someone else",
    "not representative",
    "other",
)


class HumanLoop(Record):
    """One review task: a batch of pictures on one page."""

    name: str = Field(pattern=r"^[a-z0-9](-*[a-z0-9]){0,62}$")
    flow_definition_arn: str
    image_ids: tuple[str, ...]


class Decision(Record):
    """What one reviewer decided about one picture."""

    image_id: str = Field(pattern="^[0-9a-f]{64}$")
    decision: Literal["approve", "reject"]
    reason: str = Field("", max_length=400)
    caption: str = Field("", max_length=4096)  # as edited; empty: unchanged
    character: str = Field("", max_length=40)  # as reassigned; empty: unchanged


class ReviewerAnswer(Record):
    """All decisions of one reviewer about one batch."""

    loop: str
    reviewer: str
    submitted_at: str  # ISO 8601
    decisions: tuple[Decision, ...]
