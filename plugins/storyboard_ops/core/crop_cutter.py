"""From a frame and a detection to the PNG of a crop and the facts of how it was cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from storyboard_ops.core.crop_geometry import (
    OutputSize,
    crop_rect,
    framing_of,
    head_cut,
    output_size,
    overlaps,
    touches_edge,
)
from storyboard_ops.core.letterbox_bars import picture_area
from storyboard_ops.core.picture_codec import encode_png
from storyboard_ops.core.picture_quality import sharpness
from storyboard_ops.core.pixel_rect import PixelRect, pixels_of
from storyboard_ops.domain.image_records import CropFacts, Detection, Drop
from storyboard_ops.domain.manifest_codec import sha256_hex


@dataclass(frozen=True)
class Crop:
    """One crop: the PNG, its size in pixels, and where it comes from."""

    png: bytes
    width: int
    height: int
    facts: CropFacts

    @property
    def image_id(self) -> str:
        """SHA-256 of the PNG bytes: equal pictures share an id."""
        return sha256_hex(self.png)


@dataclass(frozen=True)
class CropRules:
    """The run's parameters for crops."""

    padding: float  # margin on every side, as a share of the detection's longer side
    max_enlargement: float  # 1.0: never enlarge


def cut_crops(
    frame: NDArray[np.uint8], detections: Sequence[Detection], rules: CropRules
) -> list[Crop | Drop]:
    """Cut every detection of one frame, (H, W, 3) uint8 RGB; answers in the detections' order.

    A detection that gives no picture is answered with the reason: "outside the picture" when its
    box lies in a black bar, "too small" when it would have to be enlarged more than allowed.
    """
    picture = picture_area(frame)
    return [_cut(frame, picture, detection, detections, rules) for detection in detections]


def _cut(
    frame: NDArray[np.uint8],
    picture: PixelRect,
    detection: Detection,
    detections: Sequence[Detection],
    rules: CropRules,
) -> Crop | Drop:
    frame_size = (frame.shape[1], frame.shape[0])
    whole = pixels_of(detection.box, *frame_size)
    box = whole.intersection(picture)
    if box.area == 0:
        return Drop(
            stage="crop",
            reason="outside the picture",
            detail=f"the box lies in a bar beside {picture.width} x {picture.height} px of picture",
        )
    cut = crop_rect(box, picture, rules.padding)
    size = output_size(cut, rules.max_enlargement)
    if isinstance(size, Drop):
        return size
    pixels = frame[cut.top : cut.bottom, cut.left : cut.right]
    facts = CropFacts(
        detection=detection,
        left=cut.left,
        top=cut.top,
        width=cut.width,
        height=cut.height,
        enlargement=size.enlargement,
        sharpness=sharpness(pixels),
        framing=framing_of(box, picture),
        overlap=overlaps(cut, detection.character, detections, frame_size),
        touches_edge=touches_edge(box, picture),
        head_cut=head_cut(box, picture),
    )
    return Crop(encode_png(_resized(pixels, size)), size.width, size.height, facts)


def _resized(pixels: NDArray[np.uint8], size: OutputSize) -> NDArray[np.uint8]:
    """Lanczos to enlarge, area average to shrink, the very pixels where neither is needed."""
    if (size.width, size.height) == (pixels.shape[1], pixels.shape[0]):
        return pixels
    method = cv2.INTER_LANCZOS4 if size.enlargement > 1 else cv2.INTER_AREA
    return np.asarray(cv2.resize(pixels, (size.width, size.height), interpolation=method), np.uint8)
