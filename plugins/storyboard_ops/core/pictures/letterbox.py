"""Find the picture inside a letterboxed or pillarboxed frame."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from storyboard_ops.core.pictures.pixel_rect import PixelRect

#: Highest luma of a bar: video black is 0, or 16 where limited range was decoded as full range.
BLACK_LUMA = 20
#: Bars are flat: JPEG adds at most this many levels to the darkest pixel; a dark picture has more.
NOISE_LEVELS = 5
#: A row belongs to a bar while few of its pixels are lit, by noise or a burnt-in time code.
MAX_LIT_SHARE = 0.02
#: JPEG smears the edge of the picture over one block, 8 rows, of the bar.
SOFT_ROWS = 8
#: A smaller share of picture is a dark frame with a light in it, not a picture between bars.
MIN_PICTURE_SHARE = 0.3


def picture_area(frame: NDArray[np.uint8]) -> PixelRect:
    """Return the part of a frame, (H, W, 3) uint8 RGB, between its black bars.

    Bars are cut only as far as they are symmetric, as letterboxes are: a night sky above a lit
    street belongs to the picture. A frame that is entirely dark is returned whole.
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
    """Count the rows (or columns) of the bar at each end, given the share of lit pixels in each."""
    bar = min(_dark_run(lit_share), _dark_run(lit_share[::-1]))
    return bar if 2 * bar < len(lit_share) else 0


def _dark_run(lit_share: NDArray[np.float64]) -> int:
    dark = _leading(lit_share <= MAX_LIT_SHARE)
    if dark == 0:
        return 0
    return dark + _leading(lit_share[dark : dark + SOFT_ROWS] < 0.5)


def _leading(flags: NDArray[np.bool_]) -> int:
    """Count the flags that are set before the first that is not."""
    return int(np.argmin(flags)) if not flags.all() else len(flags)
