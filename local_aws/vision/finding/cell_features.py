"""Dense description of a picture: one feature vector per square cell of 8 x 8 pixels.

A cell carries 9 gradient orientations, normalised by the energy around it (Dalal and Triggs,
CVPR 2005), and the shares of 31 colour words: soft bins of the Lab space. A window is a square
of cells, so that one matrix product scores every window of a picture against every template.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from local_aws.vision.picture_codec import Floats, Pixels

Cells = Floats

CELL = 8
ORIENTATIONS = 9
WORD_SPREAD = 16.0
LUT_BITS = 5
COLOUR_WEIGHT = 0.9


def cell_grid(pixels: Pixels) -> Cells:
    """Return float32 (rows, columns, 40): the features of the whole cells of a BGR picture."""
    rows, columns = pixels.shape[0] // CELL, pixels.shape[1] // CELL
    whole = pixels[: rows * CELL, : columns * CELL]
    return np.concatenate(
        [
            _compute_edges(whole, rows, columns),
            COLOUR_WEIGHT * np.sqrt(colour_shares(whole, rows, columns)),
        ],
        axis=2,
    )


def feature_length() -> int:
    """Return the number of values that describe one cell."""
    return ORIENTATIONS + len(_list_word_centres())


def colour_shares(pixels: Pixels, rows: int, columns: int) -> Cells:
    """Return float32 (rows, columns, 31): share of each colour word; a cell sums to 1."""
    words = _map_colours()[_code_colours(pixels)]
    count = len(_list_word_centres())
    cells = _number_cells(pixels.shape[0], pixels.shape[1], rows, columns) * count
    histogram = np.bincount((cells + words).ravel(), minlength=rows * columns * count)
    shares = histogram.reshape(rows * columns, count).astype(np.float32)
    shares /= np.maximum(shares.sum(axis=1, keepdims=True), 1.0)
    return (shares @ _compute_overlap()).reshape(rows, columns, count)


def windows_of(cells: Cells, side: int) -> Floats:
    """Return every side x side window as a row, scanned row by row."""
    view = np.lib.stride_tricks.sliding_window_view(cells, (side, side), axis=(0, 1))
    ordered = view.transpose(0, 1, 3, 4, 2)
    return np.ascontiguousarray(ordered.reshape(-1, side * side * cells.shape[2]))


def _compute_edges(pixels: Pixels, rows: int, columns: int) -> Cells:
    smooth = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    horizontal = cv2.Sobel(smooth, cv2.CV_32F, 1, 0)
    vertical = cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    magnitude, angle = cv2.cartToPolar(horizontal, vertical)
    position = angle * (ORIENTATIONS / np.pi)
    lower = position.astype(np.int64)
    fraction = position - lower
    cells = _number_cells(*smooth.shape, rows, columns) * ORIENTATIONS
    size = rows * columns * ORIENTATIONS
    counts = np.bincount(
        (cells + lower % ORIENTATIONS).ravel(), (magnitude * (1.0 - fraction)).ravel(), size
    ) + np.bincount(
        (cells + (lower + 1) % ORIENTATIONS).ravel(), (magnitude * fraction).ravel(), size
    )
    histogram = counts.reshape(rows, columns, ORIENTATIONS).astype(np.float32) / CELL**2
    energy = cv2.blur((histogram**2).sum(axis=2), (3, 3), borderType=cv2.BORDER_REPLICATE)
    # The constant keeps flat areas (sky, title cards, compression noise) near zero.
    features: Floats = np.minimum(histogram / np.sqrt(energy[:, :, None] + 8.0**2), 0.8)
    return features


@lru_cache(maxsize=64)
def _number_cells(height: int, width: int, rows: int, columns: int) -> NDArray[np.int64]:
    down = np.arange(height) * rows // height
    across = np.arange(width) * columns // width
    return down[:, None] * columns + across[None, :]


def _code_colours(pixels: Pixels) -> NDArray[np.int64]:
    levels = (pixels >> (8 - LUT_BITS)).astype(np.int64)
    return (levels[:, :, 0] << 2 * LUT_BITS) | (levels[:, :, 1] << LUT_BITS) | levels[:, :, 2]


@lru_cache(maxsize=1)
def _list_word_centres() -> Floats:
    greys = [(lightness, 0.0, 0.0) for lightness in (4, 28, 52, 74, 96)]
    rings = [
        (lightness, chroma * np.cos(hue), chroma * np.sin(hue))
        for lightness, chroma, count in ((32, 24, 8), (70, 24, 8), (58, 58, 10))
        for hue in np.arange(count) * (2 * np.pi / count)
    ]
    return np.array(greys + rings, np.float32)


@lru_cache(maxsize=1)
def _map_colours() -> NDArray[np.int64]:
    side = 1 << LUT_BITS
    levels = (np.arange(side, dtype=np.float32) + 0.5) / side
    blue, green, red = np.meshgrid(levels, levels, levels, indexing="ij")
    colours = np.stack([blue, green, red], axis=-1).reshape(1, -1, 3)
    lab = cv2.cvtColor(colours, cv2.COLOR_BGR2LAB)[0]
    distance = np.stack(
        [((lab - centre) ** 2).sum(axis=1) for centre in _list_word_centres()], axis=1
    )
    words: NDArray[np.int64] = distance.argmin(axis=1)
    return words


@lru_cache(maxsize=1)
def _compute_overlap() -> Floats:
    centres = _list_word_centres()
    squared = ((centres[:, None] - centres[None]) ** 2).sum(axis=2)
    overlap = np.exp(-squared / (2 * WORD_SPREAD**2))
    shares: Floats = (overlap / overlap.sum(axis=1, keepdims=True)).astype(np.float32)
    return shares
