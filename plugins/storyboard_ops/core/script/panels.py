"""From a script to the scenes and panels of a production file.

    INT. LIGHTHOUSE - NIGHT

    Mira lifts the lamp. (4 s)

    Close on Bram, who shades his eyes.

A heading opens a scene, a paragraph of action is a panel; ``(4 s)`` at its end is how long it is
shown. Who is in a panel is told by the names in it. What is no picture, e.g. dialogue, is listed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from storyboard_ops.core.script.durations import split_length
from storyboard_ops.core.script.elements import Element, Kind
from storyboard_ops.core.script.formats import read_elements
from storyboard_ops.core.script.forms import MOST_CUE, read_cue
from storyboard_ops.domain.bounded_text import shorten
from storyboard_ops.domain.input_limits import MOST_SHOWN_VALUE
from storyboard_ops.domain.names import fold_name, phrases_in
from storyboard_ops.domain.production_sheet import MOST_HEADING, Character
from storyboard_ops.domain.script_record import OmittedLine, ScriptRecord
from storyboard_ops.domain.storyboard.panel_card import MOST_DESCRIPTION

UNNAMED = "Scene"

_SOUND = "is heard, not seen"
_MARK = "is a mark for the reader of the script"
_REASONS = {
    Kind.TITLE_PAGE: "is on the title page",
    Kind.SECTION: "orders the script",
    Kind.SYNOPSIS: "sums up the scene",
    Kind.CHARACTER: "says who speaks",
    Kind.PARENTHETICAL: "says how a line is spoken",
    Kind.DIALOGUE: _SOUND,
    Kind.LYRICS: _SOUND,
    Kind.TRANSITION: "leads to the next picture",
    Kind.CENTERED: "is text, not a picture",
    Kind.LABEL: "names a part of the script",
    Kind.NOTE: "is a note",
    Kind.BONEYARD: "was taken out by the writer",
    Kind.PAGE_BREAK: _MARK,
    Kind.PAGE_MARK: _MARK,
}
_SENTENCES = re.compile(r"(?<=[.!?…。！？])[\"'”’)]?\s+|(?<=[。！？])")


def script_scenes(text: str, cast: Sequence[Character]) -> list[dict[str, Any]]:
    """Return the scenes of a script as a production file has them, unchecked.

    Panels before the first heading belong to a scene that is named "Scene". A scene without a
    panel is left out.
    """
    return read_scenes(text, cast, "the script")[0]


def read_scenes(
    text: str, cast: Sequence[Character], origin: str
) -> tuple[list[dict[str, Any]], ScriptRecord]:
    """Return the scenes of a script as a production file has them, and what was read of it.

    ``origin`` names the script. Raises BadInput for Final Draft's XML that cannot be read.
    """
    form, elements = read_elements(text, origin)
    board = _Board(cast)
    for element in elements:
        board.add(element)
    scenes = board.finished()
    record = ScriptRecord(
        origin=origin,
        format=form,
        elements=dict(Counter(str(element.kind) for element in elements)),
        scenes=len(scenes),
        panels=sum(len(scene["panels"]) for scene in scenes),
        omitted=tuple(sorted(board.omitted, key=lambda omitted: omitted.line)),
    )
    return scenes, record


@dataclass
class _Scene:
    heading: Element
    panels: list[dict[str, Any]] = field(default_factory=list)


class _Board:
    """Puts the elements of a script into scenes, one after another."""

    def __init__(self, cast: Sequence[Character]) -> None:
        self.cast = cast
        self.speakers = frozenset(fold_name(character.name) for character in cast)
        self.scenes = [_Scene(Element(Kind.SCENE_HEADING, UNNAMED, 0))]
        self.omitted: list[OmittedLine] = []

    def add(self, element: Element) -> None:
        if element.kind is Kind.SCENE_HEADING:
            self.scenes.append(_Scene(element))
        elif element.kind is not Kind.ACTION:
            self._omit(element, _REASONS[element.kind])
        elif self._is_speech(element.text):
            self._omit(element, _SOUND)
        else:
            self._draw(element)

    def finished(self) -> list[dict[str, Any]]:
        """Return the scenes that have a panel, and list the others."""
        for scene in self.scenes[1:]:
            if not scene.panels:
                self._omit(scene.heading, "is a scene without a picture")
        return [
            {"scene": shorten(scene.heading.text, MOST_HEADING), "panels": scene.panels}
            for scene in self.scenes
            if scene.panels
        ]

    def _draw(self, element: Element) -> None:
        text, seconds = split_length(element.text)
        panels = self.scenes[-1].panels
        if any(letter.isalnum() for letter in text):
            parts = split_description(text)
            length = {} if seconds is None else {"seconds": round(seconds / len(parts), 3)}
            panels.extend(self._panel(part) | length for part in parts)
        elif seconds is not None and panels and "seconds" not in panels[-1]:
            panels[-1]["seconds"] = seconds
        else:
            self._omit(element, "has no words")

    def _panel(self, description: str) -> dict[str, Any]:
        named = phrases_in(description, (one.name for one in self.cast))
        ids = [one.id for one in self.cast if one.name in named]
        return {"description": description, "characters": ids}

    def _is_speech(self, text: str) -> bool:
        """Whether a paragraph is a speech in one line, ``MIRA (V.O.): Hello?``, or only a name."""
        name, colon, _ = text[: MOST_CUE + 1].partition(":")
        cue = read_cue(name.strip(), 0) if colon or name == text else None
        return cue is not None and fold_name(cue.text) in self.speakers

    def _omit(self, element: Element, reason: str) -> None:
        text = shorten(element.text, MOST_SHOWN_VALUE)
        omitted = OmittedLine(line=element.line, kind=element.kind, text=text, reason=reason)
        self.omitted.append(omitted)


def split_description(text: str, most: int = MOST_DESCRIPTION) -> list[str]:
    """Split a paragraph that is too long for one panel between sentences, into as few as fit.

    A sentence that is too long itself stays whole.
    """
    if len(text) <= most:
        return [text]
    return list(_filled(_SENTENCES.split(text), most))


def _filled(sentences: Iterable[str], most: int) -> Iterable[str]:
    part: list[str] = []
    length = 0
    for sentence in filter(None, sentences):
        if part and length + len(sentence) >= most:
            yield " ".join(part)
            part, length = [], 0
        part.append(sentence)
        length += len(sentence) + 1
    yield " ".join(part)
