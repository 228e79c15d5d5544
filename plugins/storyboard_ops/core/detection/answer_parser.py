"""Parse answers of language models leniently: JSON in fences, in prose, cut off, or missing.

Valid items become records and invalid ones are reported one by one. An answer without any usable
content raises AnswerUnusable with the reason, so that the caller can retry.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from storyboard_ops.core.text.words import foreign_characters
from storyboard_ops.domain.error_tree import AnswerUnusable
from storyboard_ops.domain.image_records import Box, Detection
from storyboard_ops.domain.production_sheet import NONE_OF_THEM

#: Longer answers are refused: no valid one comes near this, and parsing would only cost time.
MAX_CHARACTERS = 200_000
#: The most positions in a text at which an object is tried.
MAX_STARTS = 100
#: Boxes are given in thousandths of the picture's sides (Amazon Nova user guide).
BOX_SCALE = 1000
#: Corners at most this far outside (in thousandths) are clamped; farther ones are refused.
FARTHEST = 10 * BOX_SCALE
#: The most characters of an answer that a message quotes.
QUOTED = 60


@dataclass(frozen=True)
class ParsedDetections:
    """The detections of an answer, and its unusable items."""

    detections: tuple[Detection, ...]
    faults: tuple[str, ...] = ()  # one per item that could not be used


@dataclass(frozen=True)
class ParsedCaption:
    """A caption and the ids of the characters that the model claims to describe."""

    text: str
    characters: tuple[str, ...]


def parse_object(text: str, key: str) -> dict[str, Any]:
    """Return the first JSON object in a text that has ``key``, whatever surrounds it.

    Raises AnswerUnusable when there is none: the text is empty, much too long, prose, cut off, or
    has another form.
    """
    if not text.strip():
        raise AnswerUnusable("The answer is empty.")
    if len(text) > MAX_CHARACTERS:
        raise AnswerUnusable(
            f"The answer has {len(text):,} characters; at most {MAX_CHARACTERS:,} are read."
        )
    found = False
    for value in _objects(text):
        found = True
        if key in value:
            return value
    fault = f"no JSON object with the key {key!r}" if found else "no complete JSON object"
    raise AnswerUnusable(f"The answer contains {fault}: {_quoted(text)}")


def parse_detections(
    text: str, names: Mapping[str, str], detector: str, model_id: str
) -> ParsedDetections:
    """Read ``{"detections": [{"character", "box": [x1, y1, x2, y2] in 0..1000, "confidence"}]}``.

    ``names`` are the production's characters, id to name; an answer may use either, or
    "none_of_them", which becomes a detection without a character. Boxes are clamped to the picture.
    Items with an unknown character, without an area or without a confidence in 0..1 are reported
    as faults. Raises AnswerUnusable when there is no list.
    """
    items = parse_object(text, "detections")["detections"]
    if not isinstance(items, list):
        raise AnswerUnusable(f'"detections" is not a list: {_quoted(items)}')
    ids = {_folded(name): identity for identity, name in names.items()}
    ids |= {_folded(identity): identity for identity in (*names, NONE_OF_THEM)}
    detections, faults = [], []
    for number, item in enumerate(items, start=1):
        try:
            detections.append(_detection(item, ids, detector, model_id))
        except _UnusableItemError as fault:
            faults.append(f"detection {number}: {fault}")
    return ParsedDetections(tuple(detections), tuple(faults))


def parse_caption(text: str) -> ParsedCaption:
    """Read ``{"caption": "…", "characters": ["id"]}``; white space in the caption is collapsed.

    Raises AnswerUnusable when there is no caption, or it contains characters that are not text.
    Entries of ``characters`` that are not text are ignored.
    """
    answer = parse_object(text, "caption")
    caption = answer["caption"]
    if not isinstance(caption, str) or not caption.strip():
        raise AnswerUnusable(f'"caption" is not a text: {_quoted(caption)}')
    caption = " ".join(caption.split())
    if foreign_characters(caption):
        raise AnswerUnusable(f'"caption" contains characters that are not text: {_quoted(caption)}')
    listed = answer.get("characters", [])
    claimed = listed if isinstance(listed, list) else []
    return ParsedCaption(caption, tuple(filter(_is_clean_text, claimed)))


class _UnusableItemError(ValueError):
    """One item of a list does not have the required form; others may."""


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects in a text, outermost first where they are complete."""
    decoder = json.JSONDecoder(parse_constant=_refuse_constant)
    position = 0
    for _ in range(MAX_STARTS):
        start = text.find("{", position)
        if start < 0:
            return
        try:
            value, position = decoder.raw_decode(text, start)
        except RecursionError:
            return  # nested deeper than any valid answer
        except ValueError:
            position = start + 1
        else:
            yield value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _detection(item: Any, ids: Mapping[str, str], detector: str, model_id: str) -> Detection:
    if not isinstance(item, dict):
        raise _UnusableItemError(f"not an object: {_quoted(item)}")
    character = item.get("character")
    if not isinstance(character, str) or _folded(character) not in ids:
        raise _UnusableItemError(f"unknown character {_quoted(character)}")
    confidence = item.get("confidence")
    if not _is_number(confidence, 0, 1):
        raise _UnusableItemError(f"confidence {_quoted(confidence)} is not in 0..1")
    identity = ids[_folded(character)]
    return Detection(
        box=_box(item.get("box")),
        label=identity,
        character=None if identity == NONE_OF_THEM else identity,
        confidence=float(confidence),
        detector=detector,
        model_id=model_id,
    )


def _box(corners: Any) -> Box:
    if not isinstance(corners, list) or len(corners) != 4:
        raise _UnusableItemError(f"box {_quoted(corners)} is not [x1, y1, x2, y2]")
    if not all(_is_number(value, -FARTHEST, FARTHEST) for value in corners):
        raise _UnusableItemError(f"box {_quoted(corners)} is not in 0..{BOX_SCALE}")
    box = Box.clamped(*(value / BOX_SCALE for value in corners))
    if box is None:
        raise _UnusableItemError(f"box {_quoted(corners)} has no area inside the picture")
    return box


def _is_number(value: Any, least: float, most: float) -> TypeGuard[float]:
    """Whether a value is a number in a range; true, false and NaN are not."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return least <= value <= most


def _is_clean_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and not foreign_characters(value)


def _folded(name: str) -> str:
    return re.sub(r"[\s_-]+", " ", name).strip().casefold()


def _quoted(value: Any) -> str:
    """Quote the beginning of a value as plain ASCII, safe for any log."""
    text = ascii(value)
    return text if len(text) <= QUOTED else f"{text[:QUOTED]}..."
