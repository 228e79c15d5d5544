"""A script as scenes: what may become their panels, and what is left out of every panel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from storyboard_ops.core.script.elements import Element, Kind
from storyboard_ops.core.script.formats import Format, read_elements
from storyboard_ops.core.script.forms import heading_place
from storyboard_ops.domain.bounded_text import shorten
from storyboard_ops.domain.input_limits import MOST_SHOWN_VALUE
from storyboard_ops.domain.production_sheet import MOST_HEADING
from storyboard_ops.domain.script_record import OmittedLine
from storyboard_ops.domain.storyboard.panel_card import MOST_SHORT

UNNAMED = "Scene"

_MARK = "is a mark for the reader of the script"
#: Why elements of these kinds are in no panel.
LEFT_OUT: Mapping[Kind, str] = {
    Kind.TITLE_PAGE: "is on the title page",
    Kind.SECTION: "orders the script",
    Kind.SYNOPSIS: "sums up the scene",
    Kind.CENTERED: "is text, not a picture",
    Kind.LABEL: "names a part of the script",
    Kind.NOTE: "is a note",
    Kind.BONEYARD: "was taken out by the writer",
    Kind.PAGE_BREAK: _MARK,
    Kind.PAGE_MARK: _MARK,
}
#: Why elements that belong to a panel are in none, where there is no panel for them.
WITHOUT_PANEL: Mapping[Kind, str] = {
    Kind.SCENE_HEADING: "is a scene without a picture",
    Kind.ACTION: "has no words",
    Kind.CHARACTER: "says who speaks",
    Kind.PARENTHETICAL: "says how a line is spoken",
    Kind.DIALOGUE: "is heard, not seen",
    Kind.LYRICS: "is heard, not seen",
    Kind.TRANSITION: "leads to the next picture",
}


@dataclass(frozen=True)
class SceneText:
    """A heading, and the action, speech and transitions below it, in their order."""

    heading: Element | None  # None: before the first heading
    elements: Sequence[Element]

    @property
    def title(self) -> str:
        """The heading, as a storyboard shows it."""
        return shorten(self.heading.text, MOST_HEADING) if self.heading else UNNAMED

    @property
    def number(self) -> str:
        """The number in the script in capitals; "" where there is none, or one that is no name."""
        written = self.heading.number.strip().upper() if self.heading else ""
        allowed = written.isascii() and written.replace("-", "").replace(".", "").isalnum()
        return written if allowed and written[0].isalnum() and len(written) <= 10 else ""

    @property
    def lines(self) -> tuple[int, ...]:
        """The lines of the heading."""
        return self.heading.lines if self.heading else ()

    @cached_property
    def place_and_time(self) -> dict[str, str]:
        """The place and the time of the day that the heading names, as fields of a panel."""
        place, time = heading_place(self.heading.text) if self.heading else ("", "")
        named = {"place": shorten(place, MOST_SHORT), "time": shorten(time, MOST_SHORT)}
        return {name: text for name, text in named.items() if text}


@dataclass(frozen=True)
class ScriptText:
    """A script that was read: its scenes, and the elements that are in no scene."""

    format: Format
    text: str
    elements: Sequence[Element]
    scenes: Sequence[SceneText]
    marks: Sequence[Element]  # notes, page numbers and the like

    @property
    def counts(self) -> dict[str, int]:
        """How many elements there are of each kind."""
        return dict(Counter(str(element.kind) for element in self.elements))

    @cached_property
    def source_lines(self) -> dict[int, str]:
        """The lines that are not blank by their numbers; paragraphs in Final Draft's files."""
        if self.format == "text":
            numbered = enumerate(self.text.splitlines(), start=1)
            return {number: line.rstrip() for number, line in numbered if line.strip("\0 \t\f")}
        return {element.line: _as_line(element) for element in self.elements}


@dataclass
class Omissions:
    """Lists elements that are in no panel, each with its reason."""

    listed: list[tuple[Element, str]] = field(default_factory=list)

    def add(self, element: Element, reason: str) -> None:
        self.listed.append((element, reason))

    def records(self, in_panels: Iterable[int]) -> tuple[OmittedLine, ...]:
        """Return them by their lines; ``in_panels``: lines of panels and of headings of scenes."""
        taken = set(in_panels)
        found = []
        for element, reason in sorted(self.listed, key=lambda one: one[0].line):
            own = tuple(line for line in element.lines if line not in taken)
            taken.update(own)
            found.append(omitted_line(element, reason, own))
        return tuple(found)


def omitted_line(element: Element, reason: str, lines: tuple[int, ...]) -> OmittedLine:
    """Return the record of an element that is in no panel."""
    text = shorten(element.text, MOST_SHOWN_VALUE)
    return OmittedLine(line=element.line, kind=element.kind, text=text, reason=reason, lines=lines)


def why_left_out(element: Element) -> str:
    """Return why an element is in no panel of any scene."""
    return LEFT_OUT.get(element.kind) or WITHOUT_PANEL[element.kind]


def read_script_text(text: str, what: str) -> ScriptText:
    """Read a script; ``what`` names it in errors. Raises BadInput as ``read_elements`` does."""
    form, elements = read_elements(text, what)
    scenes: list[tuple[Element | None, list[Element]]] = [(None, [])]
    marks = []
    for element in elements:
        if element.kind is Kind.SCENE_HEADING:
            scenes.append((element, []))
        elif element.kind in LEFT_OUT:
            marks.append(element)
        else:
            scenes[-1][1].append(element)
    if all(element.kind is Kind.TRANSITION for element in scenes[0][1]):
        marks += scenes.pop(0)[1]  # FADE IN, before the first heading
    return ScriptText(form, text, elements, [SceneText(*scene) for scene in scenes], marks)


def _as_line(element: Element) -> str:
    extensions = "".join(f" ({extension})" for extension in element.extensions)
    number = f"{element.number} " if element.number else ""
    return f"{number}{element.text}{extensions}"
