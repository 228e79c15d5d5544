"""Templates of characters, learnt from a few reference pictures of each.

Every reference, its mirror image, and the upper part of a tall one becomes a template: a window
of 8 x 8 cells (see `cell_features`). Its weights are the linear discriminant between the
reference on random scenes and the random scenes themselves (Hariharan, Malik and Ramanan,
"Discriminative decorrelation for clustering and classification", ECCV 2012): one shared
covariance, one solve, no iteration. GrabCut keeps the reference's background out of it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from local_aws.vision.finding.cell_features import CELL, cell_grid, feature_length, windows_of
from local_aws.vision.finding.random_scenes import Palette, draw_random_scene, relight
from local_aws.vision.foreground_cut import Mask, foreground_mask
from local_aws.vision.picture_codec import Floats, Pixels, limit_sides

MODEL_VERSION = 6
SIDE = 8
WINDOW = SIDE * CELL
MARGIN = CELL
SEED = 20260302
VARIANTS = 24
SCENES = 60
WINDOWS_PER_SCENE = 80
SHRINKAGE = 0.2
MARGIN_SHARE = 1.06
CUT_OFF_SHARE = 0.12
LONE_DOUBT = 2.5
RIVAL_DOUBT = 14.0
HARMLESS_RIVALRY = 0.35
PARTS = {1.0: 0.0, 0.55: 1.4, 0.3: 2.2}
"""Share of the figure's height from the top, and the least height / width to use it from."""


@dataclass(frozen=True)
class Reference:
    """One reference picture: a crop that one character fills."""

    character: str
    pixels: Pixels


@dataclass(frozen=True)
class CharacterModel:
    """The templates of the characters of one set of references.

    `characters[i]` names template i of: `weights` float32 (n, 8, 8, features) and `biases` (n,),
    whose sum of products is 1 on the reference and 0 on an average scene; `cells` like weights,
    the reference itself; `masks` (n, 8, 8), the share of a cell that shows the character;
    `colours` (n, 3), its mean blue, green and red;
    `reaches` (n, 4), left, top, right, bottom of the whole reference in units of the window;
    `doubts` (n,), the log-odds to subtract from the template's score;
    `cut_off` (n,), whether the reference's lower edge cuts the figure off.
    """

    characters: tuple[str, ...]
    weights: Floats
    biases: Floats
    cells: Floats
    masks: Floats
    colours: Floats
    reaches: Floats
    doubts: Floats
    cut_off: NDArray[np.bool_]


@dataclass(frozen=True)
class _View:
    """A part of a reference that fills the window: a square of `side` around `centre` (x, y), in
    pixels."""

    character: str
    pixels: Pixels = field(repr=False)
    mask: Mask = field(repr=False)
    centre: tuple[float, float]
    side: float
    reach: tuple[float, float, float, float]

    @property
    def is_cut_off(self) -> bool:
        """Whether the lower edge of the reference cuts the figure off."""
        return bool((self.mask[-3:] > 0.5).mean() > CUT_OFF_SHARE)


def references_digest(references: Sequence[tuple[str, bytes]]) -> str:
    """Return the SHA-256 that names the model of these (character, picture file) pairs."""
    digest = hashlib.sha256(f"character model {MODEL_VERSION}".encode())
    for character, picture in references:
        digest.update(hashlib.sha256(character.encode()).digest())
        digest.update(hashlib.sha256(picture).digest())
    return digest.hexdigest()


