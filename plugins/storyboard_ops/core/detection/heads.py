"""Locate the head and shoulders of a detected character, and record the evidence.

A face detector gives the face; the head is assumed to reach half a face above it and the shoulders
one face below. Without a face, the place is known only for a standing figure. By artists' canons an
adult is seven to eight heads high and a child or a drawn character three to five, so the upper
third of a standing figure contains the head and shoulders of an adult and the whole head of the
others. In all other cases, no place is returned.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from storyboard_ops.core.pictures.pixel_rect import PixelRect, pixels_of
from storyboard_ops.domain.image_records import Detection

#: Margins around a face, in heights or widths of the face: above, below, and on each side.
ABOVE, BELOW, BESIDE = 0.5, 1.0, 0.75
#: A figure at least this many times as high as wide is standing.
STANDING = 1.6
UPPER_SHARE = 1 / 3


@dataclass(frozen=True)
class HeadPlace:
    """Head and shoulders in a frame, and the evidence."""

    rect: PixelRect
    known_from: Literal["face", "proportion"]


def head_place(
    detection: Detection, box: PixelRect, frame_size: tuple[int, int]
) -> HeadPlace | str:
    """Return where the head of a detection is, or why it is unknown.

    ``box`` is the detection within the picture, in pixels; the result is inside it or, from a
    face, exceeds it by the margins above. ``frame_size`` is (width, height).
    """
    if detection.face is not None:
        return HeadPlace(_around_face(pixels_of(detection.face, *frame_size)), "face")
    if box.height < STANDING * box.width:
        return "no face was found, and the figure does not stand"
    height = round(UPPER_SHARE * box.height)
    return HeadPlace(PixelRect(box.left, box.top, box.width, height), "proportion")


def _around_face(face: PixelRect) -> PixelRect:
    top = face.top - round(ABOVE * face.height)
    left = face.left - round(BESIDE * face.width)
    return PixelRect(
        left,
        top,
        face.width + 2 * round(BESIDE * face.width),
        face.bottom + round(BELOW * face.height) - top,
    )
