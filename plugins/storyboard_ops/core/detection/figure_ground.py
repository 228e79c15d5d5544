"""Find a figure on a plain background, as on a model sheet."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from storyboard_ops.core.pictures.pixel_rect import PixelRect

#: Levels (of 255) within which the left and right borders of a plain ground stay.
FLAT_LEVELS = 8
#: Levels by which a figure differs from the ground that is expected behind it.
FIGURE_LEVELS = 24
#: Smallest share of the picture that a figure fills; less is a speck.
LEAST_SHARE = 0.02


def figure_rect(picture: NDArray[np.uint8]) -> PixelRect:
    """Return the part of a picture, (H, W, 3) RGB, that a figure on a plain background fills.

    The background may be shaded from top to bottom and from side to side. For a picture whose
    borders are not plain, such as a frame of a film, the whole picture is returned.
    """
    height, width = picture.shape[:2]
    whole = PixelRect(0, 0, width, height)
    ground = _ground(picture.astype(np.float32))
    if ground is None:
        return whole
    apart = (np.abs(picture - ground).max(axis=2) > FIGURE_LEVELS).astype(np.uint8)
    apart = cv2.morphologyEx(apart, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    if apart.mean() < LEAST_SHARE:
        return whole
    left, top, wide, high = cv2.boundingRect(apart)
    return PixelRect(left, top, wide, high)


def _ground(picture: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """Interpolate every row between its borders; None when the borders are not plain."""
    sides = [
        cv2.blur(np.ascontiguousarray(side), (1, 15))
        for side in (picture[:, :2].mean(axis=1, keepdims=True),
                     picture[:, -2:].mean(axis=1, keepdims=True))
    ]  # fmt: skip
    left, right = (side.reshape(-1, 1, 3) for side in sides)
    rough = max(
        float(np.abs(picture[:, :2] - left).max()), float(np.abs(picture[:, -2:] - right).max())
    )
    if rough > FLAT_LEVELS or float(np.abs(left - right).max()) > 3 * FLAT_LEVELS:
        return None
    across = np.linspace(0, 1, picture.shape[1], dtype=np.float32).reshape(1, -1, 1)
    return np.asarray(left * (1 - across) + right * across, np.float32)
