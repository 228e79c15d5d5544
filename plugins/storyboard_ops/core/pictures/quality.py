"""Rate how much a picture teaches: sharpness, exposure, pixels, share of the figure seen.

The rating decides which of near-duplicates is kept, and which pictures stay under a cap.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import cv2
import numpy as np

from storyboard_ops.core.pictures.arrays import Luma, Picture
from storyboard_ops.domain.image_records import CropFacts, ImageRecord

#: Value of a picture relative to a whole one: when the head may be cut off, and when the character
#: touches another border.
HEAD_CUT, TOUCHES_EDGE = 0.5, 0.8
#: Side of a square with as many pixels as training uses: more add nothing.
ENOUGH_PIXELS = 1024

Rank = tuple[bool, float, float, str]


def sharpness(picture: Picture) -> float:
    """Measure the variance of the Laplacian on half-scale luma of a picture, in squared levels.

    Half scale ranks pictures as full scale does, costs less, and ignores the noise of single
    pixels. A picture of one pixel has sharpness 0.
    """
    luma = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    return round(luma_sharpness(half_scale(luma)), 4)


def luma_sharpness(luma: Luma) -> float:
    """Measure the variance of the Laplacian (Pech-Pacheco et al., 2000), in squared levels."""
    _, deviation = cv2.meanStdDev(cv2.Laplacian(luma, cv2.CV_16S))
    return float(deviation[0, 0]) ** 2


def half_scale(luma: Luma) -> Luma:
    """Average luma to half the width and height."""
    height, width = luma.shape
    half = (max(1, width // 2), max(1, height // 2))
    return np.asarray(cv2.resize(luma, half, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def quality(image: ImageRecord) -> float:
    """Multiply the sharpness against the shot by exposure, share of the figure seen, and pixels.

    A picture as sharp as its shot, well exposed, of a whole figure with enough pixels has 1; the
    sharpest can reach 2. Pixels that enlarging adds do not count.
    """
    crop = image.crop
    sharp = 2 * crop.against_shot / (1 + crop.against_shot)
    pixels = min(1.0, math.sqrt(crop.width * crop.height) / ENOUGH_PIXELS)
    return sharp * crop.exposure * wholeness(crop) * pixels


def wholeness(crop: CropFacts) -> float:
    """Return the share of a figure that is seen; less when its head or a side may be cut."""
    if crop.head_cut:
        return HEAD_CUT * crop.seen
    return (TOUCHES_EDGE if crop.touches_edge else 1.0) * crop.seen


def best_first(images: Iterable[ImageRecord]) -> list[ImageRecord]:
    """Sort by descending quality, with pictures that the rules are unsure of last.

    Equal quality is sorted by sharpness, then by image id, so the order is stable.
    """
    return sorted(images, key=rank)


def rank(image: ImageRecord) -> Rank:
    """Return what ``best_first`` sorts by; the best picture has the lowest."""
    return bool(image.unsure), -quality(image), -image.crop.sharpness, image.image_id
