"""Lay pictures with transparent parts on one neutral ground.

Under transparent pixels a file has any colours: black, green, what was there before the figure was
cut out. Nobody sees them, so no model may be shown them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: Grey level of the ground, of 255: neither dark nor light lines vanish on it.
GROUND = 128
#: How reports name it.
GROUND_NAME = "mid-grey"
#: Rows that are laid at once: a large picture needs little memory beside itself.
_ROWS = 64


def lay_on_ground(
    rgb: NDArray[np.uint8] | NDArray[np.uint16], alpha: NDArray[np.uint8] | NDArray[np.uint16]
) -> NDArray[np.uint8]:
    """Return (H, W, 3) uint8 over the ground.

    ``rgb``: (H, W, 3) or grey as (H, W), not multiplied by alpha; ``alpha``: (H, W), 0 transparent.
    Both have the full range of their type.
    """
    height, width = alpha.shape
    laid = np.empty((height, width, 3), np.uint8)
    most_colour, most_alpha = (np.iinfo(one.dtype).max for one in (rgb, alpha))
    for top in range(0, height, _ROWS):
        rows = slice(top, top + _ROWS)
        colour = rgb[rows].astype(np.float32).reshape(-1, width, 3 if rgb.ndim == 3 else 1)
        share = (alpha[rows].astype(np.float32) / most_alpha)[..., np.newaxis]
        laid[rows] = np.rint(colour * (255 / most_colour) * share + GROUND * (1 - share))
    return laid
