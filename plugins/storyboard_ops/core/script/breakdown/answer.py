"""Read a model's answer about a chunk: its usable panels, and what was wrong with the others.

A panel is usable when it has a description and lines of the chunk that are in no other panel. A
paragraph of several sentences may be in consecutive panels. Unknown cast, unknown lines and values
out of bounds are left out of a panel and reported; the rest of it counts.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from storyboard_ops.core.script.breakdown.request import Chunk, ScenePart
from storyboard_ops.core.script.elements import Element, Kind
from storyboard_ops.core.script.split import sentences, split_text
from storyboard_ops.core.text.answer_values import (
    found_values,
    last_list,
    objects_with,
    quoted,
)
from storyboard_ops.core.text.json_in_prose import member
from storyboard_ops.domain.bounded_text import shorten
from storyboard_ops.domain.error_tree import AnswerCutOff, AnswerUnusable
from storyboard_ops.domain.models.model_answers import cut_off_reason
from storyboard_ops.domain.names import fold_name, ids_by_name
from storyboard_ops.domain.production_sheet import Character
from storyboard_ops.domain.storyboard.panel_card import (
    MOST_DESCRIPTION,
    MOST_SECONDS,
    MOST_SHORT,
    MOST_SOUND,
)

#: Keys by which an object in a list is recognized as a panel.
ITEM_KEYS = ("description",)
#: Fields of a panel that are short texts, as the model and the panel call them.
SHORT_TEXTS = ("size", "angle", "lens", "move", "light", "place", "time", "transition")
#: A paragraph with more characters may be in several panels, although it is one sentence.
LONG_SENTENCE = 200
#: Why lines are omitted where the model gives no reason.
NO_REASON = "was left out by the model"
#: The most faults that are reported of an answer.
MOST_REPORTED = 20


@dataclass
class Proposal:
    """A panel as proposed: the elements that it is made of, and its fields."""

    part: ScenePart
    elements: list[Element]
    fields: dict[str, Any]  # of PanelCard, without what the elements decide
    shot: int = 0  # as the model counts; 0: its own
    note: str = ""


@dataclass
class ParsedBreakdown:
    """The usable part of an answer."""

    panels: list[Proposal] = field(default_factory=list)
    omitted: list[tuple[Element, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def used(self) -> set[int]:
        """First lines of the elements that are in a panel or omitted."""
        in_panels = {element.line for panel in self.panels for element in panel.elements}
        return in_panels | {element.line for element, _ in self.omitted}


def parse_breakdown(
    text: str, chunk: Chunk, cast: Sequence[Character], wanted: frozenset[int]
) -> ParsedBreakdown:
    """Read ``{"panels": [{"lines", "description", ...}], "omitted": [{"lines", "reason"}]}``.

    ``wanted``: first lines of the elements that were asked for. Raises AnswerUnusable when nothing
    of the answer can be used, AnswerCutOff when that is because it is cut off.
    """
    items, is_closed = last_list(text, "panels", ITEM_KEYS)
    reader = _Reader(chunk, cast, wanted)
    for number, item in enumerate(items, start=1):
        reader.add_panel(number, item)
    for listed in _omissions(text):
        reader.add_omission(listed)
    parsed = reader.parsed
    cut_off = cut_off_reason(text) or ("" if is_closed else "the list is not closed")
    if cut_off:
        parsed.faults.append(f"the answer is cut off ({cut_off}) after {len(items)} panels")
    if not parsed.panels and not parsed.omitted:
        faults = "; ".join(parsed.faults[:MOST_REPORTED]) or "it has no panel"
        kind = AnswerCutOff if cut_off else AnswerUnusable
        raise kind(f"The answer has no usable panel: {faults}.")
    return parsed


class _Reader:
    def __init__(self, chunk: Chunk, cast: Sequence[Character], wanted: frozenset[int]) -> None:
        self._chunk = chunk
        self._ids = ids_by_name({one.id: one.name for one in cast})
        self._wanted = wanted
        self._taken: dict[int, int] = {}  # the last panel of each element, by its first line
        self.parsed = ParsedBreakdown()

    def add_panel(self, number: int, item: Any) -> None:
        description = _tidy(member(item, "description"))
        if not any(letter.isalnum() for letter in description):
            self._fault(f"panel {number} has no description")
            return
        elements = self._elements(f"panel {number}", member(item, "lines"))
        if not elements:
            self._fault(f"panel {number} has no line of its own")
            return
        part = self._chunk.part_of(elements[0])
        if others := [one for one in elements if one not in part.elements]:
            self._fault(f"panel {number} has lines of two scenes: {_lines(others)}")
            elements = [one for one in elements if one in part.elements]
        position = len(self.parsed.panels)
        self._taken |= {element.line: position for element in elements}
        fields = {"description": self._fit(number, description), **self._fields(number, item)}
        shot = member(item, "shot")
        counted = shot if isinstance(shot, int) and 0 < shot < 10_000 else 0
        self.parsed.panels.append(Proposal(part, elements, fields, counted))

    def add_omission(self, item: Any) -> None:
        reason = shorten(_tidy(member(item, "reason")), MOST_SHORT) or NO_REASON
        for element in self._elements("an omission", member(item, "lines"), splits=False):
            self._taken[element.line] = -1
            self.parsed.omitted.append((element, reason))

    def _elements(self, what: str, listed: Any, splits: bool = True) -> list[Element]:
        """Return the elements of lines that the panel may have, in their order."""
        found: dict[int, Element] = {}
        for line in listed if isinstance(listed, list) else [listed]:
            element = self._chunk.elements.get(_whole(line))
            if element is None or element.line not in self._wanted:
                self._fault(f"{what} names line {quoted(line)}, which was not asked for")
            elif element.line in self._taken and not (splits and self._continues(element)):
                self._fault(f"{what} repeats line {element.line}")
            else:
                found[element.line] = element
        return [found[line] for line in sorted(found)]

    def _continues(self, element: Element) -> bool:
        """Whether a paragraph that the panel before has may go on in this one."""
        if self._taken[element.line] != len(self.parsed.panels) - 1:
            return False
        is_long = len(sentences(element.text)) > 1 or len(element.text) > LONG_SENTENCE
        return element.kind is Kind.ACTION and is_long

    def _fields(self, number: int, item: Any) -> dict[str, Any]:
        texts = {name: shorten(_tidy(member(item, name)), MOST_SHORT) for name in SHORT_TEXTS}
        texts["sound"] = shorten(_tidy(member(item, "sound")), MOST_SOUND)
        fields: dict[str, Any] = {name: text for name, text in texts.items() if text}
        fields["characters"] = self._cast(number, member(item, "cast"))
        seconds = member(item, "seconds")
        if isinstance(seconds, int | float) and not isinstance(seconds, bool):
            if math.isfinite(seconds) and 0 < seconds <= MOST_SECONDS:
                fields["seconds"] = round(float(seconds), 3)
            else:
                self._fault(f"panel {number} is {quoted(seconds)} seconds long")
        return fields

    def _cast(self, number: int, listed: Any) -> list[str]:
        known: dict[str, None] = {}
        for name in listed if isinstance(listed, list) else []:
            identity = self._ids.get(fold_name(name)) if isinstance(name, str) else None
            if identity is None:
                self._fault(f"panel {number} shows {quoted(name)}, who is not in the cast")
            else:
                known[identity] = None
        return list(known)

    def _fit(self, number: int, description: str) -> str:
        parts = split_text(description, MOST_DESCRIPTION)
        if len(parts) > 1 or len(parts[0]) > MOST_DESCRIPTION:
            self._fault(f"the description of panel {number} is too long")
        return parts[0][:MOST_DESCRIPTION]

    def _fault(self, fault: str) -> None:
        self.parsed.faults.append(fault)


def _omissions(text: str) -> Iterator[Any]:
    for answer in objects_with("omitted", found_values(text))[-1:]:
        listed = member(answer, "omitted")
        yield from listed if isinstance(listed, list) else []


def _whole(value: Any) -> int:
    """Return a line number as people and models write it; -1 for what is none."""
    if isinstance(value, bool):
        return -1
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < 10:
        return int(value)
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, float) and value.is_integer() else -1


def _tidy(value: Any) -> str:
    """Return a text in one line, without letters that are no text; "" for what is no text."""
    if not isinstance(value, str):
        return ""
    printable = "".join(letter if letter.isprintable() else " " for letter in value)
    return " ".join(printable.split())


def _lines(elements: Sequence[Element]) -> str:
    return ", ".join(str(element.line) for element in elements)
