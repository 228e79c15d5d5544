"""Find a face in a picture of one figure, by eyes: drawn ones too, which face detectors miss.

Two searches complement each other. OpenCV's frontal-face cascades (Viola and Jones, CVPR 2001) know
people on camera; a place counts when two of them agree. Drawn faces have two dark spots of about
one size, side by side on ground of one colour: their eyes. Profiles and turned heads are not found.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from storyboard_ops.core.pictures.arrays import Luma, Picture
from storyboard_ops.core.pictures.pixel_rect import PixelRect

#: Width, in pixels, at which a figure is searched.
SEARCH_WIDTH = 240
#: Smaller pictures of a figure show no face that could be recognized.
LEAST_SIDE = 24
CASCADES = ("haarcascade_frontalface_default.xml", "haarcascade_frontalface_alt2.xml")
#: Smallest width of a face, and of its distance from the sides, as shares of the figure's width.
LEAST_FACE, LEAST_FROM_SIDE = 0.15, 0.15
#: Least share of the smaller of two cascades' boxes that is in the other.
AGREEMENT = 0.6

#: Distance of two eyes in shares of the figure's width, and in widths of an eye.
EYES_APART, APART_IN_EYES = (0.08, 0.5), (1.8, 8.0)
#: Two eyes: height difference by distance, ratio of sizes, difference of colours around them (Lab).
MOST_TILT, MOST_UNLIKE, MOST_OTHER_COLOUR = 0.3, 2.0, 30.0
#: Side of the largest glint in an eye, in pixels.
GLINT = 5
#: Levels of lightness by which an eye is darker than what is around it.
LEAST_DARKER = 25.0
#: The face around two eyes, in distances between them: above and below their middle, beside it.
ABOVE_EYES, BELOW_EYES, BESIDE_MIDDLE = 0.9, 1.5, 1.1

_LOCAL = threading.local()


@dataclass(frozen=True)
class _Spot:
    """A dark spot: its centre and width in pixels."""

    x: float
    y: float
    width: float


def find_face(figure: Picture) -> PixelRect | None:
    """Return the place of a face in a picture of one figure, (H, W, 3) RGB; None where none is.

    Found by its eyes, a face reaches from brow to chin. It may exceed the picture.
    """
    height, width = figure.shape[:2]
    if min(height, width) < LEAST_SIDE:
        return None
    scale = SEARCH_WIDTH / width
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    size = (SEARCH_WIDTH, max(1, round(height * scale)))
    small = np.asarray(cv2.resize(figure, size, interpolation=method), np.uint8)
    found = _by_eyes(small) or _by_cascades(small)
    return None if found is None else PixelRect(*(round(side / scale) for side in found))


_Place = tuple[float, float, float, float]  # left, top, width, height


def _by_cascades(figure: Picture) -> _Place | None:
    """Return the largest face that both cascades see."""
    grey = cv2.equalizeHist(cv2.cvtColor(figure, cv2.COLOR_RGB2GRAY))
    least = round(LEAST_FACE * SEARCH_WIDTH)
    first, second = (
        [PixelRect(*map(int, box)) for box in one.detectMultiScale(grey, 1.2, 3, 0, (least, least))]
        for one in _cascades()
    )
    agreed = [one for one in first if any(_agree(one, other) for other in second)]
    best = max((one for one in agreed if _is_inside(one)), key=lambda one: one.area, default=None)
    return None if best is None else (best.left, best.top, best.width, best.height)


def _agree(one: PixelRect, other: PixelRect) -> bool:
    return one.intersection(other).area >= AGREEMENT * min(one.area, other.area)


def _is_inside(face: PixelRect) -> bool:
    middle = face.left + face.width / 2
    return min(middle, SEARCH_WIDTH - middle) >= LEAST_FROM_SIDE * SEARCH_WIDTH


def _cascades() -> tuple[cv2.CascadeClassifier, ...]:
    # A classifier keeps buffers between calls, so each thread needs its own.
    if not hasattr(_LOCAL, "cascades"):
        folder = Path(cv2.__file__).parent / "data"
        _LOCAL.cascades = tuple(cv2.CascadeClassifier(str(folder / name)) for name in CASCADES)
    loaded: tuple[cv2.CascadeClassifier, ...] = _LOCAL.cascades
    return loaded


def _by_eyes(figure: Picture) -> _Place | None:
    """Return the face around the likeliest pair of eyes."""
    lab = cv2.cvtColor(figure, cv2.COLOR_RGB2LAB).astype(np.float32)
    luma = np.asarray(cv2.cvtColor(figure, cv2.COLOR_RGB2GRAY), np.uint8)
    without_glints = cv2.morphologyEx(luma, cv2.MORPH_OPEN, np.ones((GLINT, GLINT), np.uint8))
    spots = [*_dark_spots(luma), *_dark_spots(np.asarray(without_glints, np.uint8))]
    pairs = ((_likeness(one, other, lab), one, other) for one, other in combinations(spots, 2))
    best = max(pairs, key=lambda pair: pair[0], default=None)
    if best is None or best[0] <= 0:
        return None
    _, one, other = best
    x, y, apart = (one.x + other.x) / 2, (one.y + other.y) / 2, abs(one.x - other.x)
    return (
        x - BESIDE_MIDDLE * apart,
        y - ABOVE_EYES * apart,
        2 * BESIDE_MIDDLE * apart,
        (ABOVE_EYES + BELOW_EYES) * apart,
    )


def _dark_spots(luma: Luma) -> Iterator[_Spot]:
    """Yield round dark spots, of up to about a tenth of the width, on lighter ground."""
    rules = cv2.SimpleBlobDetector.Params()
    rules.minThreshold, rules.maxThreshold, rules.thresholdStep = 20, 200, 12
    rules.minRepeatability, rules.minDistBetweenBlobs = 2, 4
    rules.filterByColor, rules.blobColor = True, 0
    rules.filterByArea, rules.minArea, rules.maxArea = True, 12, (0.11 * SEARCH_WIDTH) ** 2
    rules.filterByCircularity, rules.minCircularity = True, 0.5
    rules.filterByInertia, rules.minInertiaRatio = True, 0.2
    rules.filterByConvexity, rules.minConvexity = True, 0.75
    for spot in cv2.SimpleBlobDetector.create(rules).detect(luma):
        yield _Spot(spot.pt[0], spot.pt[1], spot.size)


def _likeness(one: _Spot, other: _Spot, lab: npt.NDArray[np.float32]) -> float:
    """Rate how much two spots look like a pair of eyes; 0 when they cannot be one."""
    apart, tilt = abs(one.x - other.x), abs(one.y - other.y)
    smaller, larger = sorted((one.width, other.width))
    width, middle = (smaller + larger) / 2, (one.x + other.x) / 2
    fits = (
        EYES_APART[0] * SEARCH_WIDTH <= apart <= EYES_APART[1] * SEARCH_WIDTH
        and APART_IN_EYES[0] * width <= apart <= APART_IN_EYES[1] * width
        and tilt <= MOST_TILT * apart
        and larger <= MOST_UNLIKE * smaller
        and min(middle, SEARCH_WIDTH - middle) >= LEAST_FROM_SIDE * SEARCH_WIDTH
    )
    if not fits:
        return 0.0
    grounds = [_ground(spot, lab) for spot in (one, other)]
    unlike = float(np.abs(grounds[0] - grounds[1]).max())
    darker = min(
        float(ground[0] - lab[int(spot.y), int(spot.x), 0])
        for spot, ground in zip((one, other), grounds, strict=True)
    )
    if unlike > MOST_OTHER_COLOUR or darker < LEAST_DARKER:
        return 0.0
    return darker * width / (1 + unlike / 20) / (1 + 3 * tilt / apart)


def _ground(spot: _Spot, lab: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the commonest colour around a spot, (3,) Lab: the median in a ring."""
    centre, radius = (round(spot.x), round(spot.y)), spot.width / 2
    ring = np.zeros(lab.shape[:2], np.uint8)
    cv2.circle(ring, centre, round(1.6 * radius) + 2, 255, -1)
    cv2.circle(ring, centre, round(radius) + 1, 0, -1)
    around = lab[ring > 0]
    return np.asarray(np.median(around, axis=0) if len(around) else np.zeros(3), np.float32)
