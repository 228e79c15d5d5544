"""Find the JSON values in what a language model wrote, also where their syntax is loose.

Strict JSON is decoded by the standard library, with raw line breaks and NaN; a value that is closed
and still not valid (trailing commas, single quotes, missing commas) is repaired by json-repair.
A value that is not closed is never repaired, because its last number or text may be cut off: only
the complete values within it are returned.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import json_repair

#: The most brackets of a text that may be left open.
MAX_STARTS = 100
#: Longer values are not repaired: no answer comes near this, and repairing is slow.
MAX_REPAIRED = 50_000

_OPENING = re.compile(r"[{\[]")
_PAIRS = {"}": "{", "]": "["}
#: What may precede a text in quotes, and what may follow one.
_BEFORE_TEXT, _AFTER_TEXT = frozenset("{[,:("), frozenset(["", *"}],:)"])
_BRACKETS_AND_QUOTES = re.compile(r"[{}\[\]\"'\\]")
_DECODER = json.JSONDecoder(strict=False)


class FoundValue(NamedTuple):
    """A JSON object or list, and whether it was found in one that is not closed."""

    value: Any
    is_inner: bool


def find_values(text: str) -> Iterator[FoundValue]:
    """Yield the JSON objects and lists in a text in order, outermost where they are closed."""
    ends: dict[int, int] | None = None
    position = inside_until = failed = 0
    while failed < MAX_STARTS and (opening := _OPENING.search(text, position)):
        start = opening.start()
        is_inner = start < inside_until
        try:
            value, position = _DECODER.raw_decode(text, start)
        except json.JSONDecodeError:
            ends = _closing_positions(text) if ends is None else ends
            end = ends.get(start)
            if end is None:
                failed, inside_until, position = failed + 1, len(text), start + 1
                continue
            value, position = _repair(text[start : end + 1]), end + 1
        except (RecursionError, ValueError):
            return  # nested deeper, or a number longer, than in any valid answer
        yield FoundValue(value, is_inner)


def member(value: Any, key: str, default: Any = None) -> Any:
    """Return the member of an object by its key, which may be in any case, or the default."""
    if not isinstance(value, dict):
        return default
    if key in value:
        return value[key]
    return next((one for name, one in value.items() if name.strip().casefold() == key), default)


def inner_values(value: Any) -> list[Any]:
    """Return the values in an object, in a list, or in a text that is JSON itself."""
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        return [found.value for found in find_values(value)]
    return value if isinstance(value, list) else []


def _repair(text: str) -> Any:
    """Return the value of a closed JSON text with faults; None when it cannot be read."""
    if len(text) > MAX_REPAIRED:
        return None
    try:
        return json_repair.loads(text, skip_json_loads=True)
    except (RecursionError, ValueError):
        return None


def _closing_positions(text: str) -> dict[int, int]:
    """Map the position of each opening bracket outside quotes to that of its closing bracket.

    A bracket of the other kind that was left open in between counts as closed with it.
    """
    ends: dict[int, int] = {}
    opened: list[int] = []
    still_open = Counter[str]()
    quote, skipped = "", -1
    for match in _BRACKETS_AND_QUOTES.finditer(text):
        position, character = match.start(), match[0]
        if position == skipped:
            continue
        if character == "\\":
            skipped = position + 1
        elif quote:
            if character == quote and _neighbour(text, position + 1, 1) in _AFTER_TEXT:
                quote = ""
        elif character in "\"'":
            quote = character if _neighbour(text, position - 1, -1) in _BEFORE_TEXT else ""
        elif character in "{[":
            opened.append(position)
            still_open[character] += 1
        elif still_open[_PAIRS[character]]:
            while text[start := opened.pop()] != _PAIRS[character]:
                still_open[text[start]] -= 1
                ends[start] = position - 1
            still_open[_PAIRS[character]] -= 1
            ends[start] = position
    return ends


def _neighbour(text: str, position: int, step: int) -> str:
    """Return the next character that is not white space; "" at an end of the text."""
    while 0 <= position < len(text) and text[position].isspace():
        position += step
    return text[position] if 0 <= position < len(text) else ""
