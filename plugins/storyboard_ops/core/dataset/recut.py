"""Cut a picture again where a reviewer has corrected its crop."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from storyboard_ops.core.dataset.crop_geometry import cut_fault, output_size, overlaps
from storyboard_ops.core.dataset.crops import Crop, resize_crop
from storyboard_ops.core.pictures.codec import encode_png
from storyboard_ops.core.pictures.pixel_rect import PixelRect
from storyboard_ops.core.pictures.quality import sharpness
from storyboard_ops.domain.image_records import Detection, Drop, ImageRecord
from storyboard_ops.domain.review.corrected_cut import CutBox, CutCorrection


def cut_of(image: ImageRecord) -> CutBox:
    """Return where a picture was cut from its frame."""
    crop = image.crop
    return CutBox(left=crop.left, top=crop.top, width=crop.width, height=crop.height)


def recut(
    frame: NDArray[np.uint8],
    image: ImageRecord,
    cut: CutBox,
    others: Iterable[Detection],
    *,
    max_enlargement: float,
    by: str,
) -> Crop | Drop:
    """Cut a picture from its frame, (H, W, 3) uint8 RGB, where ``by`` has corrected it.

    What the crop shows is measured again: sharpness, enlargement, and the ``others`` in it. What
    is known of the detection stays, its framing included. Returns the reason when no trainer
    accepts the cut.
    """
    size = (frame.shape[1], frame.shape[0])
    if fault := cut_fault(cut, size, max_enlargement):
        return Drop(stage="review", reason="cut unusable", detail=f"{fault}.")
    place = PixelRect(cut.left, cut.top, cut.width, cut.height)
    stored = output_size(place, max_enlargement)
    assert not isinstance(stored, Drop)  # cut_fault knows the same limits
    pixels = frame[place.top : place.bottom, place.left : place.right]
    facts = {
        "left": cut.left,
        "top": cut.top,
        "width": cut.width,
        "height": cut.height,
        "enlargement": stored.enlargement,
        "sharpness": sharpness(pixels),
        "overlap": overlaps(place, image.character, others, size),
        "corrected": CutCorrection(by=by, before=cut_of(image), image_id=image.image_id),
    }
    png = encode_png(resize_crop(pixels, stored))
    return Crop(png, stored.width, stored.height, image.crop.model_copy(update=facts))
