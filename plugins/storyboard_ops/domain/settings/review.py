"""Settings of the review by people."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from storyboard_ops.domain.settings.base import Settings
from storyboard_ops.domain.settings.form import REVIEW, under


@under(REVIEW)
class ReviewSection(Settings):
    """Reviewers, desk, batch size and timeout."""

    review_desk: Literal["a2i", "page", "auto"] = Field(
        "a2i",
        title="Review desk",
        description=(
            "a2i: people approve in Amazon A2I, which is closed to new customers. page: they "
            "approve here, on the approval page of the Airflow UI. auto: everything is approved "
            "by the pipeline itself, for trials only; the report says so."
        ),
    )
    review_batch_size: int = Field(
        20,
        ge=1,
        le=100,
        title="Pictures per review task",
        description="How many pictures a reviewer sees in one A2I task; the approval page has all.",
    )
    reviewers_per_picture: int = Field(
        1,
        ge=1,
        le=3,
        title="Reviewers per picture",
        description=(
            "How many people answer each A2I task. The majority decides; a tie rejects. On the "
            "approval page everybody sees what the others decided."
        ),
    )
    review_timeout_h: float = Field(
        72,
        ge=0.1,
        le=239,  # a human loop lives at most 10 days
        title="Review timeout (hours)",
        description="The run fails, and keeps everything, when people have not answered by then.",
    )
    workteam_arn: str | None = Field(
        None,
        max_length=256,
        title="A2I work team ARN",
        description="Private work team that reviews. Empty: the account's only private team.",
    )
    review_role_arn: str | None = Field(
        None,
        max_length=2048,
        title="A2I role ARN",
        description="Role that A2I assumes. Empty: the role StoryboardReview of this account.",
    )
