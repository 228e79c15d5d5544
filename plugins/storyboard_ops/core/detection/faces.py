"""Cut faces out of a frame for the face search, and estimate the figure below a face.

The search considers only the largest face of a picture, so each face is cut out with a margin, and
parts of other faces in the cut are painted over.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from storyboard_ops.core.pictures.pixel_rect import PixelRect, pixels_of
from storyboard_ops.domain.image_records import Box

#: Margin around a face, as a share of its longer side: the search needs some hair and chin.
SEARCH_MARGIN = 0.4
#: Rekognition accepts pictures from 80 px per side; a face must not fill one completely.
LEAST_SEARCH_SIDE = 120
#: A standing adult in faces (brow to chin), by drawing-school proportions: the figure is seven and
#: a half heads high, a head one and a third faces, the shoulders two heads wide.
HEAD = 4 / 3
FIGURE_HEADS = 7.5
SHOULDER_HEADS = 2.0


def figure_box(face: Box, frame_width: int, frame_height: int) -> Box:
    """Estimate the box of a standing figure with this face, clamped to the frame.

    ``frame_width`` and ``frame_height`` are in pixels: the proportions hold in pixels, not in
    ratios. For a person who sits or is covered, the box is too high; it always contains the face.
    """
    head = HEAD * face.h
    half_width = max(face.w / 2, SHOULDER_HEADS * head * frame_height / frame_width / 2)
    middle, top = face.x + face.w / 2, face.bottom - head
    box = Box.clamped(middle - half_width, top, middle + half_width, top + FIGURE_HEADS * head)
    return face if box is None else box


def search_picture(frame: NDArray[np.uint8], face: Box, others: Sequence[Box]) -> NDArray[np.uint8]:
    """Cut a face out of a frame, (H, W, 3) RGB, so that it is the largest one in the result."""
    height, width = frame.shape[:2]
    own = pixels_of(face, width, height)
    margin = round(SEARCH_MARGIN * max(own.width, own.height))
    cut = own.grown(margin).intersection(PixelRect(0, 0, width, height))
    picture = _part(frame, cut).copy()
    ground = picture.mean(axis=(0, 1)).astype(np.uint8)
    for other in others:
        intruder = pixels_of(other, width, height).intersection(cut)
        _part(picture, _moved(intruder, cut))[:] = ground
    _part(picture, _moved(own, cut))[:] = _part(frame, own)
    return _enlarged(picture)


def _part(picture: NDArray[np.uint8], rect: PixelRect) -> NDArray[np.uint8]:
    return picture[rect.top : rect.bottom, rect.left : rect.right]


def _moved(rect: PixelRect, origin: PixelRect) -> PixelRect:
    return PixelRect(rect.left - origin.left, rect.top - origin.top, rect.width, rect.height)


def _enlarged(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    scale = LEAST_SEARCH_SIDE / min(height, width)
    if scale <= 1:
        return picture
    size = (round(width * scale), round(height * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC), np.uint8)
