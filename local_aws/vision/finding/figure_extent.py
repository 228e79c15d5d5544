"""The extent of a figure below its head, by GrabCut started from the head.

References are often heads; a picture shows the body too. The box is extended over what continues
the head downwards and differs from its sides. This does not distinguish a body from an object that
a character holds, rides or stands behind.
"""

from __future__ import annotations

import cv2
import numpy as np

from local_aws.vision.picture_codec import Pixels

Box = tuple[float, float, float, float]

WORKING_SIDE = 112
ITERATIONS = 3
HEADS_BELOW = 2.3
HEADS_BESIDE = 1.05
LEAK_SHARE = 0.85


def extend_below(pixels: Pixels, head: Box) -> Box:
    """Return the box of the figure whose head, or upper part, fills the box `head` (left, top,
    right, bottom in pixels of the BGR picture). It contains `head`.

    Where the region below is filled to its sides, the cut has leaked, and `head` is returned.
    """
    left, top, right, bottom = head
    width, height = right - left, bottom - top
    if bottom >= pixels.shape[0] - 2 or min(width, height) < 4:
        return head
    middle = (left + right) / 2
    start, upper = max(0, int(middle - HEADS_BESIDE * width)), max(0, int(top - 0.08 * height))
    end = int(middle + HEADS_BESIDE * width)
    region = pixels[upper : int(bottom + HEADS_BELOW * height), start:end]
    scale = WORKING_SIDE / max(region.shape[:2])
    small = cv2.resize(region, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    inside = (
        scale * (left - start),
        scale * (top - upper),
        scale * (right - start),
        scale * (bottom - upper),
    )
    figure = _find_figure(small, inside)
    lower = figure[round(inside[3]) :]
    if not figure.any() or (lower.size and float(lower.mean()) > LEAK_SHARE):
        return head
    rows = np.flatnonzero(figure.mean(axis=1) > 0.04)
    columns = np.flatnonzero(figure.mean(axis=0) > 0.04)
    return (
        min(left, float(start + columns[0] / scale)),
        top,
        min(float(pixels.shape[1]), max(right, float(start + (columns[-1] + 1) / scale))),
        min(float(pixels.shape[0]), max(bottom, float(upper + (rows[-1] + 1) / scale))),
    )


def _find_figure(small: Pixels, head: Box) -> np.ndarray:
    """Return the connected part of the cut that contains the middle of the head, as booleans."""
    height, width = small.shape[:2]
    labels = _start_mask(height, width, head)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)
    cv2.grabCut(small, labels, (0, 0, 0, 0), *models, ITERATIONS, cv2.GC_INIT_WITH_MASK)
    opened = cv2.morphologyEx(
        (labels & 1).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)
    )
    _, parts = cv2.connectedComponents(opened)
    row = min(small.shape[0] - 1, max(0, int((head[1] + head[3]) / 2)))
    column = min(small.shape[1] - 1, max(0, int((head[0] + head[2]) / 2)))
    part = parts[row, column]
    return np.zeros(parts.shape, bool) if part == 0 else parts == part


def _start_mask(height: int, width: int, head: Box) -> np.ndarray:
    """Return GrabCut's start: the middle of the head and the neck are sure, the rest likely."""
    left, top, right, bottom = head
    down, across = np.mgrid[0:height, 0:width] + 0.5
    beside = np.abs(across - (left + right) / 2) / (right - left)
    from_middle = (2 * beside) ** 2 + ((2 * down - top - bottom) / (bottom - top)) ** 2
    below = down > bottom
    labels = np.full((height, width), cv2.GC_PR_BGD, np.uint8)
    labels[below & (beside < 0.5)] = cv2.GC_PR_FGD
    labels[below & (beside < 0.15) & (down < 1.5 * bottom - 0.5 * top)] = cv2.GC_FGD
    labels[from_middle < 1.0] = cv2.GC_PR_FGD
    labels[from_middle < 0.5] = cv2.GC_FGD
    labels[(down < top) | (~below & (beside > 0.6))] = cv2.GC_BGD
    labels[:, :2] = cv2.GC_BGD
    labels[:, -2:] = cv2.GC_BGD
    return labels
