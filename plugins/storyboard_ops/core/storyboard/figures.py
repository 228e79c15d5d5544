"""Cut the figures out of a drawn panel, as training pictures are cut out of frames."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from storyboard_ops.core.dataset.crop_geometry import crop_rect
from storyboard_ops.core.pictures.codec import encode_png, fit_within
from storyboard_ops.core.pictures.pixel_rect import PixelRect, pixels_of
from storyboard_ops.domain.image_records import Box

#: Margin on every side, as a share of the longer side of the box: that of crops by default.
PADDING = 0.12
#: Figures of one panel that are measured, the most confident ones: each costs an embedding.
MOST_FIGURES = 12
#: Frames of each character from which it is painted out, to check the method.
PAINTED_OUT_EACH = 2
#: Longest side, in pixels, of a picture from which characters are painted out, and how far beyond
#: their boxes and from what distance the surroundings are continued there.
PAINTED_SIDE, PAINTED_MARGIN, PAINTED_FROM = 768, 4, 5


def cut_figures(panel: NDArray[np.uint8], places: Iterable[Box]) -> list[bytes]:
    """Cut each place out of a panel, (H, W, 3) uint8 RGB, with a margin, to PNG."""
    height, width = panel.shape[:2]
    whole = PixelRect(0, 0, width, height)
    cuts = [crop_rect(pixels_of(box, width, height), whole, PADDING) for box in places]
    return [
        encode_png(panel[cut.top : cut.bottom, cut.left : cut.right]) for cut in cuts[:MOST_FIGURES]
    ]


def paint_out(picture: NDArray[np.uint8], places: Iterable[Box]) -> NDArray[np.uint8]:
    """Return a picture, (H, W, 3) uint8 RGB, without what is in the places, made smaller.

    What surrounds a place is continued over it.
    """
    small = fit_within(picture, PAINTED_SIDE)
    height, width = small.shape[:2]
    mask = np.zeros((height, width), np.uint8)
    for box in places:
        place = pixels_of(box, width, height).grown(PAINTED_MARGIN)
        mask[max(0, place.top) : place.bottom, max(0, place.left) : place.right] = 1
    return np.asarray(cv2.inpaint(small, mask, PAINTED_FROM, cv2.INPAINT_TELEA), np.uint8)
