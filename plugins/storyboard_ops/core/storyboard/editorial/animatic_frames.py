"""The pictures of an animatic: panels on one canvas, with number and timecode burnt in.

Arrays are (H, W, 3) uint8, RGB.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from storyboard_ops.core.pictures.codec import decode_rgb
from storyboard_ops.core.storyboard.editorial.cut import Cut, CutClip
from storyboard_ops.domain.error_tree import BadInput

Picture = NDArray[np.uint8]

#: The largest animatic, in px: full HD, upright or not. Offices look at it, nobody cuts with it.
LONGEST_SIDE, SHORTEST_SIDE = 1920, 1080
#: Height of the strip with number and timecode, as a share of the picture's.
STRIP = 1 / 16
SMALLEST_STRIP = 16  # px
_DIMMED = 0.35
_BLANK, _INK = (28, 28, 28), (240, 240, 240)


def animatic_size(width: int, height: int) -> tuple[int, int]:
    """Return the largest even size of these proportions within full HD, never enlarged."""
    scale = min(1.0, LONGEST_SIDE / max(width, height), SHORTEST_SIDE / max(1, min(width, height)))
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


@dataclass(frozen=True)
class AnimaticFrames:
    """Draws the frames of a cut, one after the other."""

    cut: Cut
    burn_in: bool  # number and timecode

    @cached_property
    def size(self) -> tuple[int, int]:
        """Width and height in px, both even."""
        return animatic_size(*self.cut.size)

    def still(self, clip: CutClip, encoded: bytes | None) -> Picture:
        """Return the picture of a panel on the canvas; a dark one that says so where it has none.

        ``encoded``: None when it cannot be read.
        """
        try:
            picture = decode_rgb(encoded) if encoded else None
        except BadInput:
            picture = None
        return self._blank(clip) if picture is None else _on_canvas(picture, self.size)

    def frames(self, clip: CutClip, still: Picture) -> Iterator[Picture]:
        """Yield the frames of a panel. A frame is valid until the next one is drawn."""
        if not self.burn_in:
            yield from (still for _ in range(clip.frames))
            return
        frame = still.copy()
        strip = self._strip(clip, frame)
        top = frame.shape[0] - strip.shape[0]
        for number in range(clip.frames):
            label = Image.fromarray(strip)
            timecode = self.cut.timecode(clip.start + number)
            margin = strip.shape[0] // 2
            ImageDraw.Draw(label).text(
                (frame.shape[1] - margin, strip.shape[0] // 2),
                timecode,
                font=self._font,
                fill=_INK,
                anchor="rm",
            )
            frame[top:] = np.asarray(label)
            yield frame

    @cached_property
    def _strip_height(self) -> int:
        return min(self.size[1], max(SMALLEST_STRIP, round(self.size[1] * STRIP)))

    @cached_property
    def _font(self) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
        return ImageFont.load_default(size=self._strip_height * 0.6)

    def _strip(self, clip: CutClip, frame: Picture) -> Picture:
        """Return the lower edge of a picture, dimmed, with the panel's number at its left."""
        strip = (frame[-self._strip_height :] * _DIMMED).astype(np.uint8)
        label = Image.fromarray(strip)
        middle = self._strip_height // 2
        ImageDraw.Draw(label).text(
            (middle, middle), clip.name, font=self._font, fill=_INK, anchor="lm"
        )
        return np.asarray(label)

    def _blank(self, clip: CutClip) -> Picture:
        blank = Image.new("RGB", self.size, _BLANK)
        middle = self.size[0] // 2, self.size[1] // 2
        text = f"{clip.name} has no picture"
        ImageDraw.Draw(blank).text(middle, text, font=self._font, fill=_INK, anchor="mm")
        return np.asarray(blank)


def _on_canvas(picture: Picture, size: tuple[int, int]) -> Picture:
    """Fit a picture into a canvas of (width, height), black around it where it is narrower."""
    height, width = picture.shape[:2]
    if (width, height) == size:
        return picture
    scale = min(size[0] / width, size[1] / height)
    fitted = min(size[0], max(1, round(width * scale))), min(size[1], max(1, round(height * scale)))
    shown = cv2.resize(picture, fitted, interpolation=cv2.INTER_AREA)
    canvas = np.zeros((size[1], size[0], 3), np.uint8)
    left, top = (size[0] - fitted[0]) // 2, (size[1] - fitted[1]) // 2
    canvas[top : top + fitted[1], left : left + fitted[0]] = shown
    return canvas
