"""Records of review questions and answers, the same for every review desk.

Both desks show the same board (``BoardItem``) and return the same answers (``ReviewerAnswer``). The
approval page keeps an append-only log: every save is a ``LogEntry``, and the current state is their
fold (``core.review.state``).
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.image_records import Box
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.review.corrected_cut import CutBox, CutText
from storyboard_ops.domain.review.desk_choice import RecordedDesk
from storyboard_ops.domain.training.trainer_limits import NOVA_CANVAS

#: Reasons that the page offers a reviewer.
REJECT_REASONS = (
    "wrong character",
    "cut off",
    "blurred",
    "covered by someone else",
    "not representative",
    "other",
)
#: Longest reason, in characters; most decisions in one save.
REASON_MAX, BATCH_MAX = 400, 200
CAPTION_MAX = NOVA_CANVAS.caption_characters[1]

UUID_PATTERN = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"

#: Badges of the board, which it can filter by.
Flag = Literal["enlarged", "head cut", "shared", "unsure", "caption", "changed since"]


class HumanLoop(Record):
    """One review task: a batch of pictures on one page."""

    name: str = Field(pattern=r"^[a-z0-9](-*[a-z0-9]){0,62}$")
    flow_definition_arn: str
    image_ids: tuple[str, ...]


class Decision(Record):
    """Decision of one reviewer about one picture."""

    image_id: str = Field(pattern="^[0-9a-f]{64}$")
    decision: Literal["approve", "reject"]
    reason: str = Field("", max_length=REASON_MAX)
    caption: str = Field("", max_length=4096)  # as edited; empty: unchanged
    character: str = Field("", max_length=40)  # as reassigned; empty: unchanged
    cut: CutText = ""  # as corrected; empty: unchanged
    caption_by: str = ""  # who wrote the caption, and
    cut_by: str = ""  # who corrected the cut; empty: who decided


class ReviewerAnswer(Record):
    """All decisions of one reviewer on one batch."""

    loop: str
    reviewer: str
    submitted_at: str  # ISO 8601
    decisions: tuple[Decision, ...]


class Neighbour(Record):
    """A frame of the same shot, which shows a reviewer the picture's context."""

    uri: str
    timecode: str
    own: bool = False  # the frame that the picture was cut from
    box: tuple[float, float, float, float] | None = None  # x, y, w, h as ratios; own frame only


class Place(Record):
    """The detection that a picture was cut from: another cut of it shows the same thing."""

    video_sha256: str
    pts: int
    part: Literal["body", "head"]
    box: Box


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
    place: Place | None = None  # None: written by an earlier version
    look: str = ""  # see core.review.looks; empty: not known
    cut: CutBox | None = None  # of its own frame; None: written by an earlier version
    frame_size: tuple[int, int] | None = None  # width and height of that frame, in pixels
    alike: int = Field(0, ge=0)  # number of the group of pictures like it; 0: none is
    question: bool = False  # the rules could not decide; only a reviewer can approve it
    flags: tuple[Flag, ...] = ()
    notes: tuple[str, ...] = ()  # one sentence per flag


class OpenedReview(Record):
    """Summary of the manifest that ``open_review`` writes: the desk and what it reviews."""

    desk: RecordedDesk
    why: str = ""  # why this desk, see DeskChoice
    pictures: int = Field(ge=0)
    new: int | None = None  # of them, without a decision of an earlier review; None: all
    opened_at: str = ""  # ISO 8601
    flow_definition_arn: str = ""  # A2I only
    portal: str = ""  # address where the work team answers; empty: not known; A2I only
    asked_since: str = ""  # ISO 8601: no human loop of this review is older; A2I only
    board: ManifestRef | None = None  # of kind "board_items"; only for people

    @property
    def asked(self) -> int:
        """Number of pictures that are decided about in this review."""
        return self.pictures if self.new is None else self.new


