"""Finds the pictures of a contact sheet: framed cells on a white ground.

A row or column of white pixels separates cells; a frame keeps a white part of a picture from
separating it. What is small, such as a line of text, is not a picture.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from local_aws.vision.picture_codec import Pixels

WHITE = 235
"""Least value of a white pixel; JPEG darkens pixels next to a frame."""

LEAST_GAP = 6
"""Fewest white rows or columns between two cells, in pixels."""

LEAST_SIDE = 48
FRAME = 4
"""Pixels that belong to a frame or its blurred edge, on each side of a cell."""


def find_cells(sheet: Pixels) -> list[Pixels]:
    """Return the pictures of a sheet without their frames, row by row; without any, the sheet."""
    white: NDArray[np.bool_] = sheet.min(axis=2) >= WHITE
    cells = [
        sheet[top + FRAME : bottom - FRAME, left + FRAME : right - FRAME]
        for band_top, band_bottom in _find_spans(np.all(white, axis=1))
        for left, right in _find_spans(np.all(white[band_top:band_bottom], axis=0))
        for top, bottom in _find_inner(white, band_top, band_bottom, left, right)
    ]
    pictures = [cell for cell in cells if min(cell.shape[:2]) >= LEAST_SIDE]
    return pictures or [sheet]


def _find_inner(
    white: NDArray[np.bool_], top: int, bottom: int, left: int, right: int
) -> Iterator[tuple[int, int]]:
    """Yield the rows of the cells in one column of a band, which may be lower than the band."""
    for start, end in _find_spans(np.all(white[top:bottom, left:right], axis=1)):
        yield top + start, top + end


def _find_spans(white: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return start and end of what is between gaps of at least LEAST_GAP white lines."""
    spans: list[tuple[int, int]] = []
    for line in np.flatnonzero(~white):
        if spans and line - spans[-1][1] < LEAST_GAP:
            spans[-1] = (spans[-1][0], int(line) + 1)
        else:
            spans.append((int(line), int(line) + 1))
    return spans
