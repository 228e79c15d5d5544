"""The numbers of a run, each defined once: report, dataset card and terminal take them from here.

A number that two pages count for themselves is two numbers as soon as a run has a rare case: a
picture without a better one beside it, an approval whose caption cannot be used.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import get_args

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.image_records import Frame, ImageRecord, Panel, Shot, Stage

STAGES: tuple[Stage, ...] = get_args(Stage)

#: What each number counts, in words for people.
MEANINGS = {
    "sampled": "Frames taken from the films, one at each sample.",
    "usable": "Sampled frames that are not black, white, blurred, a title, or nearly the same as "
    "the one before.",
    "with_character": "Usable frames in which a detector has named a character.",
    "found": "How often a detector has named a character: a frame may show several.",
    "cut_out": "Pictures cut out of usable frames, of whole figures and of heads. Equal pictures "
    "count once.",
    "distinct": "Pictures cut out without copies, near-duplicates and those that could not be "
    "compared. The best picture of each character counts too, though no better one is there to "
    "compare it with.",
    "captioned": "Distinct pictures with a caption that can be used.",
    "candidates": "Captioned pictures within the caps and the limits of the trainer: what "
    "reviewers see.",
    "approved": "Candidates that a reviewer has approved and whose caption can be used. They are "
    "the dataset.",
    "shots": "A shot is a continuous take, named by the number of its first sample, everywhere: "
    "in this page, on the review board, in lineage.csv and for a removal.",
}


class FrameFigures(Record):
    """How many frames a run has sampled, and what is left of them."""

    sampled: int
    usable: int
    shots: int


class PictureFigures(Record):
    """How many pictures are left after each stage, and why the others are not."""

    cut_out: int
    distinct: int
    captioned: int
    candidates: int
    approved: int  # what is left in the end; before a review these are the candidates
    copies: int
    near_duplicates: int
    not_compared: int
    approvals: int  # by reviewers; more than ``approved`` where captions cannot be used
    rejections: int
    by_character: dict[str, int]  # of what is left
    shots: int  # that the pictures left come from

    @property
    def left_out_after_approval(self) -> int:
        """Pictures that a reviewer approved and that are not in the dataset all the same."""
        return max(0, self.approvals - self.approved)


class PanelFigures(Record):
    """How many panels were planned and drawn."""

    planned: int
    drawn: int
    candidates: int  # pictures that were drawn to choose from
    marked: int = 0  # have a picture, which shows the wrong characters

    @property
    def remark(self) -> str:
        """What is said after how many were drawn; empty where none is marked."""
        if not self.marked:
            return ""
        return f"{self.marked} {'shows' if self.marked == 1 else 'show'} the wrong characters"


class FrameCounter:
    """Counts sampled frames, dropped ones included, one at a time."""

    def __init__(self) -> None:
        self._sampled = self._usable = 0
        self._shots: set[Shot] = set()

    def add(self, frame: Frame) -> None:
        """Count a frame."""
        self._sampled += 1
        self._usable += frame.dropped is None
        self._shots.add(frame.shot_id)

    @property
    def figures(self) -> FrameFigures:
        """The numbers of the frames counted so far."""
        return FrameFigures(sampled=self._sampled, usable=self._usable, shots=len(self._shots))


def count_frames(frames: Iterable[Frame]) -> FrameFigures:
    """Count sampled frames; ``frames`` includes dropped ones."""
    counter = FrameCounter()
    for frame in frames:
        counter.add(frame)
    return counter.figures


class PictureCounter:
    """Counts pictures in their last state, dropped ones included, one at a time."""

    def __init__(self) -> None:
        self._total = 0
        self._lost = Counter[Stage]()
        self._doubles, self._decisions, self._kept = (Counter[str]() for _ in range(3))
        self._shots: set[Shot] = set()

    def add(self, image: ImageRecord) -> None:
        """Count a picture."""
        self._total += 1
        if image.review:
            self._decisions[image.review.decision] += 1
        if image.dropped is None:
            self._kept[image.character] += 1
            self._shots.add(image.frame.shot_id)
            return
        self._lost[image.dropped.stage] += 1
        if image.dropped.stage == "duplicate":
            self._doubles[image.dropped.reason] += 1

    def _left_after(self, stage: Stage) -> int:
        return self._total - sum(self._lost[one] for one in STAGES[: STAGES.index(stage) + 1])

    @property
    def figures(self) -> PictureFigures:
        """The numbers of the pictures counted so far."""
        return PictureFigures(
            cut_out=self._left_after("crop"),
            distinct=self._left_after("duplicate"),
            captioned=self._left_after("caption"),
            candidates=self._left_after("dataset"),
            approved=self._kept.total(),
            copies=self._doubles["copy"],
            near_duplicates=self._doubles["near-duplicate"],
            not_compared=self._doubles["not compared"],
            approvals=self._decisions["approve"],
            rejections=self._decisions["reject"],
            by_character=dict(sorted(self._kept.items())),
            shots=len(self._shots),
        )


def count_pictures(images: Iterable[ImageRecord]) -> PictureFigures:
    """Count the pictures of a run in their last state; ``images`` includes dropped ones."""
    counter = PictureCounter()
    for image in images:
        counter.add(image)
    return counter.figures


def count_panels(panels: Iterable[Panel]) -> PanelFigures:
    """Count the panels of a storyboard.

    A panel without a picture is planned, not drawn; one that shows the wrong characters is marked.
    """
    panels = list(panels)
    return PanelFigures(
        planned=len(panels),
        drawn=sum(not panel.failure and not panel.marks for panel in panels),
        marked=sum(bool(panel.marks) for panel in panels),
        candidates=sum(len(panel.candidates) for panel in panels),
    )
