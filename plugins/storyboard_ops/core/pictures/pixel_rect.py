"""Whole-pixel rectangles of a displayed frame: origin top left, right and bottom exclusive."""

from __future__ import annotations

import math
from dataclasses import dataclass

from storyboard_ops.domain.image_records import Box

#: Ratios carry rounding noise: 0.1 * 1920 is 192.00000000000003 and must not add a pixel.
_NOISE_DIGITS = 6


@dataclass(frozen=True)
class PixelRect:
    """``left <= x < right``, ``top <= y < bottom``, in pixels."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.left + self.width

    @property
    def bottom(self) -> int:
        return self.top + self.height

    @property
    def area(self) -> int:
        """Square pixels; 0 when the rectangle is empty."""
        return max(0, self.width) * max(0, self.height)

    def intersection(self, other: PixelRect) -> PixelRect:
        """Return the common part; its width or height is 0 when there is none."""
        left, top = max(self.left, other.left), max(self.top, other.top)
        right, bottom = min(self.right, other.right), min(self.bottom, other.bottom)
        return PixelRect(left, top, max(0, right - left), max(0, bottom - top))

    def grown(self, margin: int) -> PixelRect:
        """Return the rectangle with ``margin`` pixels added on every side."""
        return PixelRect(
            self.left - margin, self.top - margin, self.width + 2 * margin, self.height + 2 * margin
        )


def pixels_of(box: Box, frame_width: int, frame_height: int) -> PixelRect:
    """Return all pixels that a box touches, at least one, in a frame of this size in pixels."""
    left, right = _span(box.x, box.right, frame_width)
    top, bottom = _span(box.y, box.bottom, frame_height)
    return PixelRect(left, top, right - left, bottom - top)


def _span(low: float, high: float, size: int) -> tuple[int, int]:
    first = min(size - 1, math.floor(round(low * size, _NOISE_DIGITS)))
    last = min(size, math.ceil(round(high * size, _NOISE_DIGITS)))
    return first, max(first + 1, last)