def train_model(references: Sequence[Reference]) -> CharacterModel:
    """Return the templates of `references`; about 3 s for 10 references on one core."""
    generator = np.random.default_rng(SEED)
    views = [view for reference in references for view in _make_views(reference)]
    palette = _collect_palette(views)
    scenes = _draw_scene_windows(generator, palette)
    variants = [_make_variants(generator, view, palette) for view in views]
    weights, biases = _solve_discriminants(scenes, variants)
    names = [view.character for view in views]
    drawn = [_draw_plain(view) for view in views]
    shape = (len(views), SIDE, SIDE, feature_length())
    return CharacterModel(
        characters=tuple(names),
        weights=np.ascontiguousarray(weights.reshape(shape)),
        biases=biases,
        cells=np.stack([cells for cells, _, _ in drawn]),
        masks=np.stack([mask for _, mask, _ in drawn]),
        colours=np.stack([colour for _, _, colour in drawn]),
        reaches=np.array([view.reach for view in views], np.float32),
        cut_off=np.array([view.is_cut_off for view in views]),
        doubts=_doubt_rivals(names, variants, weights, biases) + _doubt_lone(names, references),
    )


def save_model(model: CharacterModel, path: Path) -> None:
    """Write the model to a .npz file."""
    np.savez(path, allow_pickle=False, **vars(model))


def load_model(path: Path) -> CharacterModel:
    """Read the model that `save_model` wrote."""
    with np.load(path, allow_pickle=False) as stored:
        members = {name: stored[name] for name in stored.files}
    members["characters"] = tuple(str(name) for name in members["characters"])
    return CharacterModel(**members)


def _make_views(reference: Reference) -> list[_View]:
    pixels, _ = limit_sides(reference.pixels, 256)
    mask = foreground_mask(pixels)
    mirrored = np.ascontiguousarray(pixels[:, ::-1]), np.ascontiguousarray(mask[:, ::-1])
    return [
        view
        for drawn, cut in ((pixels, mask), mirrored)
        for view in _split_figure(reference.character, drawn, cut)
    ]


def _split_figure(character: str, pixels: Pixels, mask: Mask) -> list[_View]:
    """Return the whole figure and, if it is tall, its upper parts: films cut figures off below."""
    left, top, right, bottom = _find_figure(mask)
    height, slenderness = bottom - top, (bottom - top) / (right - left)
    shares = [share for share, least in PARTS.items() if slenderness >= least]
    views = []
    for share in shares:
        lower = top + max(1, round(share * height))
        columns = np.flatnonzero((mask[top:lower] > 0.5).any(axis=0))
        start, end = int(columns[0]), int(columns[-1]) + 1
        side = MARGIN_SHARE * max(lower - top, end - start)
        x, y = (start + end) / 2, (top + lower) / 2
        edges = left - x, top - y, right - x, bottom - y
        reach = tuple(0.5 + edge / side for edge in edges)
        views.append(_View(character, pixels, mask, (x, y), side, reach))  # type: ignore[arg-type]
    return views


def _find_figure(mask: Mask) -> tuple[int, int, int, int]:
    """Return left, top, right, bottom of the mask, without rows that hardly show it."""
    solid = mask > 0.5
    rows = np.flatnonzero(solid.mean(axis=1) > 0.01)
    columns = np.flatnonzero(solid.mean(axis=0) > 0.01)
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _collect_palette(views: Sequence[_View]) -> Palette:
    behind = [view.pixels[view.mask < 0.1][::97] for view in views]
    subject = [view.pixels[view.mask > 0.5][::197] for view in views]
    return np.concatenate([*behind, *subject, np.full((1, 3), 128, np.uint8)])


def _draw_scene_windows(generator: Generator, palette: Palette) -> Floats:
    samples = []
    for _ in range(SCENES):
        windows = windows_of(cell_grid(draw_random_scene(generator, 160, 240, palette)), SIDE)
        samples.append(windows[generator.permutation(len(windows))[:WINDOWS_PER_SCENE]])
    return np.concatenate(samples)


