"""Cut a figure out of its frame, with a little of what is around it."""

from __future__ import annotations

from storyboard_ops.core.pictures.arrays import Picture
from storyboard_ops.core.pictures.pixel_rect import PixelRect, pixels_of
from storyboard_ops.domain.image_records import Box

#: Margin on every side, as a share of the longer side of the box.
MARGIN = 0.06


def cut_figure(frame: Picture, box: Box) -> Picture:
    """Return the part of a frame, (H, W, 3) uint8 RGB, that shows a figure."""
    height, width = frame.shape[:2]
    rect = pixels_of(box, width, height)
    margin = round(MARGIN * max(rect.width, rect.height))
    cut = rect.grown(margin).intersection(PixelRect(0, 0, width, height))
    return frame[cut.top : cut.bottom, cut.left : cut.right]
