"""Read the answers of language models: calls of a tool, JSON in fences or prose, loose, cut off.

Valid items become records and invalid ones are reported one by one. Of several answers in a text,
the last one that fits counts: those before it are drafts. An answer without any usable content
raises AnswerUnusable with the reason, so that the caller can ask in other words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from storyboard_ops.core.detection.box_units import (
    Size,
    UnclearBoxError,
    read_boxes,
    read_share,
)
from storyboard_ops.core.text.answer_values import (
    found_values,
    last_list,
    nothing_found,
    objects_with,
    quoted,
)
from storyboard_ops.core.text.json_in_prose import member
from storyboard_ops.core.text.words import foreign_characters
from storyboard_ops.domain.error_tree import AnswerUnusable
from storyboard_ops.domain.image_records import Box, Detection
from storyboard_ops.domain.models.model_answers import cut_off_reason
from storyboard_ops.domain.names import fold_name, ids_by_name
from storyboard_ops.domain.production_sheet import NONE_OF_THEM

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
    items, is_closed = last_list(text, "detections", ITEM_KEYS)
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
    found = found_values(text)
    fault = ""
    for answer in reversed(objects_with("caption", found)):
        caption = member(answer, "caption")
        if not isinstance(caption, str) or not caption.strip():
            fault = fault or f'"caption" is not a text: {quoted(caption)}'
            continue
        caption = " ".join(caption.split())
        if foreign_characters(caption):
            fault = fault or f'"caption" contains characters that are not text: {quoted(caption)}'
            continue
        listed = member(answer, "characters")
        claimed = listed if isinstance(listed, list) else []
        return ParsedCaption(caption, tuple(filter(_is_clean_text, claimed)))
    raise AnswerUnusable(fault) if fault else nothing_found("caption", text, found)


class _UnusableItemError(ValueError):
    """One item of a list does not have the required form; others may."""


class _UnknownCharacterError(_UnusableItemError):
    """An item is about somebody who is not in the production."""


def _detection(
    item: Any, box: Box | UnclearBoxError, ids: Mapping[str, str], detector: str, model_id: str
) -> Detection:
    if not isinstance(item, dict):
        raise _UnusableItemError(f"not an object: {quoted(item)}")
    character = member(item, "character")
    if not isinstance(character, str) or fold_name(character) not in ids:
        raise _UnknownCharacterError(f"unknown character {quoted(character)}")
    confidence = member(item, "confidence")
    share = read_share(confidence)
    if share is None:
        raise _UnusableItemError(f"confidence {quoted(confidence)} is not in 0..1")
    if isinstance(box, UnclearBoxError):
        raise _UnusableItemError(f"box {quoted(member(item, 'box'))} {box}")
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
