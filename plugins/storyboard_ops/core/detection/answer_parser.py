"""Read the answers of language models: calls of a tool, JSON in fences or prose, loose, cut off.

Valid items become records and invalid ones are reported one by one. Of several answers in a text,
the last one that fits counts: those before it are drafts. An answer without any usable content
raises AnswerUnusable with the reason, so that the caller can ask in other words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from storyboard_ops.core.detection.box_units import (
    Size,
    UnclearBoxError,
    read_boxes,
    read_share,
)
from storyboard_ops.core.text.json_in_prose import FoundValue, find_values, inner_values, member
from storyboard_ops.core.text.words import foreign_characters
from storyboard_ops.domain.error_tree import AnswerCutOff, AnswerUnusable
from storyboard_ops.domain.image_records import Box, Detection
from storyboard_ops.domain.models.model_answers import cut_off_reason
from storyboard_ops.domain.names import fold_name, ids_by_name
from storyboard_ops.domain.production_sheet import NONE_OF_THEM

#: Longer answers are refused: no valid one comes near this, and parsing would only cost time.
MAX_CHARACTERS = 200_000
#: The most objects, lists and texts around an answer.
MAX_WRAPPERS = 6
#: The most characters of an answer that a message quotes.
QUOTED = 60
#: Stands for a key that an object does not have.
MISSING = object()
#: Keys by which an object in a list is recognized as a detection.
ITEM_KEYS = ("character", "box")


@dataclass(frozen=True)
class ParsedDetections:
    """The detections of an answer, and its unusable items."""

    detections: tuple[Detection, ...]
    faults: tuple[str, ...] = ()  # one per item that could not be used, one if it is cut off
    is_whole: bool = True  # False: the answer is cut off, and these are its complete items
    unread: int = 0  # of the items about known characters

    @property
    def is_unusable(self) -> bool:
        """Whether nothing is left of what the answer says about known characters."""
        return self.unread > 0 and not self.detections


@dataclass(frozen=True)
class ParsedCaption:
    """A caption and the ids of the characters that the model claims to describe."""

    text: str
    characters: tuple[str, ...]


def parse_detections(
    text: str,
    names: Mapping[str, str],
    detector: str,
    model_id: str,
    picture: Size | None = None,
) -> ParsedDetections:
    """Read ``{"detections": [{"character", "box": [x1, y1, x2, y2] in 0..1000, "confidence"}]}``.

    ``names`` are the production's characters, id to name; an answer may use either, or
    "none_of_them", which becomes a detection without a character. ``picture`` is the size in
    pixels of the picture as the model got it; ``box_units`` reads boxes by it. Items with an
    unknown character, without a certain box or without a confidence in 0..1 are reported as
    faults. A list that is cut off keeps its complete items. Raises AnswerUnusable when there is no
    list, AnswerCutOff when it is cut off.
    """
    items, is_closed = _last_list(text)
    cut_off = cut_off_reason(text) or ("" if is_closed else "the list is not closed")
    ids = ids_by_name({**names, NONE_OF_THEM: NONE_OF_THEM})
    boxes = read_boxes([member(item, "box") for item in items], picture)
    detections, faults, unread = [], [], 0
    for number, (item, box) in enumerate(zip(items, boxes, strict=True), start=1):
        try:
            detections.append(_detection(item, box, ids, detector, model_id))
        except _UnusableItemError as fault:
            faults.append(f"detection {number}: {fault}")
            unread += not isinstance(fault, _UnknownCharacterError)
    if cut_off:
        faults.append(f"the answer is cut off ({cut_off}) after {len(items)} detections")
    return ParsedDetections(tuple(detections), tuple(faults), not cut_off, unread)


def parse_caption(text: str) -> ParsedCaption:
    """Read ``{"caption": "…", "characters": ["id"]}``; white space in the caption is collapsed.

    Raises AnswerUnusable when there is no caption, or it contains characters that are not text,
    AnswerCutOff when the answer ends before its caption is complete.
    Entries of ``characters`` that are not text are ignored.
    """
    found = _values(text)
    fault = ""
    for answer in reversed(_objects_with("caption", found)):
        caption = member(answer, "caption")
        if not isinstance(caption, str) or not caption.strip():
            fault = fault or f'"caption" is not a text: {_quoted(caption)}'
            continue
        caption = " ".join(caption.split())
        if foreign_characters(caption):
            fault = fault or f'"caption" contains characters that are not text: {_quoted(caption)}'
            continue
        listed = member(answer, "characters")
        claimed = listed if isinstance(listed, list) else []
        return ParsedCaption(caption, tuple(filter(_is_clean_text, claimed)))
    raise AnswerUnusable(fault) if fault else _nothing_found("caption", text, found)


class _UnusableItemError(ValueError):
    """One item of a list does not have the required form; others may."""


class _UnknownCharacterError(_UnusableItemError):
    """An item is about somebody who is not in the production."""


def _last_list(text: str) -> tuple[list[Any], bool]:
    """Return the last list of detections in a text, and whether it is whole.

    Objects without a list around them are one: they are what is left of a list that is cut off.
    """
    found = _values(text)
    lists: list[tuple[list[Any], bool]] = []
    loose: list[Any] = []
    for value, is_inner in found:
        if _is_item(value):
            if not lists or lists[-1][0] is not loose:
                loose = []
                lists.append((loose, not is_inner))
            loose.append(value)
        elif value == [] and not is_inner:
            lists.append(([], True))
        else:
            lists += [(one, True) for one in _lists(value, MAX_WRAPPERS)]
    if lists:
        return lists[-1]
    for value in reversed(_objects_with("detections", found)):
        listed = _quoted(member(value, "detections"))
        raise AnswerUnusable(f'"detections" is not a list: {listed}')
    raise _nothing_found("detections", text, found)


def _lists(value: Any, depth: int) -> Iterator[list[Any]]:
    """Yield the lists of detections in a value: with their key, bare, or in wrappers and texts."""
    listed = member(value, "detections")
    if isinstance(listed, str):  # of JSON
        listed = next(iter(inner_values(listed)), listed)
    if isinstance(listed, list):
        yield listed
    elif _is_item(value):
        yield [value]
    elif isinstance(value, list) and any(map(_is_item, value)):
        yield value
    elif depth:
        for inner in inner_values(value):
            yield from _lists(inner, depth - 1)


def _is_item(value: Any) -> bool:
    return any(member(value, key) is not None for key in ITEM_KEYS)


def _objects_with(key: str, found: Sequence[FoundValue]) -> list[dict[str, Any]]:
    """Return the objects with a key that were found, outer ones before those within them."""
    return [one for value, _ in found for one in _with_key(key, value, MAX_WRAPPERS)]


def _with_key(key: str, value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if member(value, key, MISSING) is not MISSING:
        yield value
    if depth:
        for inner in inner_values(value):
            yield from _with_key(key, inner, depth - 1)


def _values(text: str) -> list[FoundValue]:
    """Return the JSON values in a text; raises AnswerUnusable when it is empty or much too long."""
    if not text.strip() and not cut_off_reason(text):
        raise AnswerUnusable("The answer is empty.")
    if len(text) > MAX_CHARACTERS:
        raise AnswerUnusable(
            f"The answer has {len(text):,} characters; at most {MAX_CHARACTERS:,} are read."
        )
    return [*find_values(text)]


def _nothing_found(key: str, text: str, found: Sequence[FoundValue]) -> AnswerUnusable:
    if stopped := cut_off_reason(text):
        return AnswerCutOff(f"The answer was cut off (stop reason {stopped}): {_quoted(text)}")
    is_object = any(isinstance(value, dict) for value, _ in found)
    fault = f"no JSON object with the key {key!r}" if is_object else "no complete JSON object"
    return AnswerUnusable(f"The answer contains {fault}: {_quoted(text)}")


def _detection(
    item: Any, box: Box | UnclearBoxError, ids: Mapping[str, str], detector: str, model_id: str
) -> Detection:
    if not isinstance(item, dict):
        raise _UnusableItemError(f"not an object: {_quoted(item)}")
    character = member(item, "character")
    if not isinstance(character, str) or fold_name(character) not in ids:
        raise _UnknownCharacterError(f"unknown character {_quoted(character)}")
    confidence = member(item, "confidence")
    share = read_share(confidence)
    if share is None:
        raise _UnusableItemError(f"confidence {_quoted(confidence)} is not in 0..1")
    if isinstance(box, UnclearBoxError):
        raise _UnusableItemError(f"box {_quoted(member(item, 'box'))} {box}")
    identity = ids[fold_name(character)]
    return Detection(
        box=box,
        label=identity,
        character=None if identity == NONE_OF_THEM else identity,
        confidence=share,
        detector=detector,
        model_id=model_id,
    )


def _is_clean_text(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and bool(value.strip()) and not foreign_characters(value)


def _quoted(value: Any) -> str:
    """Quote the beginning of a value as plain ASCII, safe for any log."""
    text = ascii(value)
    return text if len(text) <= QUOTED else f"{text[:QUOTED]}..."
