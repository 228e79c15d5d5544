"""Judge the light on a figure: its exposure, and whether it is only a silhouette."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from storyboard_ops.core.pictures.arrays import Picture

#: Longest side, in pixels, of the picture that is judged: noise and fine texture disappear.
JUDGED_SIDE = 96
#: A silhouette in levels (of 255): its lightness, how much lighter the ground is, and the range of
#: its own lightness. Figures in night scenes have at least twice this range.
DARKEST, LEAST_APART, MOST_RANGE = 80.0, 45.0, 24.0
#: Least dark share of the middle of a silhouette, and of the place of its head.
LEAST_DARK, LEAST_DARK_HEAD = 0.35, 0.3
#: A figure is well exposed from this range of lightness, and between these mean lightnesses.
FULL_RANGE, NOT_DARK, NOT_BRIGHT = 60.0, 50.0, 215.0
#: The lowest rating of exposure, so that it orders even the worst pictures.
LEAST_EXPOSURE = 0.05
#: Side of a cell of Lab colours that count as one, in levels.
COLOUR_CELL = (24, 16, 16)

Floats = npt.NDArray[np.float32]


def exposure(figure: Picture) -> float:
    """Rate the exposure of a figure, (H, W, 3) RGB, from 0.05 to 1.

    1: its lightness is in the middle and has a full range; less for one that is dark, burnt out or
    behind haze.
    """
    lightness = _lab(figure)[..., 0]
    darkest, brightest = np.percentile(lightness, (5, 95))
    mean = float(lightness.mean())
    tone = min(mean / NOT_DARK, (255 - mean) / (255 - NOT_BRIGHT), 1.0)
    spread = min(float(brightest - darkest) / FULL_RANGE, 1.0)
    return round(max(LEAST_EXPOSURE, tone * spread), 4)


def is_silhouette(figure: Picture) -> bool:
    """Return whether a figure, the (H, W, 3) RGB of its box, is dark and flat on lighter ground."""
    lightness = _lab(figure)[..., 0]
    level, _ = cv2.threshold(
        lightness.astype(np.uint8), 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU
    )
    dark = lightness <= level
    core = cv2.erode(dark.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    if dark.all() or not core.any():
        return False
    height, width = dark.shape
    middle = dark[height // 4 : 3 * height // 4, width // 4 : 3 * width // 4]
    head = dark[height // 20 : max(height // 4, 1), width // 3 : max(2 * width // 3, 1)]
    darkest, brightest = np.percentile(lightness[core], (5, 95))
    return bool(
        lightness[core].mean() <= DARKEST
        and lightness[~dark].mean() - lightness[core].mean() >= LEAST_APART
        and brightest - darkest <= MOST_RANGE
        and _share(middle) >= LEAST_DARK
        and _share(head) >= LEAST_DARK_HEAD
    )


def share_of_two_colours(figure: Picture) -> float:
    """Return the share of a picture that its two commonest colours cover.

    A figure with its head covers at most two thirds; a sleeve on plain ground is no more than that.
    """
    cells = (_lab(figure) // COLOUR_CELL).astype(np.int64).reshape(-1, 3)
    _, counts = np.unique(cells @ (65_536, 256, 1), return_counts=True)
    return float(np.sort(counts)[-2:].sum() / counts.sum())


def _lab(figure: Picture) -> Floats:
    """Shrink a picture and return its Lab values, all in levels of 0..255."""
    height, width = figure.shape[:2]
    scale = min(1.0, JUDGED_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(figure, size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2LAB), np.float32)


def _share(part: npt.NDArray[np.bool_]) -> float:
    return float(part.mean()) if part.size else 0.0
