"""Who speaks what in a panel: cues, parentheticals and dialogue become spoken lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal

from storyboard_ops.core.script.elements import Element, Kind
from storyboard_ops.core.script.forms import MOST_CUE, read_cue
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


def speeches_by_line(elements: Sequence[Element]) -> dict[int, list[Element]]:
    """Map the first line of each cue, parenthetical and dialogue to all elements of its speech."""
    groups: dict[int, list[Element]] = {}
    group: list[Element] = []
    for element in elements:
        if element.kind not in SPEECH or element.kind is Kind.CHARACTER:
            group = []
        if element.kind in SPEECH:
            group.append(element)
            groups[element.line] = group
    return groups


def with_cues(
    elements: Sequence[Element], in_scene: Sequence[Element], cast: Sequence[Character]
) -> list[Element]:
    """Return the speech among elements of a scene, each part with its cue.

    A speech in one line becomes a cue and a dialogue. The cue is repeated where another panel has
    it, and is empty where there is none.
    """
    speeches = speeches_by_line(in_scene)
    made: list[Element] = []
    said: Element | None = None
    for element in elements:
        if element.kind is Kind.ACTION:
            made += one_line_speech(element, cast)
        speech = speeches.get(element.line)
        if element.kind not in SPEECH or speech is None:
            continue
        first = speech[0]
        if first.kind is not Kind.CHARACTER:
            first = Element(Kind.CHARACTER, "", first.line)
        if first not in (said, element):
            made.append(first)
        said = first
        made.append(element)
    return made


def one_line_speech(element: Element, cast: Sequence[Character]) -> list[Element]:
    """Return the cue and the dialogue of an action that is a speech, ``MIRA (V.O.): Hello?``.

    The cue alone where it is only a name of the cast; empty for other actions.
    """
    name, colon, _ = element.text[: MOST_CUE + 1].partition(":")
    cue = read_cue(name.strip(), element.line) if colon or name == element.text else None
    if cue is None or fold_name(cue.text) not in {fold_name(one.name) for one in cast}:
        return []
    text = element.text.partition(":")[2].strip() if colon else ""
    if not text:
        return [replace(cue, more=element.more)]
    return [cue, replace(element, kind=Kind.DIALOGUE, text=text)]


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
