"""Describe a figure by its colours, so that the same character is alike in other shots.

A vector has three parts: the shares of 31 colours in the whole figure, in its upper part and in its
lower part. The ground around the figure hardly counts. It is made for telling costumes apart, and
knows no faces: two people in the same uniform are alike.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from storyboard_ops.core.pictures.arrays import Picture
from storyboard_ops.core.pictures.pixel_rect import pixels_of
from storyboard_ops.core.production.figures import Figure

#: Pixels per side at which a figure is described.
SIDE = 64
#: What a pixel beside the figure counts, where one of the figure counts 1.
GROUND = 0.02
#: The rows that a part takes, as shares of the height, and its weight.
PARTS = ((0.0, 1.0, 1.0), (0.0, 0.44, 0.6), (0.44, 1.0, 0.6))
#: Distance in Lab at which a pixel still counts for a colour, and the weight of lightness in it.
SPREAD, LIGHTNESS = 15.0, 0.5

Floats = NDArray[np.float32]


def describe_figure(frame: Picture, figure: Figure) -> Floats:
    """Return a vector (93,) of length 1 for a figure of a frame, (H, W, 3) uint8 RGB."""
    height, width = frame.shape[:2]
    rect = pixels_of(figure.box, width, height)
    cut = frame[rect.top : rect.bottom, rect.left : rect.right]
    size = (SIDE, SIDE)
    lab = cv2.cvtColor(
        cv2.resize(cut, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255,
        cv2.COLOR_RGB2LAB,
    )
    shares = _colour_shares(np.asarray(lab.reshape(-1, 3), np.float32)).reshape(SIDE, SIDE, -1)
    cells = cv2.resize(figure.cells.astype(np.float32), size)
    weighed = shares * (cells + GROUND)[:, :, None]
    parts = []
    for start, end, weight in PARTS:
        total = weighed[round(start * SIDE) : round(end * SIDE)].sum(axis=(0, 1))
        parts.append(np.sqrt(weight * total / total.sum()))
    vector = np.concatenate(parts)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def _colour_shares(lab: Floats) -> Floats:
    """Return for each pixel, (N, 3) Lab, how much it counts for each colour; rows sum to 1."""
    apart = (lab[:, None] - _colours()[None]) ** 2 * np.array([LIGHTNESS, 1, 1], np.float32)
    # Relative to the nearest colour, so that a pixel far from all of them counts for that one.
    distance = apart.sum(axis=2)
    distance -= distance.min(axis=1, keepdims=True)
    shares = np.exp(-distance / (2 * SPREAD**2))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True), np.float32)


@lru_cache(maxsize=1)
def _colours() -> Floats:
    """Return the colours, (31, 3) Lab: five greys, and three rings of hues."""
    greys = [(lightness, 0.0, 0.0) for lightness in (8, 28, 48, 68, 88)]
    rings = [
        (lightness, chroma * np.cos(hue), chroma * np.sin(hue))
        for lightness, chroma, count in ((32, 26, 8), (70, 26, 8), (55, 55, 10))
        for hue in np.arange(count) * (2 * np.pi / count)
    ]
    return np.array(greys + rings, np.float32)
