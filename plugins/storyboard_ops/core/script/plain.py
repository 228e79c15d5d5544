"""Plain text: what people type without a format, and what programs export without marks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from storyboard_ops.core.script.elements import Element, Kind
from storyboard_ops.core.script.fountain import read_fountain

#: A script of these alone was typed as scenes and panels: its sections are the scenes.
_TYPED = frozenset({Kind.SCENE_HEADING, Kind.SECTION, Kind.ACTION})
_CREDIT = re.compile(
    r"(?:(?:original|written|screenplay|teleplay|story|script|created|adapted|directed|and|&) ?)+by"
    r"(?: .{1,80})?|by(?: (?:[^\W\d_]\.|[^\W\d_][\w'’-]*)){0,4}",
    re.IGNORECASE,
)
#: Elements before the first scene among which the credit of a title page is looked for.
_TITLE_REACH = 12


def read_plain(text: str) -> list[Element]:
    """Read a script in Fountain or without any format.

    In a text of headings and paragraphs alone, or without any other heading, lines that begin with
    ``#`` are scene headings.
    """
    elements = _with_title_page(read_fountain(text))
    kinds = {element.kind for element in elements}
    if kinds <= _TYPED or Kind.SCENE_HEADING not in kinds:
        return [
            replace(element, kind=Kind.SCENE_HEADING) if element.kind is Kind.SECTION else element
            for element in elements
        ]
    return elements


def _with_title_page(elements: Sequence[Element]) -> list[Element]:
    """Recognize a title page without keys by its credit: all that comes before the first scene."""
    opening = next(
        (
            at
            for at, element in enumerate(elements)
            if element.kind in (Kind.SCENE_HEADING, Kind.TRANSITION)
        ),
        0,
    )
    if any(_CREDIT.fullmatch(element.text[:200]) for element in elements[:opening][:_TITLE_REACH]):
        title = [replace(element, kind=Kind.TITLE_PAGE) for element in elements[:opening]]
        return [*title, *elements[opening:]]
    return list(elements)
