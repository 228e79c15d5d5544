"""Settings of the review by people."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator

from storyboard_ops.domain.error_tree import SettingsError
from storyboard_ops.domain.review.desk_choice import FORMER_NAMES, DeskName
from storyboard_ops.domain.settings.base import Settings
from storyboard_ops.domain.settings.form import REVIEW, labels, under


@under(REVIEW)
class WaitSection(Settings):
    """How long a run waits for people."""

    review_timeout_h: float = Field(
        72,
        ge=0.1,
        le=239,  # a human loop lives at most 10 days
        title="Review timeout (hours)",
        description="The run fails, and keeps everything, when people have not answered by then.",
    )
    remind_after_h: float = Field(
        24,
        ge=0,
        le=239,
        title="Reminder (hours)",
        description=(
            "People are reminded once when the review, or the breakdown of a script, is not "
            "finished on its page by then: by the Airflow connection storyboard_reminder, of type "
            "smtp or http. 0: no reminder."
        ),
    )


@under(REVIEW)
class ReviewSection(WaitSection):
    """Reviewers, desk and batch size."""

    review_desk: Literal["choose", "a2i", "page", "without_people"] = Field(
        "choose",
        title="Review desk",
        description=(
            "choose: before anything is paid, preflight chooses Amazon A2I if the account has it, "
            "else the approval page. a2i: people approve in Amazon A2I, which is closed to new "
            "customers. page: they approve here, on the approval page of the Airflow UI. "
            "without_people: the pipeline approves everything itself, for trials only; the report "
            "says so."
        ),
        json_schema_extra=labels(
            {
                "choose": "A2I if the account has it, else the page",
                "a2i": "people, in Amazon A2I",
                "page": "people, on the approval page here",
                "without_people": "nobody, for trials only",
            }
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
    carry_over: Literal["decisions", "nothing"] = Field(
        "decisions",
        title="Decisions of earlier runs",
        description=(
            "decisions: what people decided and wrote about the same pictures in earlier runs of "
            "this production is kept, and people are asked about new pictures only. nothing: "
            "people are asked about all pictures."
        ),
        json_schema_extra=labels(
            {
                "decisions": "kept; people see new pictures only",
                "nothing": "people see all pictures",
            }
        ),
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

    @field_validator("review_desk", mode="before")
    @classmethod
    def _refuse_former_name(cls, given: Any) -> Any:
        if isinstance(given, str) and given in FORMER_NAMES:
            raise ValueError(f"{given} is now called {FORMER_NAMES[given]}")
        return given

    @property
    def desk(self) -> DeskName:
        """The desk that preflight recorded; raises SettingsError before it has chosen one."""
        if self.review_desk == "choose":
            raise SettingsError(
                "The review desk of this run is not chosen yet: clear preflight, which chooses it "
                "and records it in settings.json."
            )
        return self.review_desk
