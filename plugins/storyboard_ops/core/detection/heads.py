"""Where the head and shoulders of a detected character are, and how that is known.

A detector that looks for faces says where the face is; the head is taken to reach half a face above
it and the shoulders one below. Without a face there is one more case in which the place is known
well enough: a figure that stands. Artists' canons give an adult seven to eight heads and a child or
a drawn character three to five, so the upper third of a standing figure holds head and shoulders
of the one and the whole head of the other. Of anything else, nothing is claimed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from storyboard_ops.core.pictures.pixel_rect import PixelRect, pixels_of
from storyboard_ops.domain.image_records import Detection

#: What is added to a face, in heights or widths of the face: above, below, and on either side.
ABOVE, BELOW, BESIDE = 0.5, 1.0, 0.75
#: A figure at least this many times as high as wide stands.
STANDING = 1.6
UPPER_SHARE = 1 / 3


@dataclass(frozen=True)
class HeadPlace:
    """Head and shoulders in a frame, and what says so."""

    rect: PixelRect
    known_from: Literal["face", "proportion"]


def head_place(
    detection: Detection, box: PixelRect, frame_size: tuple[int, int]
) -> HeadPlace | str:
    """Return where the head of a detection is, or why that is not known.

    ``box`` is the detection within the picture, in pixels; what is answered lies inside of it or,
    from a face, around it by the figures above. ``frame_size`` is (width, height).
    """
    if detection.face is not None:
        return HeadPlace(_around_face(pixels_of(detection.face, *frame_size)), "face")
    if box.height < STANDING * box.width:
        return "no face was found, and the figure does not stand"
    height = max(1, round(UPPER_SHARE * box.height))
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
