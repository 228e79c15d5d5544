"""The numbers of a run, each defined once: report, dataset card and terminal take them from here.

A number that two pages count for themselves is two numbers as soon as a run has a rare case: a
picture without a better one beside it, an approval whose caption cannot be used.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import get_args

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.image_records import Frame, ImageRecord, Panel, Stage

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


def count_frames(frames: Iterable[Frame]) -> FrameFigures:
    """Count sampled frames; ``frames`` includes dropped ones."""
    frames = list(frames)
    return FrameFigures(
        sampled=len(frames),
        usable=sum(frame.dropped is None for frame in frames),
        shots=len({frame.shot_id for frame in frames}),
    )


def count_pictures(images: Iterable[ImageRecord]) -> PictureFigures:
    """Count the pictures of a run in their last state; ``images`` includes dropped ones."""
    images = list(images)
    lost = Counter(image.dropped.stage for image in images if image.dropped)
    doubles = Counter(
        image.dropped.reason
        for image in images
        if image.dropped and image.dropped.stage == "duplicate"
    )
    decisions = Counter(image.review.decision for image in images if image.review)
    kept = [image for image in images if image.kept]

    def left_after(stage: Stage) -> int:
        return len(images) - sum(lost[one] for one in STAGES[: STAGES.index(stage) + 1])

    return PictureFigures(
        cut_out=left_after("crop"),
        distinct=left_after("duplicate"),
        captioned=left_after("caption"),
        candidates=left_after("dataset"),
        approved=len(kept),
        copies=doubles["copy"],
        near_duplicates=doubles["near-duplicate"],
        not_compared=doubles["not compared"],
        approvals=decisions["approve"],
        rejections=decisions["reject"],
        by_character=dict(sorted(Counter(image.character for image in kept).items())),
        shots=len({image.frame.shot_id for image in kept}),
    )


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
