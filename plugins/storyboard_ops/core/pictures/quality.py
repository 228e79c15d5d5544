"""Rate how much a picture teaches: its sharpness, its pixels, and whether it is whole."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from storyboard_ops.domain.image_records import CropFacts, ImageRecord

#: Value of a picture relative to a whole one: when the head may be cut off, and when the character
#: touches another border.
HEAD_CUT, TOUCHES_EDGE = 0.5, 0.8


def sharpness(rgb: NDArray[np.uint8]) -> float:
    """Measure the variance of the Laplacian on half-scale luma of (H, W, 3) RGB, in squared levels.

    Half scale ranks pictures as full scale does, costs less, and ignores the noise of single
    pixels. A picture of one pixel has sharpness 0.
    """
    luma = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    height, width = luma.shape
    half = (max(1, width // 2), max(1, height // 2))
    small = cv2.resize(luma, half, interpolation=cv2.INTER_AREA)
    return round(float(cv2.Laplacian(small, cv2.CV_32F).var()), 4)


def quality(image: ImageRecord) -> float:
    """Multiply sharpness by the pixels cut from the film and by wholeness.

    Pixels that enlarging adds do not count.
    """
    crop = image.crop
    return wholeness(crop) * crop.sharpness * crop.width * crop.height


def wholeness(crop: CropFacts) -> float:
    """Return 1 for a character fully in the picture, less when its head or a side may be cut."""
    if crop.head_cut:
        return HEAD_CUT
    return TOUCHES_EDGE if crop.touches_edge else 1.0


def best_first(images: Iterable[ImageRecord]) -> list[ImageRecord]:
    """Sort by descending quality, with pictures that the rules are unsure of last.

    Ties are sorted by image id, so the order is stable.
    """
    return sorted(images, key=lambda image: (bool(image.unsure), -quality(image), image.image_id))
