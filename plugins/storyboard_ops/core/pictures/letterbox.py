"""Where the picture is inside a frame: black bars above and below, or left and right, excluded."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from storyboard_ops.core.pictures.pixel_rect import PixelRect

#: Luma of a bar at the most: video black is 0, or 16 where the range was taken for the full one.
BLACK_LUMA = 20
#: Bars are flat. Levels above the darkest pixel that JPEG adds to them; dark picture has more.
NOISE_LEVELS = 5
#: A row belongs to a bar while hardly any of its pixels is lit: noise, a burnt-in time code.
MAX_LIT_SHARE = 0.02
#: JPEG smears the edge of the picture over one block of 8 rows of the bar.
SOFT_ROWS = 8
#: Less picture than this is a dark frame with a light in it, not a picture between bars.
MIN_PICTURE_SHARE = 0.3


def picture_area(frame: NDArray[np.uint8]) -> PixelRect:
    """Return the part of a frame, (H, W, 3) uint8 RGB, that lies between its black bars.

    Bars are cut only as far as they are symmetric, as every letterbox is: a night sky above a lit
    street is picture. A frame that is dark all over is returned whole.
    """
    luma = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
    height, width = luma.shape
    lit = luma > min(int(luma.min()) + NOISE_LEVELS, BLACK_LUMA)
    bar_y = _bar(lit.mean(axis=1))
    bar_x = _bar(lit[bar_y : height - bar_y].mean(axis=0))
    area = PixelRect(bar_x, bar_y, width - 2 * bar_x, height - 2 * bar_y)
    if area.area < MIN_PICTURE_SHARE * width * height:
        return PixelRect(0, 0, width, height)
    return area


def _bar(lit_share: NDArray[np.float64]) -> int:
    """Rows (or columns) of the bar at either end, given the share of lit pixels in each."""
    bar = min(_dark_run(lit_share), _dark_run(lit_share[::-1]))
    return bar if 2 * bar < len(lit_share) else 0


def _dark_run(lit_share: NDArray[np.float64]) -> int:
    dark = _leading(lit_share <= MAX_LIT_SHARE)
    if dark == 0:
        return 0
    return dark + _leading(lit_share[dark : dark + SOFT_ROWS] < 0.5)


def _leading(flags: NDArray[np.bool_]) -> int:
    """How many flags in a row are set from the start."""
    return int(np.argmin(flags)) if not flags.all() else len(flags)
