"""Searches a picture for the windows that look most like known characters.

Every template of `character_model` slides over the picture at all sizes. A promising window is
scored by three measurements: the discriminant, the agreement of edges and the agreement of
colours, cell by cell where the reference shows the character; the best windows of a character
are scored again under corrected light and a few pixels off the grid.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.lib.stride_tricks import as_strided

from local_aws.vision.finding.cell_features import CELL, ORIENTATIONS, cell_grid
from local_aws.vision.finding.character_model import SIDE, WINDOW, CharacterModel
from local_aws.vision.picture_codec import Floats, Pixels

LONGEST_SIDE = 960
LEVELS_PER_OCTAVE = 3
BEYOND_EDGE = 2
LEAST_DISCRIMINANT = 0.3
EVIDENCE_WEIGHTS = (10.0, 21.0, 25.0)
EVIDENCE_OFFSET = -43.2
SECOND_LOOKS = 10
STEPS = ((0, 0), (0, 4), (0, -4), (4, 0), (-4, 0))
MOST_GAIN = 1.8
GAIN_DOUBT = 1.5
ROWS_AT_ONCE = 16


@dataclass(frozen=True)
class _Level:
    """One size of the picture: its pixels and cells, both padded by `padding` (rows, columns) of
    cells, and its pixels per pixel of the picture."""

    pixels: Pixels
    cells: Floats
    padding: tuple[int, int]
    scale: float


@dataclass(frozen=True)
class Candidate:
    """A window: `level` and its first `row` and `column` in padded cells, the same in pixels of
    the picture, and the evidence for the template, a log-odds."""

    level: _Level
    row: int
    column: int
    template: int
    left: float
    top: float
    side: float
    evidence: float


def search_windows(model: CharacterModel, pixels: Pixels) -> dict[str, list[Candidate]]:
    """Return up to 10 windows for each character of `model` that has any in a BGR picture."""
    candidates = [
        candidate
        for level in _build_pyramid(pixels)
        for candidate in _find_candidates(model, level)
    ]
    return {
        character: [_refine(model, each) for each in own]
        for character, own in _keep_best(model, candidates)
    }


def _build_pyramid(pixels: Pixels) -> Iterator[_Level]:
    height, width = pixels.shape[:2]
    first = LONGEST_SIDE / max(height, width)
    octave = _scale(pixels, first)
    step = 0
    while True:
        within = 2.0 ** (-(step % LEVELS_PER_OCTAVE) / LEVELS_PER_OCTAVE)
        level = _scale(octave, within)
        if min(level.shape[:2]) < 0.6 * WINDOW:
            return
        cells = cell_grid(level)
        padding = max(BEYOND_EDGE, (SIDE + 3 - cells.shape[0]) // 2), BEYOND_EDGE
        padded = np.pad(cells, ((padding[0],) * 2, (padding[1],) * 2, (0, 0)), mode="edge")
        rows, columns = (CELL * count for count in padding)
        edges = rows, rows, columns, columns
        framed = cv2.copyMakeBorder(level, *edges, cv2.BORDER_REPLICATE)
        yield _Level(framed, padded, padding, first * within * 2.0 ** -(step // LEVELS_PER_OCTAVE))
        step += 1
        if step % LEVELS_PER_OCTAVE == 0:
            octave = _scale(octave, 0.5)


def _scale(pixels: Pixels, scale: float) -> Pixels:
    height, width = pixels.shape[:2]
    size = max(1, round(width * scale)), max(1, round(height * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return cv2.resize(pixels, size, interpolation=method)


def _find_candidates(model: CharacterModel, level: _Level) -> Iterator[Candidate]:
    scores = _compute_maps(model, level.cells)
    for template in range(len(model.characters)):
        plane = scores[:, :, template]
        peaks = (plane >= cv2.dilate(plane, np.ones((5, 5)))) & (plane > LEAST_DISCRIMINANT)
        for row, column in np.argwhere(peaks):
            window = level.cells[row : row + SIDE, column : column + SIDE]
            evidence = _weigh_evidence(model, template, window, float(plane[row, column]))
            yield Candidate(
                level=level,
                row=int(row),
                column=int(column),
                template=template,
                left=(column - level.padding[1]) * WINDOW / SIDE / level.scale,
                top=(row - level.padding[0]) * WINDOW / SIDE / level.scale,
                side=WINDOW / level.scale,
                evidence=evidence,
            )


def _keep_best(
    model: CharacterModel, candidates: Sequence[Candidate]
) -> Iterator[tuple[str, list[Candidate]]]:
    for character in sorted(set(model.characters)):
        own = [each for each in candidates if model.characters[each.template] == character]
        if own:
            yield character, sorted(own, key=lambda each: -each.evidence)[:SECOND_LOOKS]


def _refine(model: CharacterModel, candidate: Candidate) -> Candidate:
    """Score the candidate again under corrected light and a few pixels off the grid."""
    level, side = candidate.level, WINDOW + 2 * CELL
    mask = cv2.resize(model.masks[candidate.template], (WINDOW, WINDOW))[:, :, None]
    best = candidate
    for down, across in STEPS:
        top, left = CELL * (candidate.row - 1) + down, CELL * (candidate.column - 1) + across
        if min(top, left) < 0:
            continue
        window = level.pixels[top : top + side, left : left + side]
        if window.shape[:2] != (side, side):
            continue
        inner = window[CELL:-CELL, CELL:-CELL]
        seen = (inner * mask).sum(axis=(0, 1)) / mask.sum()
        gain = np.clip(model.colours[candidate.template] / (seen + 1.0), 1 / MOST_GAIN, MOST_GAIN)
        relit = np.clip(window * gain, 0, 255).astype(np.uint8)
        cells = cell_grid(relit)[1:-1, 1:-1]
        discriminant = float((cells * model.weights[candidate.template]).sum())
        discriminant += float(model.biases[candidate.template])
        evidence = _weigh_evidence(model, candidate.template, cells, discriminant)
        evidence -= GAIN_DOUBT * float(np.abs(np.log(gain)).sum())
        if evidence > best.evidence:
            best = replace(
                candidate,
                evidence=evidence,
                left=candidate.left + across / level.scale,
                top=candidate.top + down / level.scale,
            )
    return best


def _compute_maps(model: CharacterModel, cells: Floats) -> Floats:
    rows, columns = cells.shape[0] - SIDE + 1, cells.shape[1] - SIDE + 1
    if rows < 1 or columns < 1:
        return np.zeros((0, 0, len(model.characters)), np.float32)
    cells = np.ascontiguousarray(cells)
    down, across, _ = cells.strides
    # A window's row lies in one piece, so all windows can be seen as rows of one matrix; as one
    # product that is six times as fast as a sum over the cells of a window.
    windows = as_strided(
        cells,
        shape=(rows, columns, SIDE, SIDE * cells.shape[2]),
        strides=(down, across, down, cells.itemsize),
        writeable=False,
    )
    weights = model.weights.reshape(len(model.characters), -1).T
    scores = np.empty((rows, columns, len(model.characters)), np.float32)
    for first in range(0, rows, ROWS_AT_ONCE):
        part = windows[first : first + ROWS_AT_ONCE]
        flat = part.reshape(part.shape[0] * columns, -1)
        product = flat @ weights + model.biases
        scores[first : first + ROWS_AT_ONCE] = product.reshape(part.shape[0], columns, -1)
    return scores


def _weigh_evidence(
    model: CharacterModel, template: int, window: Floats, discriminant: float
) -> float:
    """Return the log-odds that the window shows the template's character."""
    measured = discriminant, *_measure_agreement(model, template, window)
    weighed = float(np.dot(EVIDENCE_WEIGHTS, measured)) + EVIDENCE_OFFSET
    return weighed - float(model.doubts[template])


def _measure_agreement(model: CharacterModel, template: int, window: Floats) -> tuple[float, float]:
    """Return the cosine of the edges and the mean overlap of the colours inside the mask."""
    expected, mask = model.cells[template], model.masks[template][:, :, None]
    edges, colours = window[..., :ORIENTATIONS], window[..., ORIENTATIONS:]
    expected_edges, expected_colours = expected[..., :ORIENTATIONS], expected[..., ORIENTATIONS:]
    lengths = (edges**2 * mask).sum() * (expected_edges**2 * mask).sum()
    edge_cosine = (edges * expected_edges * mask).sum() / np.sqrt(lengths + 1e-6)
    colour_norm = (expected_colours**2).sum(axis=2, keepdims=True)
    colour_overlap = (colours * expected_colours * mask / colour_norm).sum() / mask.sum()
    return float(edge_cosine), float(colour_overlap)
