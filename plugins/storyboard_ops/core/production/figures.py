"""Find what stands out from the background of a frame, without knowing who or what it is.

A background usually reaches the border of the picture, and a figure is set apart from it by its
colours. So every place is rated by the changes of colour on the smoothest way to it from the left,
right or upper border (geodesic saliency; Wei, Wen, Zhu and Sun, ECCV 2012). The lower border does
not count: figures are cut off there. What rates high, and hangs together, is a figure; where parts
of it are apart at a higher level, they are several.

It needs no model and some 50 ms a frame. It misses figures in front of cluttered backgrounds, and
takes a moon or a lighthouse for one; people decide what is worth a name.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from storyboard_ops.core.pictures.arrays import Picture
from storyboard_ops.core.pictures.letterbox import picture_area
from storyboard_ops.core.pictures.pixel_rect import PixelRect
from storyboard_ops.domain.image_records import Box

#: Cells of the longer side of a picture: a figure of a twentieth of it still has four.
GRID = 80
#: Pixels per cell when a picture is smoothed, and reach of the smoothing in pixels and levels.
CELL, REACH, LEVELS = 4, 8, 16
#: Changes of colour up to this percentile are texture of the background.
TEXTURE = 60
#: Least rating of a figure, 0..1, and steps in which a figure is tried for several.
LEAST_RATING, STEP = 0.25, 0.05
#: Least share of the picture that a figure fills, and the most of its width that it takes.
LEAST_SHARE, MOST_WIDTH = 0.006, 0.7
#: Least height and width in cells; wider or higher shapes than these are scenery.
LEAST_HEIGHT, LEAST_WIDTH, WIDEST, HIGHEST = 5, 4, 2.2, 4.5
#: One of several figures has at least this share of their area, and of their height.
PART_AREA, PART_HEIGHT = 0.12, 0.4

Grid = NDArray[np.float32]  # (rows, columns)
Cells = NDArray[np.bool_]  # (rows, columns)


@dataclass(frozen=True, eq=False)
class Figure:
    """Something that stands out in a frame.

    Attributes:
        box: its place in the frame.
        cells: (rows, columns) bool, which parts of the box show it.
    """

    box: Box
    cells: Cells


def find_figures(frame: Picture) -> list[Figure]:
    """Return the figures of a frame, (H, W, 3) uint8 RGB, the largest first."""
    height, width = frame.shape[:2]
    area = picture_area(frame)
    rating = _rate(frame[area.top : area.bottom, area.left : area.right])
    found = []
    for cells in _regions(rating):
        rect = _bounds(cells)
        if not _is_figure(rect, rating.shape[1]):
            continue
        rows, columns = rating.shape
        box = Box.clamped(
            (area.left + rect.left * area.width / columns) / width,
            (area.top + rect.top * area.height / rows) / height,
            (area.left + rect.right * area.width / columns) / width,
            (area.top + rect.bottom * area.height / rows) / height,
        )
        if box is not None:
            inside = cells[rect.top : rect.bottom, rect.left : rect.right]
            found.append(Figure(box, inside))
    return sorted(found, key=lambda figure: -figure.box.area)


def _rate(picture: Picture) -> Grid:
    """Rate how much each cell of a picture stands out, 0..1; all 0 for a plain picture."""
    height, width = picture.shape[:2]
    scale = GRID / max(height, width)
    columns, rows = (max(8, round(side * scale)) for side in (width, height))
    large = cv2.resize(picture, (CELL * columns, CELL * rows), interpolation=cv2.INTER_AREA)
    smooth = cv2.pyrMeanShiftFiltering(large, REACH, LEVELS)
    small = cv2.resize(smooth, (columns, rows), interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    across = np.linalg.norm(lab[:, 1:] - lab[:, :-1], axis=2)
    down = np.linalg.norm(lab[1:] - lab[:-1], axis=2)
    texture = np.percentile(np.concatenate([across.ravel(), down.ravel()]), TEXTURE)
    ways = _shortest_ways(np.maximum(across - texture, 0), np.maximum(down - texture, 0))
    highest = float(np.percentile(ways, 99))
    return np.clip(ways / highest, 0, 1) if highest > 0 else np.zeros_like(ways)


def _shortest_ways(across: Grid, down: Grid) -> Grid:
    """Return the length of the shortest way to each cell from the left, right or upper border.

    ``across``: (rows, columns - 1), the lengths of the steps to the right; ``down``:
    (rows - 1, columns), of those downwards. Dijkstra's algorithm.
    """
    rows, columns = down.shape[0] + 1, down.shape[1]
    right, below = across.tolist(), down.tolist()
    ways = [[float("inf")] * columns for _ in range(rows)]
    waiting = [(0.0, row, column) for row in range(rows) for column in (0, columns - 1)]
    waiting += [(0.0, 0, column) for column in range(1, columns - 1)]
    for _, row, column in waiting:
        ways[row][column] = 0.0
    while waiting:
        length, row, column = heapq.heappop(waiting)
        if length > ways[row][column]:
            continue
        steps = []
        if column + 1 < columns:
            steps.append((right[row][column], row, column + 1))
        if column:
            steps.append((right[row][column - 1], row, column - 1))
        if row + 1 < rows:
            steps.append((below[row][column], row + 1, column))
        if row:
            steps.append((below[row - 1][column], row - 1, column))
        for step, to_row, to_column in steps:
            if length + step < ways[to_row][to_column]:
                ways[to_row][to_column] = length + step
                heapq.heappush(waiting, (length + step, to_row, to_column))
    return np.array(ways, np.float32)


def _regions(rating: Grid) -> Iterator[Cells]:
    """Yield the connected regions that stand out, each of one figure."""
    levels = (255 * rating).astype(np.uint8)
    least = max(LEAST_RATING, cv2.threshold(levels, 0, 255, cv2.THRESH_OTSU)[0] / 255)
    standing_out = (rating > least).astype(np.uint8)
    closed = cv2.morphologyEx(standing_out, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    for region in _connected(closed > 0):
        yield from _split(rating, region, least)


def _split(rating: Grid, region: Cells, level: float) -> Iterator[Cells]:
    """Yield the parts of a region that are apart at a higher level; else the region itself."""
    area, height = int(region.sum()), _bounds(region).height
    for higher in np.arange(level + STEP, 1, STEP):
        parts = [
            part
            for part in _connected(region & (rating > higher))
            if part.sum() >= PART_AREA * area and _bounds(part).height >= PART_HEIGHT * height
        ]
        if len(parts) > 1:
            far = [cv2.distanceTransform((~part).astype(np.uint8), cv2.DIST_L2, 3)
                   for part in parts]  # fmt: skip
            nearest = np.argmin(far, axis=0)
            for number in range(len(parts)):
                yield from _split(rating, region & (nearest == number), float(higher))
            return
    if area >= LEAST_SHARE * region.size:
        yield region


def _connected(cells: Cells) -> list[Cells]:
    """Return the connected regions of at least LEAST_SHARE of the picture."""
    count, numbers, facts, _ = cv2.connectedComponentsWithStats(
        cells.astype(np.uint8), connectivity=4
    )
    least = LEAST_SHARE * cells.size
    return [numbers == one for one in range(1, count) if facts[one, cv2.CC_STAT_AREA] >= least]


def _bounds(cells: Cells) -> PixelRect:
    return PixelRect(*cv2.boundingRect(cells.astype(np.uint8)))


def _is_figure(rect: PixelRect, columns: int) -> bool:
    return (
        rect.height >= LEAST_HEIGHT
        and rect.width >= LEAST_WIDTH
        and rect.width <= MOST_WIDTH * columns
        and rect.width <= WIDEST * rect.height
        and rect.height <= HIGHEST * rect.width
    )
