"""How good a picture is for training: sharp, and with many pixels of film in it."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from storyboard_ops.domain.image_records import CropFacts, ImageRecord

#: How much a picture is worth beside a whole one whose head may be cut off, or which runs into
#: another border: as one of half, or of four fifths of the pixels.
HEAD_CUT, TOUCHES_EDGE = 0.5, 0.8


def sharpness(rgb: NDArray[np.uint8]) -> float:
    """Variance of the Laplacian on half-scale luma of (H, W, 3) RGB, in squared 0..255 units.

    Half the scale ranks pictures like the full one and is sixteen times cheaper; it also looks
    past the noise of a single pixel. A picture of one pixel has sharpness 0.
    """
    luma = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    height, width = luma.shape
    half = (max(1, width // 2), max(1, height // 2))
    small = cv2.resize(luma, half, interpolation=cv2.INTER_AREA)
    return round(float(cv2.Laplacian(small, cv2.CV_32F).var()), 4)


def quality(image: ImageRecord) -> float:
    """Sharpness times the pixels cut from the film, less for what is not all there.

    What enlarging adds counts for nothing.
    """
    crop = image.crop
    return wholeness(crop) * crop.sharpness * crop.width * crop.height


def wholeness(crop: CropFacts) -> float:
    """1 for a character that is all in the picture, less when its head or a side may be cut off."""
    if crop.head_cut:
        return HEAD_CUT
    return TOUCHES_EDGE if crop.touches_edge else 1.0


def best_first(images: Iterable[ImageRecord]) -> list[ImageRecord]:
    """Sort by falling quality, pictures that the rules are unsure of behind all others.

    Equal quality comes in the order of the image ids, so that it never varies.
    """
    return sorted(images, key=lambda image: (bool(image.unsure), -quality(image), image.image_id))
