"""Which pixels of a crop show its subject.

On a plain background, as in character sheets, everything that differs from the background is the
subject; elsewhere GrabCut (Rother, Kolmogorov and Blake, SIGGRAPH 2004) decides.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from local_aws.vision.picture_codec import Floats, Pixels, limit_sides

Mask = Floats

WORKING_SIDE = 128
ITERATIONS = 4
PLAUSIBLE_AREA = (0.22, 0.92)
PLAIN_TOLERANCE = 4.0
LEAST_DISTANCE = 4.0
PLAIN_AREA = (0.04, 0.95)


def foreground_mask(crop: Pixels) -> Mask:
    """Return float32 (height, width) in 0..1: 1 where the crop shows its subject.

    The crop is assumed to be filled by one subject in its middle. The upper corners and the upper
    half of the sides start as background, since a subject usually leaves the crop below. If the
    cut finds almost nothing or everything, a soft oval replaces it.
    """
    small, _ = limit_sides(crop, WORKING_SIDE)
    if min(small.shape[:2]) < 8 or float(small.std()) < 2.0:
        return soft_oval(crop.shape[0], crop.shape[1])
    mask = _cut_from_plain(small)
    if mask is None:
        mask = _grab_cut(small)
    if mask is None:
        return soft_oval(crop.shape[0], crop.shape[1])
    full = cv2.resize(mask.astype(np.float32), (crop.shape[1], crop.shape[0]))
    feather = max(1.0, max(crop.shape[:2]) / WORKING_SIDE)
    return np.clip(cv2.GaussianBlur(full, (0, 0), feather), 0.0, 1.0)


def soft_oval(height: int, width: int) -> Mask:
    """Return an oval that fills the picture, 1 inside and falling to 0 at the corners."""
    down = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    across = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    mask: Mask = np.clip((1.25 - np.sqrt(down**2 + across**2)) / 0.35, 0.0, 1.0)
    return mask


def _cut_from_plain(small: Pixels) -> Mask | None:
    """Return the subject on a background that a linear gradient explains, or None if none does."""
    lab = cv2.cvtColor(small.astype(np.float32) / 255.0, cv2.COLOR_BGR2LAB)
    height, width = small.shape[:2]
    down, across = np.mgrid[0:height, 0:width].astype(np.float32)
    places = np.stack([down / height, across / width, np.ones_like(down)], axis=-1)
    rim = _mark_upper_rim(height, width)
    plane, *_ = np.linalg.lstsq(places[rim], lab[rim], rcond=None)
    distance = np.linalg.norm(lab - places @ plane, axis=2)
    unevenness = float(np.percentile(distance[rim], 90))
    if unevenness > PLAIN_TOLERANCE:
        return None
    different = (distance > max(LEAST_DISTANCE, 3.0 * unevenness)).astype(np.uint8)
    closed = cv2.morphologyEx(different, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    mask = _keep_main_parts(closed)
    return mask if PLAIN_AREA[0] <= float(mask.mean()) <= PLAIN_AREA[1] else None


def _mark_upper_rim(height: int, width: int) -> NDArray[np.bool_]:
    """Return the top and the upper halves of the sides, a few pixels thick."""
    thick = max(2, round(0.03 * min(height, width)))
    rim = np.zeros((height, width), bool)
    rim[:thick] = True
    rim[: height // 2, :thick] = True
    rim[: height // 2, -thick:] = True
    return rim


def _grab_cut(small: Pixels) -> Mask | None:
    """Return the subject by GrabCut, or None if the cut is implausibly small or large."""
    labels = _start_mask(*small.shape[:2])
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)
    cv2.grabCut(small, labels, (0, 0, 0, 0), *models, ITERATIONS, cv2.GC_INIT_WITH_MASK)
    opened = cv2.morphologyEx(
        (labels & 1).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)
    )
    mask = _keep_main_parts(opened)
    return mask if PLAUSIBLE_AREA[0] <= float(mask.mean()) <= PLAUSIBLE_AREA[1] else None


def _start_mask(height: int, width: int) -> NDArray[np.uint8]:
    down = np.linspace(-1, 1, height)[:, None]
    across = np.linspace(-1, 1, width)[None, :]
    radius = np.sqrt((down / 0.95) ** 2 + (across / 0.85) ** 2)
    labels = np.where(radius < 1.0, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[radius < 0.4] = cv2.GC_FGD
    border = max(1, round(0.02 * min(height, width)))
    labels[:border] = cv2.GC_BGD
    labels[: height // 2, :border] = cv2.GC_BGD
    labels[: height // 2, -border:] = cv2.GC_BGD
    labels[(radius > 1.3) & (down < 0)] = cv2.GC_BGD
    return labels


def _keep_main_parts(mask: Mask) -> Mask:
    """Return the largest connected part and others of a tenth of its size, their holes filled."""
    count, labels, statistics, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if count < 2:
        return mask
    areas = statistics[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    kept = np.isin(labels, np.flatnonzero(areas >= 0.1 * areas.max())).astype(np.uint8)
    outlines, _ = cv2.findContours(kept, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return cv2.drawContours(kept, outlines, -1, 1, cv2.FILLED)
