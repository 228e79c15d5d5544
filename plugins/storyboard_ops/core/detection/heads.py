"""Locate the head and shoulders of a detected character, and record the evidence.

A face detector gives the face; the head is assumed to reach half a face above it and the shoulders
one face below. Without a face, the place is known only for a standing figure. By artists' canons an
adult is seven to eight heads high and a child or a drawn character three to five, so the upper
third of a standing figure contains the head and shoulders of an adult and the whole head of the
others. Proportions are a guess, so a face must be there: the place is extended to its chin, and
without a face, no place is returned. Nor is one in all other cases.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from storyboard_ops.core.detection.face_search import find_face
from storyboard_ops.core.pictures.arrays import Picture
from storyboard_ops.core.pictures.pixel_rect import PixelRect, pixels_of
from storyboard_ops.domain.image_records import Detection

#: Margins around a face, in heights or widths of the face: above, below, and on each side.
ABOVE, BELOW, BESIDE = 0.5, 1.0, 0.75
#: A figure at least this many times as high as wide is standing.
STANDING = 1.6
UPPER_SHARE = 1 / 3
#: Share of a standing figure in which its face is searched: half of a drawn child is its head.
FACE_SHARE = 0.6
#: Margin below a chin that was found, in heights of the face.
BELOW_CHIN = 0.15


@dataclass(frozen=True)
class HeadPlace:
    """Head and shoulders in a frame, and the evidence."""

    rect: PixelRect
    known_from: Literal["face", "proportion"]


def head_place(detection: Detection, box: PixelRect, frame: Picture) -> HeadPlace | str:
    """Return where the head of a detection is, or why it is unknown.

    ``box`` is the detection within the picture, in pixels of ``frame``, (H, W, 3) RGB; the result
    is inside it or, from a face, exceeds it by the margins above.
    """
    if detection.face is not None:
        height, width = frame.shape[:2]
        return HeadPlace(_around_face(pixels_of(detection.face, width, height)), "face")
    if box.height < STANDING * box.width:
        return "no face was found, and the figure does not stand"
    figure = frame[box.top : box.top + round(FACE_SHARE * box.height), box.left : box.right]
    face = find_face(figure)
    if face is None or face.bottom > figure.shape[0]:
        return "no face was found where the head of a standing figure is"
    height = max(round(UPPER_SHARE * box.height), round(face.bottom + BELOW_CHIN * face.height))
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