def _make_variants(generator: Generator, view: _View, palette: Palette) -> Floats:
    size = WINDOW + 2 * MARGIN
    rows = []
    for _ in range(VARIANTS):
        scene = draw_random_scene(generator, size, size, palette)
        scale = np.exp(generator.uniform(-0.09, 0.09))
        shift = generator.uniform(-0.06, 0.06, 2) * WINDOW
        placement = _compute_placement(view, float(scale), float(generator.uniform(-7, 7)), shift)
        picture, mask = _warp(view, placement)
        mixed = relight(generator, picture) * mask[:, :, None] + scene * (1 - mask[:, :, None])
        rows.append(_cut_inner_cells(mixed.astype(np.uint8)).ravel())
    return np.array(rows)


def _draw_plain(view: _View) -> tuple[Floats, Floats, Floats]:
    picture, mask = _warp(view, _compute_placement(view, 1.0, 0.0, np.zeros(2)))
    grey = np.full_like(picture, 128)
    mixed = picture * mask[:, :, None] + grey * (1 - mask[:, :, None])
    inner = mask[MARGIN:-MARGIN, MARGIN:-MARGIN]
    shares = cv2.resize(inner, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    colour = (picture * mask[:, :, None]).sum(axis=(0, 1)) / mask.sum()
    return _cut_inner_cells(mixed.astype(np.uint8)), shares, colour.astype(np.float32)


def _compute_placement(view: _View, scale: float, turn: float, shift: Floats) -> Floats:
    centre = np.array(view.centre)
    placement = cv2.getRotationMatrix2D(view.centre, turn, WINDOW / view.side * scale)
    placement[:, 2] = placement[:, 2] + WINDOW / 2 + MARGIN - centre + shift
    return placement


def _warp(view: _View, placement: Floats) -> tuple[Pixels, Mask]:
    size = (WINDOW + 2 * MARGIN, WINDOW + 2 * MARGIN)
    shrink = WINDOW / view.side
    # Warping samples single pixels: blur before a strong shrink to avoid aliasing.
    source = cv2.GaussianBlur(view.pixels, (0, 0), 0.4 / shrink) if shrink < 0.7 else view.pixels
    picture = cv2.warpAffine(source, placement, size, borderMode=cv2.BORDER_REPLICATE)
    return picture, cv2.warpAffine(view.mask, placement, size)


def _cut_inner_cells(pixels: Pixels) -> Floats:
    return cell_grid(pixels)[1:-1, 1:-1]


def _doubt_lone(names: Sequence[str], references: Sequence[Reference]) -> Floats:
    """Return the doubt in single references, which do not show what varies."""
    counts = Counter(reference.character for reference in references)
    return np.array([LONE_DOUBT if counts[name] == 1 else 0.0 for name in names], np.float32)


def _doubt_rivals(
    names: Sequence[str], variants: Sequence[Floats], weights: Floats, biases: Floats
) -> Floats:
    """Return the doubt in templates that also fire on the references of other characters (the
    90th percentile of their scores on the worst of them)."""
    rivalries = []
    for name, weight, bias in zip(names, weights, biases, strict=True):
        answers = [
            np.percentile(rows @ weight + bias, 90)
            for other, rows in zip(names, variants, strict=True)
            if other != name
        ]
        rivalries.append(max([0.0, *answers]))
    doubts: NDArray[np.float32] = RIVAL_DOUBT * np.maximum(
        0.0, np.array(rivalries, np.float32) - HARMLESS_RIVALRY
    )
    return doubts


def _solve_discriminants(scenes: Floats, variants: Sequence[Floats]) -> tuple[Floats, Floats]:
    average = scenes.mean(axis=0)
    differences = np.stack([rows.mean(axis=0) - average for rows in variants], axis=1)
    spread = np.concatenate([scenes - average, *(rows - rows.mean(axis=0) for rows in variants)])
    covariance = (spread.T @ spread / len(spread)).astype(np.float64)
    covariance.flat[:: len(covariance) + 1] += SHRINKAGE * np.trace(covariance) / len(covariance)
    directions = np.linalg.solve(covariance, differences)
    directions /= (directions * differences).sum(axis=0)
    return directions.T.astype(np.float32), -(average @ directions).astype(np.float32)
