"""Scores of detections and crops by ground truth; pure functions.

Rectangles are left, top, right, bottom as fractions of the displayed frame. Precision and recall
are image-level: a character is in a frame or not, and it was found there or not. The overlap
(intersection over union) of the boxes, over the frames that are right, says how well they fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

Rect = tuple[float, float, float, float]


@dataclass(frozen=True)
class Sighting:
    """A character that was found in a frame; `crop` is None when no crop was cut.

    heads: its crops of the head. sharpness: of the figure, by its other pictures in the shot.
    """

    character: str
    confidence: float
    box: Rect
    crop: Rect | None = None
    heads: tuple[Rect, ...] = ()
    sharpness: float | None = None


@dataclass(frozen=True)
class Judged:
    """One character in one frame: its true box, its most confident detection, its crops."""

    truth: Rect | None
    found: Rect | None
    crops: tuple[Rect, ...] = ()
    heads: tuple[Rect, ...] = ()
    sharpness: tuple[float, ...] = ()  # of the crops


@dataclass(frozen=True)
class Score:
    """Figures of one character or of several; None where there is nothing to divide by.

    A crop is right when the centre of the character's true box is inside it. crop_cover: share of
    the true box inside the crop; it and crop_iou are means over the crops from frames that show
    the character. head_whole: share of these crops with the top of the true box, where the head is,
    inside; heads_right: the same share of the crops of heads. sharpness: mean over all crops.
    """

    present: int
    found: int
    correct: int
    precision: float | None
    recall: float | None
    box_iou: float | None
    crops: int
    crops_right: float | None
    crop_cover: float | None
    crop_iou: float | None
    head_whole: float | None
    sharpness: float | None
    heads: int
    heads_right: float | None


#: The head is in this share of a true box from its top, and in its middle half. Boxes are accurate
#: to some hundredths, so that a little less is whole too.
HEAD_SHARE = 1 / 7.5
WHOLE = 0.9


def judge(entry: Mapping[str, Any], character: str, seen: Sequence[Sighting]) -> Judged | None:
    """Judge one character in a frame of a truth file; None where the truth is ambiguous.

    If the character was found several times, the most confident detection counts.
    """
    truth = None
    for annotated in entry["characters"]:
        if annotated["id"] == character:
            if annotated.get("ambiguous"):
                return None
            x, y, w, h = annotated["box"]
            truth = (x, y, x + w, y + h)
    own = sorted((one for one in seen if one.character == character), key=_most_confident_first)
    crops = tuple(one.crop for one in own if one.crop is not None)
    return Judged(
        truth,
        own[0].box if own else None,
        crops,
        heads=tuple(head for one in own for head in one.heads),
        sharpness=tuple(one.sharpness for one in own if one.sharpness is not None),
    )


def score(judged: Iterable[Judged]) -> Score:
    """The figures over all judgements."""
    judged = list(judged)
    pairs = [(one.truth, one.found) for one in judged if one.truth and one.found]
    crops = [(one.truth, crop) for one in judged for crop in one.crops]
    of_present = [(truth, crop) for truth, crop in crops if truth is not None]
    present = sum(one.truth is not None for one in judged)
    found = sum(one.found is not None for one in judged)
    right = sum(contains_centre(crop, truth) for truth, crop in of_present)
    heads = [(one.truth, head) for one in judged for head in one.heads]
    heads_right = sum(truth is not None and shows_head(head, truth) for truth, head in heads)
    return Score(
        present=present,
        found=found,
        correct=len(pairs),
        precision=_ratio(len(pairs), found),
        recall=_ratio(len(pairs), present),
        box_iou=_mean(overlap(truth, box) for truth, box in pairs),
        crops=len(crops),
        crops_right=_ratio(right, len(crops)),
        crop_cover=_mean(cover(truth, crop) for truth, crop in of_present),
        crop_iou=_mean(overlap(truth, crop) for truth, crop in of_present),
        head_whole=_mean(float(shows_head(crop, truth)) for truth, crop in of_present),
        sharpness=_mean(value for one in judged for value in one.sharpness),
        heads=len(heads),
        heads_right=_ratio(heads_right, len(heads)),
    )


def overlap(a: Rect, b: Rect) -> float:
    """Intersection over union, 0..1."""
    common = _common_area(a, b)
    return common / (_area(a) + _area(b) - common)


def cover(inner: Rect, outer: Rect) -> float:
    """Share of `inner` that is inside `outer`, 0..1."""
    return _common_area(inner, outer) / _area(inner)


def contains_centre(outer: Rect, inner: Rect) -> bool:
    """Whether the centre of `inner` is inside `outer`."""
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return outer[0] <= x <= outer[2] and outer[1] <= y <= outer[3]


def shows_head(crop: Rect, truth: Rect) -> bool:
    """Whether the place of the head in a true box is inside a crop."""
    left, top, right, bottom = truth
    quarter = (right - left) / 4
    head = (left + quarter, top, right - quarter, top + HEAD_SHARE * (bottom - top))
    return cover(head, crop) >= WHOLE


def _most_confident_first(one: Sighting) -> float:
    return -one.confidence


def _area(rect: Rect) -> float:
    return (rect[2] - rect[0]) * (rect[3] - rect[1])


def _common_area(a: Rect, b: Rect) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    return max(0.0, width) * max(0.0, height)


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _mean(values: Iterable[float]) -> float | None:
    values = list(values)
    return fmean(values) if values else None
