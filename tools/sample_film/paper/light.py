"""How light falls off around a lamp."""

from __future__ import annotations

import cv2
import numpy as np

from tools.sample_film.paper.images import FloatImage

COARSE = 4  # light is smooth, so it is computed on every fourth pixel


def falloff(
    shape: tuple[int, int], centre: tuple[float, float], reach: float, steep: float
) -> FloatImage:
    """exp(-steep * (distance / reach)^2) for every pixel of (height, width); centre is x, y."""
    height, width = shape
    rows, columns = (
        (np.arange(0, size + COARSE, COARSE, dtype=np.float32) + COARSE / 2 - middle) / reach
        for size, middle in ((height, centre[1]), (width, centre[0]))
    )
    coarse = np.exp(-steep * rows**2)[:, None] * np.exp(-steep * columns**2)[None, :]
    fine = cv2.resize(coarse, None, fx=COARSE, fy=COARSE, interpolation=cv2.INTER_LINEAR)
    light: FloatImage = fine[:height, :width].astype(np.float32, copy=False)
    return light
