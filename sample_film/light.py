"""How light falls off around a lamp."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

FloatImage = NDArray[np.float32]

COARSE = 4  # light is smooth, so it is computed on every fourth pixel


def falloff(
    shape: tuple[int, int], centre: tuple[float, float], reach: float, steep: float
) -> FloatImage:
    """exp(-steep * (distance / reach)^2) for every pixel of (height, width); centre is x, y."""
    height, width = shape
    rows = (
        np.arange(0, height + COARSE, COARSE, dtype=np.float32) + COARSE / 2 - centre[1]
    ) / reach
    columns = (
        np.arange(0, width + COARSE, COARSE, dtype=np.float32) + COARSE / 2 - centre[0]
    ) / reach
    coarse = np.exp(-steep * rows**2)[:, None] * np.exp(-steep * columns**2)[None, :]
    fine = cv2.resize(coarse, None, fx=COARSE, fy=COARSE, interpolation=cv2.INTER_LINEAR)
    return fine[:height, :width].astype(np.float32, copy=False)
