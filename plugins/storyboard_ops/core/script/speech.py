"""Who speaks what in a panel: cues, parentheticals and dialogue become spoken lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from storyboard_ops.core.script.elements import Element, Kind
from storyboard_ops.core.script.split import split_text
from storyboard_ops.domain.bounded_text import shorten
from storyboard_ops.domain.names import fold_name, ids_by_name
from storyboard_ops.domain.production_sheet import Character
from storyboard_ops.domain.storyboard.panel_card import MOST_SHORT, MOST_SPOKEN, SpokenLine

SPEECH = frozenset({Kind.CHARACTER, Kind.PARENTHETICAL, Kind.DIALOGUE, Kind.LYRICS})

_OVER = re.compile(r"\bV\.? ?O\b\.?|\bvoice[ -]?over\b|\bnarrat", re.IGNORECASE)
_OFF = re.compile(r"\bO\.? ?[SC]\b\.?|\boff(?:[ -](?:screen|camera|stage))?\b", re.IGNORECASE)
_GOES_ON = re.compile(r"\bcont(?:['’]?d|inued|inuing)?\b\.?|^more$", re.IGNORECASE)
_VOICE = re.compile(r"(?P<name>.+)['’]s? voice", re.IGNORECASE)

Off = Literal["", "V.O.", "O.S."]


def spoken_lines(elements: Sequence[Element], cast: Sequence[Character]) -> tuple[SpokenLine, ...]:
    """Return the speeches of elements that are in one panel; others than speech are left out.

    A speech without a cue, such as lyrics, has no speaker. One that is too long is split.
    """
    return tuple(line for speech in _speeches(elements) for line in _lines(speech, cast))


def heard_only(elements: Sequence[Element], cast: Sequence[Character]) -> dict[str, set[Off]]:
    """Return the cast that speaks in these elements and is never seen to, with how it is heard."""
    heard: dict[str, set[Off]] = {}
    for line in spoken_lines(elements, cast):
        if line.character:
            heard.setdefault(line.character, set()).add(line.off)
    return {character: offs for character, offs in heard.items() if "" not in offs}


def _speeches(elements: Sequence[Element]) -> Iterator[list[Element]]:
    """Yield the elements of each speech: its cue, if it has one, and what follows."""
    speech: list[Element] = []
    for element in elements:
        if element.kind not in SPEECH:
            continue
        if element.kind is Kind.CHARACTER and speech:
            yield speech
            speech = []
        speech.append(element)
    if speech:
        yield speech


def _lines(speech: Sequence[Element], cast: Sequence[Character]) -> Iterator[SpokenLine]:
    cue = speech[0] if speech[0].kind is Kind.CHARACTER else Element(Kind.CHARACTER, "", 0)
    name, off, how = _speaker(cue)
    character = ids_by_name({one.id: one.name for one in cast}).get(fold_name(name), "")
    manner = list(how)
    for element in speech:
        if element.kind is Kind.PARENTHETICAL:
            manner.append(element.text.strip().removeprefix("(").removesuffix(")").strip())
        elif element.kind is not Kind.CHARACTER and element.text:
            for part in split_text(element.text, MOST_SPOKEN):
                yield SpokenLine(
                    speaker=shorten(cue.text, MOST_SHORT),
                    character=character,
                    text=part[:MOST_SPOKEN],
                    parenthetical=shorten(", ".join(filter(None, manner)), MOST_SHORT),
                    off=off,
                    dual=cue.dual,
                )
                manner = []


def _speaker(cue: Element) -> tuple[str, Off, list[str]]:
    """Return the name of a cue, how it is heard, and what else its brackets say."""
    off: Off = ""
    rest = []
    for extension in cue.extensions:
        if _OVER.search(extension):
            off = "V.O."
        elif _OFF.search(extension):
            off = "O.S."
        elif not _GOES_ON.search(extension):
            rest.append(extension)
    if voice := _VOICE.fullmatch(cue.text):
        return voice["name"], off or "O.S.", rest
    return cue.text, off, rest