class LoggedDecision(Record):
    """A decision in the log; ``open``: undone, or edited without a decision."""

    image_id: str = Field(pattern="^[0-9a-f]{64}$")
    based_on: int = Field(ge=0)  # version of the item that the reviewer saw; 0: untouched
    decision: Literal["approve", "reject", "open"]
    reason: str = Field("", max_length=REASON_MAX)
    caption: str = Field("", max_length=CAPTION_MAX)
    character: str = Field("", max_length=40)
    cut: CutText = ""  # as corrected; empty: as the pipeline cut it
    # The desk fills these in; what a page sends for them does not count.
    caption_by: str = ""  # who wrote the caption
    cut_by: str = ""  # who corrected the cut
    cut_before: CutText = ""  # the cut that this decision changes; empty: it changes none


class Origin(Record):
    """The earlier review that a decision was carried over from."""

    run: str  # key of its run
    desk: RecordedDesk


class SignedEntry(Record):
    """One line of an append-only log: who did something, when."""

    version: int = Field(ge=1)  # position in the log, without gaps
    id: str = Field(pattern=UUID_PATTERN)  # used once
    reviewer: str
    at: str  # ISO 8601


class ClosingEntry(SignedEntry):
    """One line of a log that can be finished, with consent to a sum, and reopened."""

    kind: Literal["decisions", "finish", "reopen"]
    consent_usd: float | None = None  # the accepted sum, with "finish"


class LogEntry(ClosingEntry):
    """One line of the log of a review."""

    decisions: tuple[LoggedDecision, ...] = ()
    origin: Origin | None = None  # None: decided in this review


class DecidedItem(Record):
    """Who decided about an item, when, and the version of the log that has it."""

    version: int
    reviewer: str
    decided_at: str


class ItemState(DecidedItem):
    """Current state of one picture."""

    decision: Literal["approve", "reject", "open"]
    reason: str
    caption: str
    character: str
    cut: str = ""
    caption_by: str = ""
    cut_by: str = ""
    origin: Origin | None = None  # None: decided in this review


class KeptReview(Record):
    """Where the decisions of a run's latest review are: its board, and the log of that board."""

    run: str  # key of the run
    desk: RecordedDesk
    board: str  # URI of a manifest of kind "board_items"
    digest: str  # names the log, see ``review_log``


class Closing(Record):
    """Who finished a review, and when."""

    by: str
    at: str
    consent_usd: float | None = None


class CostConsent(Record):
    """Explicit acceptance or refusal of a sum above the budget."""

    usd: float
    agreed: bool
    by: str
    at: str
    where: Literal["approval page", "breakdown page", "required action"]


class CostLine(Record):
    """One part of a run's cost."""

    what: str
    usd: float


class CostFacts(Record):
    """Costs that reviewers see before they let a run continue."""

    lines: tuple[CostLine, ...]
    estimate_usd: float  # of the whole run, by preflight
    budget_usd: float
    lease_h: float  # longest life of paid capacity, hours
    price_table_date: str
    consent_usd: float | None = None  # a sum that needs explicit acceptance


class DecisionBatch(Record):
    """One save of a reviewer, applied atomically."""

    id: str = Field(pattern=UUID_PATTERN)
    decisions: tuple[LoggedDecision, ...] = Field(min_length=1, max_length=BATCH_MAX)

    @field_validator("decisions")
    @classmethod
    def _each_picture_once(cls, made: tuple[LoggedDecision, ...]) -> tuple[LoggedDecision, ...]:
        if len({decision.image_id for decision in made}) < len(made):
            raise ValueError("a picture occurs twice in one save; send one decision per picture")
        return made


class FinishRequest(Record):
    """Request to finish a review; names what the reviewer saw, so no later change slips in."""

    id: str = Field(pattern=UUID_PATTERN)
    based_on: int = Field(ge=0)  # version of the log that the reviewer saw
    open: int = Field(ge=0)  # pictures without a decision, which will be left out
    consent_usd: float | None = None
