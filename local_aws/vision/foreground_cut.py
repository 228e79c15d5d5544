"""Which pixels of a reference crop show the character: GrabCut (Rother et al., 2004)."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from local_aws.vision.picture_codec import Floats, Pixels, limit_sides

Mask = Floats

WORKING_SIDE = 128
ITERATIONS = 4
PLAUSIBLE_AREA = (0.22, 0.92)


def foreground_mask(crop: Pixels) -> Mask:
    """Return float32 (height, width) in 0..1: 1 where the crop shows its subject.

    The crop is taken to be filled by one subject in its middle. The upper corners and the upper
    half of the sides start as background, since a subject usually leaves the crop below. Where
    the cut finds next to nothing or everything, a soft oval stands in for it.
    """
    small, _ = limit_sides(crop, WORKING_SIDE)
    height, width = small.shape[:2]
    if min(height, width) < 8 or float(small.std()) < 2.0:
        return soft_oval(crop.shape[0], crop.shape[1])
    labels = _first_guess(height, width)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)
    cv2.grabCut(small, labels, (0, 0, 0, 0), *models, ITERATIONS, cv2.GC_INIT_WITH_MASK)
    mask = _largest_part((labels & 1).astype(np.uint8))
    if not PLAUSIBLE_AREA[0] <= float(mask.mean()) <= PLAUSIBLE_AREA[1]:
        return soft_oval(crop.shape[0], crop.shape[1])
    full = cv2.resize(mask.astype(np.float32), (crop.shape[1], crop.shape[0]))
    feather = max(1.0, max(crop.shape[:2]) / WORKING_SIDE)
    return np.clip(cv2.GaussianBlur(full, (0, 0), feather), 0.0, 1.0)


def soft_oval(height: int, width: int) -> Mask:
    """Return an oval that fills the picture, 1 inside and falling to 0 at the corners."""
    down = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    across = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    return np.clip((1.25 - np.sqrt(down**2 + across**2)) / 0.35, 0.0, 1.0)


def _first_guess(height: int, width: int) -> NDArray[np.uint8]:
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


def _largest_part(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    opened = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, labels, statistics, _ = cv2.connectedComponentsWithStats(opened, connectivity=8)
    if count < 2:
        return mask
    largest = 1 + int(statistics[1:, cv2.CC_STAT_AREA].argmax())
    part = (labels == largest).astype(np.uint8)
    outlines, _ = cv2.findContours(part, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return cv2.drawContours(part, outlines, -1, 1, cv2.FILLED)
