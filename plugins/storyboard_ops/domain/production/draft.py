"""A production in the making: figures found in films, and what people have said about them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.image_records import Box

#: Decisions of one request of the page, and figures of one draft.
MOST_DECISIONS, MOST_FIGURES = 500, 1_000
#: Characters of a text that people type on the page; the production file has the exact limits.
MOST_TYPED = 2_000

FigureId = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Name = Annotated[str, Field(max_length=60)]
Typed = Annotated[str, Field(max_length=MOST_TYPED)]


class FilmSample(Record):
    """One frame that was looked at; its picture is a file of the draft."""

    film: int = Field(ge=0)  # place in the list of films
    k: int = Field(ge=0)
    shot: int = Field(ge=0)
    seconds: float = Field(ge=0)
    timecode: str
    picture: str  # name of the file


class DraftFigure(Record):
    """One figure of a frame: where it is, and which others look like it."""

    id: FigureId
    sample: int = Field(ge=0)  # place in the list of samples
    box: Box
    group: int = Field(ge=0)
    by_hand: bool = False  # drawn by a person, not found


class Draft(Record):
    """What was found in the films. ``vectors`` describe the figures, one row each."""

    films: tuple[str, ...]  # names of the files
    samples: tuple[FilmSample, ...]
    figures: tuple[DraftFigure, ...]
    vectors: tuple[tuple[float, ...], ...]


class Verdict(Record):
    """What a person says about a figure."""

    decision: Literal["open", "name", "nobody"] = "open"
    name: Name = ""  # of the character or prop
    reference: bool = False  # it becomes a reference picture


class FigureDecision(Verdict):
    """A verdict on its way from the page; ``based_on`` is the version that it changes."""

    image_id: FigureId
    based_on: int = Field(ge=0)


class DecisionBatch(Record):
    """Verdicts that are saved together, all or none."""

    id: str = Field(max_length=64)
    decisions: tuple[FigureDecision, ...] = Field(min_length=1, max_length=MOST_DECISIONS)


class SavedVerdict(Verdict):
    """A verdict as it is kept."""

    version: int = Field(ge=0)
    reviewer: str = ""
    decided_at: str = ""


class MemberDetails(Record):
    """What the production file says about a character or prop, besides its name."""

    kind: Literal["character", "prop"] = "character"
    id: Typed = ""  # empty: made from the name
    description: Typed = ""
    traits: Typed = ""  # separated by commas


class ProductionDetails(Record):
    """What the production file says besides the figures; ``members`` by name."""

    title: Typed = ""
    licence: Typed = ""
    attribution: Typed = ""
    members: dict[Name, MemberDetails] = Field({}, max_length=MOST_FIGURES)


class DrawnBox(Record):
    """A box that a person drew around a figure in a frame."""

    sample: int = Field(ge=0)
    box: Box
    name: Name = ""


class WriteRequest(Record):
    """The request to write the production file; ``replace``: also in place of an existing one.

    The other fields are those of every board's end.
    """

    replace: bool = False
    id: str = Field("", max_length=64)
    based_on: int = 0
    open: int = 0


class Answers(Record):
    """Everything that people have said about a draft."""

    version: int = Field(0, ge=0)
    verdicts: dict[FigureId, SavedVerdict] = {}
    details: ProductionDetails = ProductionDetails()
    drawn: tuple[DraftFigure, ...] = ()
