"""What a screenplay consists of, whichever file it was read from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The kinds of elements, by the names that Fountain and Final Draft give them."""

    TITLE_PAGE = "title page"
    SECTION = "section"
    SYNOPSIS = "synopsis"
    SCENE_HEADING = "scene heading"
    ACTION = "action"
    CHARACTER = "character"
    PARENTHETICAL = "parenthetical"
    DIALOGUE = "dialogue"
    LYRICS = "lyrics"
    TRANSITION = "transition"
    CENTERED = "centered text"
    LABEL = "label"  # acts, "THE END", scenes marked as omitted
    NOTE = "note"
    BONEYARD = "boneyard"
    PAGE_BREAK = "page break"
    PAGE_MARK = "page mark"  # page numbers and "CONTINUED", which exports repeat on every page


@dataclass(frozen=True)
class Element:
    """A heading, a paragraph, a cue or a mark of a screenplay."""

    kind: Kind
    text: str  # without marks of the format, scene numbers and extensions
    line: int  # first line in the file, from 1; the paragraph's position in Final Draft's files
    number: str = ""  # of a scene, as written: 12, A4, 110-A
    extensions: tuple[str, ...] = ()  # of a cue: V.O., O.S., CONT'D
    dual: bool = False  # a cue that speaks at the same time as the one before it
    more: tuple[int, ...] = ()  # its other lines in the file, without blank ones

    @property
    def lines(self) -> tuple[int, ...]:
        """All its lines in the file."""
        return (self.line, *self.more)
