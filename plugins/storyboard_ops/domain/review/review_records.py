"""What is asked of reviewers and what they answer; one form for every review desk.

Both desks show the same board (``BoardItem``) and end in the same answers (``ReviewerAnswer``). On
the approval page the way there is a log: every save is a ``LogEntry``, entries are only ever added,
and what holds now is their fold (``core.review_state``).
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.training.trainer_limits import NOVA_CANVAS

#: Reasons a reviewer may give; the page offers exactly these.
REJECT_REASONS = (
    "wrong character",
    "cut off",
    "blurred",
    "covered by someone else",
    "not representative",
    "other",
)
#: Longest text of a reason, a caption, and most decisions in one save.
REASON_MAX, BATCH_MAX = 400, 200
CAPTION_MAX = NOVA_CANVAS.caption_characters[1]

UUID_PATTERN = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"

#: What the board filters by and shows as badges.
Flag = Literal["enlarged", "head cut", "shared", "unsure", "caption"]


class HumanLoop(Record):
    """One review task: a batch of pictures on one page."""

    name: str = Field(pattern=r"^[a-z0-9](-*[a-z0-9]){0,62}$")
    flow_definition_arn: str
    image_ids: tuple[str, ...]


class Decision(Record):
    """What one reviewer decided about one picture."""

    image_id: str = Field(pattern="^[0-9a-f]{64}$")
    decision: Literal["approve", "reject"]
    reason: str = Field("", max_length=REASON_MAX)
    caption: str = Field("", max_length=4096)  # as edited; empty: unchanged
    character: str = Field("", max_length=40)  # as reassigned; empty: unchanged


class ReviewerAnswer(Record):
    """All decisions of one reviewer about one batch."""

    loop: str
    reviewer: str
    submitted_at: str  # ISO 8601
    decisions: tuple[Decision, ...]


class Neighbour(Record):
    """A frame of the same shot, so that a reviewer sees where a picture comes from."""

    uri: str
    timecode: str
    own: bool = False  # the frame that the picture was cut from
    box: tuple[float, float, float, float] | None = None  # x, y, w, h as ratios; own frame only


class BoardItem(Record):
    """One picture on the board."""

    id: str = Field(pattern="^[0-9a-f]{64}$")
    character: str
    caption: str
    video: str  # file name
    shot: int
    timecode: str
    score: float
    width: int
    height: int
    picture_uri: str
    thumb_uri: str  # JPEG, at most 320 px long
    neighbours: tuple[Neighbour, ...] = ()
    question: bool = False  # the rules could not decide; only a person lets it in
    flags: tuple[Flag, ...] = ()
    notes: tuple[str, ...] = ()  # a sentence behind each flag


class OpenedReview(Record):
    """Summary of the manifest that ``open_review`` hands on: which desk asks, about what."""

    desk: Literal["a2i", "page", "auto"]
    pictures: int = Field(ge=0)
    opened_at: str = ""  # ISO 8601
    flow_definition_arn: str = ""  # A2I only
    asked_since: str = ""  # ISO 8601: no human loop of this review is older; A2I only
    board: ManifestRef | None = None  # of kind "board_items"; not on the auto desk


class LoggedDecision(Record):
    """A decision in the log. ``open``: undone, or edited before it is decided."""

    image_id: str = Field(pattern="^[0-9a-f]{64}$")
    based_on: int = Field(ge=0)  # version of the item that the reviewer saw; 0: untouched
    decision: Literal["approve", "reject", "open"]
    reason: str = Field("", max_length=REASON_MAX)
    caption: str = Field("", max_length=CAPTION_MAX)
    character: str = Field("", max_length=40)


class LogEntry(Record):
    """One line of the append-only log: who did what, when."""

    version: int = Field(ge=1)  # place in the log, without gaps
    id: str = Field(pattern=UUID_PATTERN)  # used once
    kind: Literal["decisions", "finish", "reopen"]
    reviewer: str
    at: str  # ISO 8601
    decisions: tuple[LoggedDecision, ...] = ()
    consent_usd: float | None = None  # the sum that was agreed to, with "finish"


class ItemState(Record):
    """What holds for one picture now, and since which version of the log."""

    version: int
    decision: Literal["approve", "reject", "open"]
    reason: str
    caption: str
    character: str
    reviewer: str
    decided_at: str


class Closing(Record):
    """Who finished a review, and when."""

    by: str
    at: str
    consent_usd: float | None = None


class CostConsent(Record):
    """An explicit yes (or no) to a sum above the budget."""

    usd: float
    agreed: bool
    by: str
    at: str
    where: Literal["approval page", "required action"]


class CostLine(Record):
    """A part of what a run will cost."""

    what: str
    usd: float


class CostFacts(Record):
    """What reviewers are told about money before they let a run go on."""

    lines: tuple[CostLine, ...]
    estimate_usd: float  # of the whole run, by preflight
    budget_usd: float
    lease_h: float  # longest life of paid capacity, hours
    price_table_date: str
    consent_usd: float | None = None  # a sum that needs an explicit yes


class DecisionBatch(Record):
    """One save of a reviewer: taken whole or not at all."""

    id: str = Field(pattern=UUID_PATTERN)
    decisions: tuple[LoggedDecision, ...] = Field(min_length=1, max_length=BATCH_MAX)

    @field_validator("decisions")
    @classmethod
    def _each_picture_once(cls, made: tuple[LoggedDecision, ...]) -> tuple[LoggedDecision, ...]:
        if len({decision.image_id for decision in made}) < len(made):
            raise ValueError("a picture is decided about twice in one save")
        return made


class FinishRequest(Record):
    """The last word of a review: the reviewer says what was shown, so that nothing slips in."""

    id: str = Field(pattern=UUID_PATTERN)
    based_on: int = Field(ge=0)  # version of the log that the reviewer saw
    open: int = Field(ge=0)  # pictures without a decision, which will be left out
    consent_usd: float | None = None
