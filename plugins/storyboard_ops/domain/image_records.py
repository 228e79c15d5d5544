"""Records from video to training picture; each contains its whole lineage.

Boxes are ratios of the displayed frame, origin top left. Time is exact: integer ``pts`` in units
of ``time_base`` seconds; seconds and timecodes are for display.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Literal, get_args

from pydantic import Field, computed_field, model_validator

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.review.corrected_cut import CutCorrection
from storyboard_ops.domain.storyboard.panel_card import (
    NumberText,
    PanelCard,
    panel_id,
    panel_key,
)
from storyboard_ops.domain.storyboard.redraw import PanelChoice, Redraw
from storyboard_ops.domain.training.panel_sources import AnySource


class Box(Record):
    """A rectangle inside the displayed frame: left, top, width, height as ratios in 0..1."""

    x: float = Field(ge=0, le=1)
    y: float = Field(ge=0, le=1)
    w: float = Field(gt=0, le=1)
    h: float = Field(gt=0, le=1)

    @classmethod
    def clamped(cls, left: float, top: float, right: float, bottom: float) -> Box | None:
        """Clip a rectangle to the frame; returns None when nothing of it is inside.

        Services may return boxes that extend beyond the picture.
        """
        left, top = max(0.0, left), max(0.0, top)
        right, bottom = min(1.0, right), min(1.0, bottom)
        if right - left <= 1e-6 or bottom - top <= 1e-6:
            return None
        return cls(x=left, y=top, w=right - left, h=bottom - top)

    @property
    def right(self) -> float:
        return self.x + self.w

    @property
    def bottom(self) -> float:
        return self.y + self.h

    @property
    def area(self) -> float:
        return self.w * self.h

    def common_area(self, other: Box) -> float:
        """Return the area of the intersection with another box."""
        width = min(self.right, other.right) - max(self.x, other.x)
        height = min(self.bottom, other.bottom) - max(self.y, other.y)
        return max(0.0, width) * max(0.0, height)

    def iou(self, other: Box) -> float:
        """Return the intersection over union with another box, 0..1."""
        common = self.common_area(other)
        return common / (self.area + other.area - common)


#: A video, by URI or SHA-256, and the number of a shot in it.
Shot = tuple[str, int]


class VideoRef(Record):
    """One version of one video: its URI, the version that was read, and an id of its content.

    ``sha256`` is computed from the size and S3's ETag, so that a film need not be downloaded whole
    to identify it. It differs between versions, and may differ for equal bytes that were uploaded
    with other part sizes.
    """

    uri: str
    version: str  # S3 ETag of the version that was read
    sha256: str
    size: int = Field(ge=0)  # bytes


#: Why a stage drops an item. Manifests contain these strings: none may change.
SampleReason = Literal["title card", "black", "white", "blurred", "near-identical"]
DetectReason = Literal[
    "stranger", "nameless", "same box", "other character", "unsure", "not examined"
]
CropReason = Literal[
    "outside the picture", "too small", "no head", "frame unreadable", "blurred", "double exposure"
]
DuplicateReason = Literal["copy", "near-duplicate", "same picture", "not compared"]
CaptionReason = Literal["no caption", "caption unusable"]
#: Limits of a trainer that one record may break.
RecordLimit = Literal["side", "pixels", "aspect", "bytes", "file name", "format", "caption"]
DatasetReason = Literal["shot cap", "character cap", "total cap", "missing", RecordLimit]
ReviewReason = Literal[
    "not reviewed", "rejected", "caption unusable", "cut unusable", "same picture"
]

Stage = Literal["sample", "detect", "crop", "duplicate", "caption", "dataset", "review"]
DropReason = Literal[
    SampleReason,
    DetectReason,
    CropReason,
    DuplicateReason,
    CaptionReason,
    DatasetReason,
    ReviewReason,
]
REASONS: Mapping[Stage, frozenset[str]] = {
    "sample": frozenset(get_args(SampleReason)),
    "detect": frozenset(get_args(DetectReason)),
    "crop": frozenset(get_args(CropReason)),
    "duplicate": frozenset(get_args(DuplicateReason)),
    "caption": frozenset(get_args(CaptionReason)),
    "dataset": frozenset(get_args(DatasetReason)),
    "review": frozenset(get_args(ReviewReason)),
}


class Drop(Record):
    """Why an item was dropped: the stage that decided, its reason, and the score."""

    stage: Stage
    reason: DropReason  # one of the stage's, see REASONS
    detail: str = ""  # for people
    score: float | None = None

    @model_validator(mode="after")
    def _is_a_reason_of_its_stage(self) -> Drop:
        if self.reason not in REASONS[self.stage]:
            known = ", ".join(sorted(REASONS[self.stage]))
            raise ValueError(
                f"{self.reason!r} is not a reason of the stage {self.stage!r}; its reasons are: "
                f"{known}"
            )
        return self


class FrameScores(Record):
    """Cheap measurements of a frame, mostly on a thumbnail."""

    luma: float = Field(ge=0, le=1)  # mean
    dark: float = Field(0.0, ge=0, le=1)  # luma of the darkest 2 %
    bright: float = Field(1.0, ge=0, le=1)  # luma of the brightest 2 %
    contrast: float = Field(ge=0)  # standard deviation of luma
    sharpness: float = Field(ge=0)  # variance of the Laplacian on half-scale luma, 0..255 units
    #: Share of lines of text in what is on a flat background.
    lettering: float = Field(0.0, ge=0, le=1)
    similarity: float | None = None  # to the last kept sample of the shot; 1.0: identical


class Frame(Record):
    """The frame on screen at ``start + k * interval`` of a video."""

    video: VideoRef
    k: int = Field(ge=0)
    pts: int
    time_base: str = Field(pattern=r"^\d+/\d+$")  # seconds per tick, e.g. "1/12800"
    start_pts: int  # pts of the first displayed frame: second 0 of the film
    width: int = Field(gt=0)  # of the displayed picture: rotation and pixel aspect applied
    height: int = Field(gt=0)
    shot: int = Field(ge=0)  # the shot's first sample, see core.sampling.shots
    scores: FrameScores
    sha256: str = ""  # of the stored JPEG; empty when the frame was dropped and not stored
    uri: str = ""
    dropped: Drop | None = None
    transparent: bool = False  # parts of it were transparent: they show a neutral ground

    @computed_field  # type: ignore[prop-decorator]
    @property
    def seconds(self) -> float:
        """Seconds since the first displayed frame, for display."""
        return round(float((self.pts - self.start_pts) * Fraction(self.time_base)), 6)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def timecode(self) -> str:
        """``HH:MM:SS.mmm`` since the first displayed frame, for display."""
        millis = int((self.pts - self.start_pts) * Fraction(self.time_base) * 1000)
        hours, rest = divmod(millis, 3_600_000)
        minutes, rest = divmod(rest, 60_000)
        return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d}.{rest % 1000:03d}"

    @property
    def shot_id(self) -> Shot:
        """SHA-256 of the video, and the number of the shot in it."""
        return self.video.sha256, self.shot

    @model_validator(mode="before")
    @classmethod
    def _display_fields_are_derived(cls, value: object) -> object:
        if isinstance(value, dict):
            return {k: v for k, v in value.items() if k not in ("seconds", "timecode")}
        return value


class Detection(Record):
    """A box, label and confidence in one frame; ``character`` is None for a label only."""

    box: Box
    label: str
    character: str | None
    confidence: float = Field(ge=0, le=1)
    detector: str  # "multimodal", "labels", "faces", "custom_labels"
    model_id: str
    face: Box | None = None  # of the face, when the detector looks for faces


class FrameDetections(Record):
    """A frame and everything detected in it; no detections is a valid result."""

    frame: Frame
    detections: tuple[Detection, ...] = ()
    failure: str = ""  # why the frame could not be examined; empty: it was


class CropFacts(Record):
    """How a crop was cut."""

    detection: Detection
    left: int = Field(ge=0)  # pixels of the displayed frame
    top: int = Field(ge=0)
    width: int = Field(gt=0)
    height: int = Field(gt=0)
    enlargement: float = Field(gt=0)  # 1.0: pixel for pixel; 1.4: enlarged by 40 %
    sharpness: float = Field(ge=0)
    framing: Literal["full", "medium", "close"]
    part: Literal["body", "head"] = "body"  # part of the character that the crop shows
    head_from: Literal["", "face", "proportion"] = ""  # how the head was located
    no_head: str = ""  # why a body has no crop of its head, when heads are requested
    overlap: dict[str, float] = {}  # other characters inside the crop: share of their box
    touches_edge: bool = False  # the detection touches a border of the picture
    head_cut: bool = False  # the detection touches the upper border: the head may be missing
    figure_sharpness: float = Field(0.0, ge=0)  # of the detection alone, without what is around it
    #: Sharpness of the figure by the median of the character's other pictures in the shot.
    against_shot: float = Field(1.0, ge=0)
    exposure: float = Field(1.0, ge=0, le=1)  # 1.0: neither dark nor burnt out
    seen: float = Field(1.0, ge=0, le=1)  # estimated share of the figure in the picture
    corrected: CutCorrection | None = None  # by a reviewer; None: as the pipeline cut it


class CropDrop(Record):
    """A detection without a picture: unsure, too small, blurred, or a repeated picture."""

    frame: Frame
    detection: Detection
    drop: Drop


class DuplicateFacts(Record):
    """How a picture compares with the kept ones."""

    model_id: str
    nearest: str = ""  # image id of the most similar kept picture
    similarity: float = Field(0.0, ge=-1, le=1)


class CaptionFacts(Record):
    """A caption and its origin."""

    text: str
    model_id: str
    prompt: str  # name of the prompt in include/prompts
    prompt_sha256: str
    findings: tuple[str, ...] = ()  # remaining findings of the linter
    editor: str = ""  # the reviewer who rewrote the text; empty: it is the model's
    written: str = ""  # the model's text, when there is an editor


class ReviewFacts(Record):
    """What people decided."""

    decision: Literal["approve", "reject"]
    reviewer: str
    reason: str = ""
    desk: str = "a2i"
    decided_at: str = ""  # ISO 8601, as the desk reports it
    carried_from: str = ""  # key of the earlier run it was decided in; empty: this run


class ImageRecord(Record):
    """One candidate training picture, from crop to approval.

    Each stage fills its section; ``dropped`` says which stage dropped the picture, and why.
    """

    image_id: str = Field(pattern="^[0-9a-f]{64}$")  # SHA-256 of the PNG bytes
    uri: str
    character: str
    width: int = Field(gt=0)
    height: int = Field(gt=0)
    frame: Frame
    crop: CropFacts
    duplicate: DuplicateFacts | None = None
    caption: CaptionFacts | None = None
    review: ReviewFacts | None = None
    dropped: Drop | None = None
    unsure: str = ""  # what the rules could not decide; only a reviewer can approve it

    @property
    def kept(self) -> bool:
        return self.dropped is None

    @property
    def first_id(self) -> str:
        """The id under which it was compared and reviewed: before its cut was corrected."""
        return self.crop.corrected.image_id if self.crop.corrected else self.image_id

    @property
    def names(self) -> frozenset[str]:
        """All ids under which others refer to it."""
        return frozenset({self.image_id, self.first_id})

    @property
    def caption_text(self) -> str:
        """The text that the picture is trained with; empty without a caption."""
        return self.caption.text if self.caption else ""


def count_drops(images: Iterable[ImageRecord], stage: Stage) -> dict[str, int]:
    """Count the pictures that a stage dropped, by reason, the most frequent first."""
    drops = (image.dropped for image in images)
    return dict(Counter(d.reason for d in drops if d and d.stage == stage).most_common())


class Candidate(Record):
    """One of several pictures that were drawn for a panel, each with a seed of its own."""

    seed: int
    uri: str
    sha256: str
    likeness: float | None = None  # mean over the characters of the panel
    cast_match: float | None = None  # None: it was not measured
    drawn_by: str = ""  # key of the earlier run that drew it; empty: this run
    cast_found: tuple[str, ...] | None = None  # ids of the characters in it; None: not examined
    sharpness: float | None = None  # variance of the Laplacian, as of frames


#: What a panel has of the candidate that it shows.
SHOWN_OF_A_CANDIDATE = {"seed", "uri", "sha256", "drawn_by", "cast_found"}


class Panel(PanelCard):
    """One drawn picture of the storyboard, with what it was asked to show."""

    scene: str  # heading
    scene_number: NumberText = ""
    sequence: NumberText = ""
    number: int = Field(ge=1)  # where it stands on the board; its name is ``panel_id``
    prompt: str
    seed: int
    uri: str
    sha256: str
    width: int
    height: int
    model_arn: str
    source: AnySource = "trained"  # what it was drawn with
    drawn_by: str = ""  # key of the earlier run that drew it, at no cost now; empty: this run
    failure: str = ""  # why the panel could not be drawn; its slot stays on the board
    cast_found: tuple[str, ...] | None = None  # ids of the characters in it; None: not examined
    marks: tuple[str, ...] = ()  # why it does not count as drawn: it shows the wrong characters
    notes: tuple[str, ...] = ()  # what readers must know: how its request or picture was changed
    candidates: tuple[Candidate, ...] = ()  # to choose from; none where one picture is drawn
    chosen_because: str = ""  # why this candidate is shown
    choice: PanelChoice | None = None  # the person who chose it; None: the pipeline did
    redraw: Redraw | None = None  # what was changed when it was drawn again

    @property
    def panel_id(self) -> str:
        """What the panel is called wherever it stands: scene, shot and panel, ``12A-010-020``."""
        return panel_id(self.scene_number, self.shot, self.panel)

    @property
    def key(self) -> str:
        """What the panel board and its log call the panel."""
        return panel_key(self.scene_number, self, self.number)

    @property
    def choosable(self) -> tuple[Candidate, ...]:
        """The pictures to choose from: its candidates, or else the one that was drawn."""
        if self.candidates or not self.uri:
            return self.candidates
        return (Candidate.model_validate(self.model_dump(include=SHOWN_OF_A_CANDIDATE)),)

    def showing(self, candidate: Candidate) -> Panel:
        """Return the panel with another of its candidates as its picture."""
        return self.model_copy(update=candidate.model_dump(include=SHOWN_OF_A_CANDIDATE))
