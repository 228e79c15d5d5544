"""Measurements of a picture that words can describe: light, colours, framing, position."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from local_aws.vision.face_finder import find_faces
from local_aws.vision.foreground_cut import foreground_mask
from local_aws.vision.picture_codec import Floats, Pixels, limit_sides

WORKING_SIDE = 192
FACE_SIDE = 256  # only a face of at least a tenth of the picture is mentioned
GREYISH_CHROMA = 18.0

HUE_NAMES = (
    (8, "red"), (20, "orange"), (33, "yellow"), (78, "green"), (95, "teal"),
    (128, "blue"), (150, "purple"), (172, "pink"), (180, "red"),
)  # fmt: skip
"""Upper bounds of OpenCV's hue, 0..179, and the colour below each."""


@dataclass(frozen=True)
class PictureFacts:
    """Measurements of one picture.

    `brightness` and `contrast` are mean and standard deviation of Lab lightness, 0..100;
    `warmth` is the median Lab b of the greyish pixels (0 without any), positive under yellow light;
    `background_detail` is the share of background pixels on an edge; `subject_share` the
    share of the picture that the cut-out subject covers; `subject_centre` its centre across,
    0 (left) to 1 (right); `surroundings` the names of the largest background colours, largest
    first; `faces` the number of frontal faces.
    """

    brightness: float
    contrast: float
    warmth: float
    background_detail: float
    subject_share: float
    subject_centre: float
    subject_reaches_bottom: bool
    surroundings: tuple[str, ...]
    sky_above_green: bool
    faces: int


def measure_picture(pixels: Pixels) -> PictureFacts:
    """Return the measurements of a BGR picture of any size."""
    small, _ = limit_sides(pixels, WORKING_SIDE)
    lab = cv2.cvtColor(small.astype(np.float32) / 255.0, cv2.COLOR_BGR2LAB)
    mask = foreground_mask(small) > 0.5
    behind = ~mask if (~mask).mean() > 0.05 else np.ones_like(mask)
    columns = np.flatnonzero(mask.any(axis=0))
    centre = float(np.average(np.arange(mask.shape[1]), weights=mask.sum(axis=0) + 1e-6))
    return PictureFacts(
        brightness=float(lab[:, :, 0].mean()),
        contrast=float(lab[:, :, 0].std()),
        warmth=_measure_warmth(lab),
        background_detail=_measure_edges(small, behind),
        subject_share=float(mask.mean()),
        subject_centre=(centre + 0.5) / mask.shape[1] if columns.size else 0.5,
        subject_reaches_bottom=bool(mask[-2:].mean() > 0.15),
        surroundings=_name_colours(small, behind),
        sky_above_green=_has_sky_above_green(small, behind),
        faces=len(find_faces(limit_sides(pixels, FACE_SIDE)[0])),
    )


def _measure_warmth(lab: Floats) -> float:
    greyish = np.hypot(lab[:, :, 1], lab[:, :, 2]) < GREYISH_CHROMA
    return float(np.median(lab[:, :, 2][greyish])) if greyish.mean() > 0.02 else 0.0


def _measure_edges(pixels: Pixels, where: NDArray[np.bool_]) -> float:
    edges = cv2.Canny(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), 60, 140) > 0
    inner = cv2.erode(where.astype(np.uint8), np.ones((5, 5))) > 0
    return float(edges[inner].mean()) if inner.any() else 0.0


def _name_colours(pixels: Pixels, where: NDArray[np.bool_]) -> tuple[str, ...]:
    names = _count_names(cv2.cvtColor(pixels, cv2.COLOR_BGR2HSV)[where])
    found, counts = np.unique(names, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    least = 0.12 * counts.sum()
    return tuple(str(found[index]) for index in order if counts[index] >= least)[:3]


def _count_names(hsv: Pixels) -> NDArray[np.str_]:
    hue, saturation, value = hsv[:, 0], hsv[:, 1], hsv[:, 2]
    bounds = [bound for bound, _ in HUE_NAMES]
    words = np.array([name for _, name in HUE_NAMES])
    names = words[np.searchsorted(bounds, hue, side="right").clip(0, len(words) - 1)]
    names = np.where((names == "orange") & (value < 150), "brown", names)
    names = np.where((names == "yellow") & (saturation < 90), "beige", names)
    grey = np.where(value > 215, "white", "grey")
    names = np.where(saturation < 40, grey, names)
    return np.where(value < 45, "black", names)


def _has_sky_above_green(pixels: Pixels, where: NDArray[np.bool_]) -> bool:
    third = pixels.shape[0] // 3
    above = _name_colours(pixels[:third], where[:third]) if where[:third].any() else ()
    below = _name_colours(pixels[-third:], where[-third:]) if where[-third:].any() else ()
    smooth = _measure_edges(pixels[:third], where[:third]) < 0.05
    return smooth and above[:1] in (("blue",), ("teal",)) and below[:1] == ("green",)
