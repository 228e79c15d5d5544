"""Where a picture shows known characters: the stand-in for boxes by a multimodal model.

What it does: it slides the templates of `character_model` over the picture at all sizes, and
weighs three measurements of every promising window: the discriminant, the agreement of edges
and the agreement of colours, cell by cell where the reference shows the character. What it does
not: it understands nothing. A viewpoint or an outfit unlike every reference is missed, and so is
a character smaller than about 1/14 of the picture's longer side.

A character is taken to be in a picture once: its best window is kept. Where two characters
claim one place, the surer one has it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from local_aws.vision.cell_features import ORIENTATIONS, cell_grid
from local_aws.vision.character_model import SIDE, WINDOW, CharacterModel
from local_aws.vision.picture_codec import Floats, Pixels

Box = tuple[float, float, float, float]

LONGEST_SIDE = 960
LEVELS_PER_OCTAVE = 3
BEYOND_EDGE = 2
LEAST_DISCRIMINANT = 0.3
EVIDENCE_WEIGHTS = (10.0, 21.0, 25.0)
EVIDENCE_OFFSET = -42.8
LEAST_CONFIDENCE = 0.5
SAME_PLACE = 0.5


@dataclass(frozen=True)
class Finding:
    """One character in one picture.

    `box` is left, top, right, bottom in pixels of the picture, inside it; `confidence` is 0..1.
    """

    character: str
    box: Box
    confidence: float


@dataclass(frozen=True)
class _Level:
    """One size of the picture: its cells, padded, and its pixels per pixel of the picture."""

    cells: Floats
    padding: tuple[int, int]
    scale: float


@dataclass(frozen=True)
class _Candidate:
    template: int
    left: float
    top: float
    side: float
    evidence: float


def find_characters(model: CharacterModel, pixels: Pixels) -> list[Finding]:
    """Return the characters of `model` seen in a BGR picture, the surest first."""
    candidates = [
        candidate for level in _pyramid(pixels) for candidate in _candidates(model, level)
    ]
    best: dict[str, _Candidate] = {}
    for candidate in sorted(candidates, key=lambda each: each.evidence):
        best[model.characters[candidate.template]] = candidate
    findings = [
        Finding(character, _reach_box(model, candidate, pixels), _confidence(candidate))
        for character, candidate in best.items()
    ]
    sure = [finding for finding in findings if finding.confidence >= LEAST_CONFIDENCE]
    return _without_rivals(sorted(sure, key=lambda each: -each.confidence))


def overlap(first: Box, second: Box) -> float:
    """Return the intersection over union of two boxes."""
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    shared = max(0.0, width) * max(0.0, height)
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (first, second))
    return shared / (areas - shared) if areas > shared else 0.0


def _pyramid(pixels: Pixels) -> Iterator[_Level]:
    height, width = pixels.shape[:2]
    first = LONGEST_SIDE / max(height, width)
    octave = _scaled(pixels, first)
    step = 0
    while True:
        within = 2.0 ** (-(step % LEVELS_PER_OCTAVE) / LEVELS_PER_OCTAVE)
        level = _scaled(octave, within)
        if min(level.shape[:2]) < 0.6 * WINDOW:
            return
        cells = cell_grid(level)
        padding = max(BEYOND_EDGE, (SIDE + 3 - cells.shape[0]) // 2), BEYOND_EDGE
        padded = np.pad(cells, ((padding[0],) * 2, (padding[1],) * 2, (0, 0)), mode="edge")
        yield _Level(padded, padding, first * within * 2.0 ** -(step // LEVELS_PER_OCTAVE))
        step += 1
        if step % LEVELS_PER_OCTAVE == 0:
            octave = _scaled(octave, 0.5)


def _scaled(pixels: Pixels, scale: float) -> Pixels:
    height, width = pixels.shape[:2]
    size = max(1, round(width * scale)), max(1, round(height * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return cv2.resize(pixels, size, interpolation=method)


def _candidates(model: CharacterModel, level: _Level) -> Iterator[_Candidate]:
    scores = _discriminant_maps(model, level.cells)
    for template in range(len(model.characters)):
        plane = scores[:, :, template]
        peaks = (plane >= cv2.dilate(plane, np.ones((5, 5)))) & (plane > LEAST_DISCRIMINANT)
        for row, column in np.argwhere(peaks):
            window = level.cells[row : row + SIDE, column : column + SIDE]
            measured = float(plane[row, column]), *_agreement(model, template, window)
            yield _Candidate(
                template=template,
                left=(column - level.padding[1]) * WINDOW / SIDE / level.scale,
                top=(row - level.padding[0]) * WINDOW / SIDE / level.scale,
                side=WINDOW / level.scale,
                evidence=float(np.dot(EVIDENCE_WEIGHTS, measured)) + EVIDENCE_OFFSET,
            )


def _discriminant_maps(model: CharacterModel, cells: Floats) -> Floats:
    rows, columns = cells.shape[0] - SIDE + 1, cells.shape[1] - SIDE + 1
    if rows < 1 or columns < 1:
        return np.zeros((0, 0, len(model.characters)), np.float32)
    scores = np.tile(model.biases, (rows * columns, 1))
    for down in range(SIDE):
        for across in range(SIDE):
            part = cells[down : down + rows, across : across + columns]
            flat = np.ascontiguousarray(part).reshape(rows * columns, -1)
            scores += flat @ model.weights[:, down, across].T
    return scores.reshape(rows, columns, -1)


def _agreement(model: CharacterModel, template: int, window: Floats) -> tuple[float, float]:
    """Return the cosine of the edges and the mean overlap of the colours inside the mask."""
    expected, mask = model.cells[template], model.masks[template][:, :, None]
    edges, colours = window[..., :ORIENTATIONS], window[..., ORIENTATIONS:]
    expected_edges, expected_colours = expected[..., :ORIENTATIONS], expected[..., ORIENTATIONS:]
    lengths = (edges**2 * mask).sum() * (expected_edges**2 * mask).sum()
    edge_cosine = (edges * expected_edges * mask).sum() / np.sqrt(lengths + 1e-6)
    colour_norm = (expected_colours**2).sum(axis=2, keepdims=True)
    colour_overlap = (colours * expected_colours * mask / colour_norm).sum() / mask.sum()
    return float(edge_cosine), float(colour_overlap)


def _confidence(candidate: _Candidate) -> float:
    return float(1.0 / (1.0 + np.exp(-np.clip(candidate.evidence, -30.0, 30.0))))


def _reach_box(model: CharacterModel, candidate: _Candidate, pixels: Pixels) -> Box:
    height, width = pixels.shape[:2]
    left, top, right, bottom = (float(edge) for edge in model.reaches[candidate.template])
    return (
        max(0.0, candidate.left + left * candidate.side),
        max(0.0, candidate.top + top * candidate.side),
        min(float(width), candidate.left + right * candidate.side),
        min(float(height), candidate.top + bottom * candidate.side),
    )


def _without_rivals(findings: list[Finding]) -> list[Finding]:
    kept: list[Finding] = []
    for finding in findings:
        if all(overlap(finding.box, other.box) < SAME_PLACE for other in kept):
            kept.append(finding)
    return kept
