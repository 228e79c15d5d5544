"""Recognize a double exposure: a sample in the middle of a cross-fade of two shots.

In a cross-fade a picture is the same mixture, everywhere, of the pictures before and after it.
Movement is not: what moves is in a third place. A light that changes is a mixture too, but then the
pictures before and after show the same.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from storyboard_ops.core.pictures.arrays import Picture
from storyboard_ops.core.pictures.shape import thumbnail

#: Width and height of the pictures that are compared: movement of a few pixels disappears.
LOOK_SIZE = (32, 18)
#: Share of each of the two pictures in a mixture; with less, the other one is hardly seen.
LEAST_SHARE = 0.2
#: Largest difference from the mixture, by the difference of the two pictures, and the correlation
#: from which the two show the same. Views of alike layout (sky above ground) may be correlated more
#: when the mixture is closer and their details are not the same either.
MOST_APART, SAME_PICTURE = 0.27, 0.45
MOST_APART_ALIKE, SAME_LAYOUT = 0.2, 0.7
#: Reach of the blur, in pixels of a look, that details are what remains of.
DETAIL_REACH = 3
#: A picture whose levels deviate by less than this is a plain ground: a fade to black or white.
LEAST_CONTRAST = 10.0


def look(picture: Picture) -> Picture:
    """Return what ``is_double_exposure`` compares of an RGB picture: (18, 32, 3)."""
    soft = cv2.GaussianBlur(thumbnail(picture, 64, 36), (0, 0), 1.5)
    return thumbnail(np.asarray(soft, np.uint8), *LOOK_SIZE)


def is_double_exposure(before: Picture, here: Picture, after: Picture) -> bool:
    """Return whether a picture is a mixture of the two around it, each given by its ``look``."""
    first, mixed, second = (one.astype(np.float32) for one in (before, here, after))
    if min(_contrast(first), _contrast(second)) < LEAST_CONTRAST:
        return False
    change = first - second
    length = float(np.linalg.norm(change))
    share = float(((mixed - second) * change).sum()) / length**2 if length else 0.0
    if not LEAST_SHARE <= share <= 1 - LEAST_SHARE:
        return False
    apart = float(np.linalg.norm(mixed - second - share * change)) / length
    alike = _correlation(first, second)
    if alike <= SAME_PICTURE:
        return apart <= MOST_APART
    details = _correlation(_details(first), _details(second))
    return max(alike, details) <= SAME_LAYOUT and apart <= MOST_APART_ALIKE


Floats = npt.NDArray[np.float32]


def _contrast(picture: Floats) -> float:
    return float(_centred(picture).std())


def _correlation(one: Floats, other: Floats) -> float:
    one, other = _centred(one), _centred(other)
    return float((one * other).sum() / (np.linalg.norm(one) * np.linalg.norm(other)))


def _details(picture: Floats) -> Floats:
    return np.asarray(picture - cv2.GaussianBlur(picture, (0, 0), DETAIL_REACH), np.float32)


def _centred(picture: Floats) -> Floats:
    return np.asarray(picture - picture.mean(axis=(0, 1)), np.float32)
