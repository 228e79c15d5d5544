"""Drop samples that are not worth paying for, by cheap measures on small pictures.

A sample is dropped as title card, black, white, blurred, or near-identical to the last kept
sample of its shot. Every verdict carries the scores that it is based on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from storyboard_ops.core.pictures.arrays import Luma, Picture
from storyboard_ops.core.pictures.quality import half_scale, luma_sharpness
from storyboard_ops.core.pictures.shape import thumbnail
from storyboard_ops.core.sampling.shots import ANCHOR, SIGNATURE_SIZE, CutFinder, SampledCuts
from storyboard_ops.domain.image_records import Drop, FrameScores, SampleReason

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class TriageLimits:
    """Thresholds for dropping a sample; bounds and meanings are in RunSettings."""

    black_below: float
    white_above: float
    blurred_below: float
    title_above: float
    identical_above: float
    cut_above: float


@dataclass(frozen=True)
class Verdict:
    """The result of triage for one sample."""

    shot: int  # number of the shot's first sample
    scores: FrameScores
    dropped: Drop | None


class Triage:
    """Judges the samples of a film in order.

    The first sample must be an anchor (``shots.anchor_before``); then the verdicts do not depend
    on the shards. ``cuts`` defaults to cuts seen on the samples.
    """

    def __init__(self, limits: TriageLimits, cuts: CutFinder | None = None) -> None:
        self.limits = limits
        self.cuts = cuts or SampledCuts(limits.cut_above)
        self._shot = 0
        self._kept: Picture | None = None  # thumbnail of the last kept sample of the shot

    def judge(self, k: int, picture: Picture) -> Verdict:
        """Judge sample k, which follows the previously judged one."""
        small = thumbnail(picture, *SIGNATURE_SIZE)
        if self.cuts.begins_shot(k, small) or k % ANCHOR == 0:
            self._shot, self._kept = k, None
        similarity = None if self._kept is None else tile_similarity(self._kept, small)
        scores = measure(picture, similarity)
        dropped = reason_to_drop(scores, self.limits)
        if dropped is None:
            self._kept = small
        return Verdict(self._shot, scores, dropped)


def reason_to_drop(scores: FrameScores, limits: TriageLimits) -> Drop | None:
    """Return the first reason that applies, or None for a sample to keep."""
    if scores.lettering > limits.title_above:
        return _drop("title card", scores.lettering, f"lettering above {limits.title_above}")
    if scores.bright < limits.black_below:
        return _drop("black", scores.bright, f"brightest parts below {limits.black_below}")
    if scores.dark > limits.white_above:
        return _drop("white", scores.dark, f"darkest parts above {limits.white_above}")
    if scores.sharpness < limits.blurred_below:
        return _drop("blurred", scores.sharpness, f"sharpness below {limits.blurred_below}")
    if scores.similarity is not None and scores.similarity > limits.identical_above:
        return _drop("near-identical", scores.similarity, f"above {limits.identical_above}")
    return None


def _drop(reason: SampleReason, score: float, detail: str) -> Drop:
    return Drop(stage="sample", reason=reason, detail=detail, score=score)


def measure(picture: Picture, similarity: float | None) -> FrameScores:
    """Measure an RGB picture of any size; all scores but ``lettering`` use its half-scale luma."""
    full = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    luma = half_scale(full)
    mean, deviation = cv2.meanStdDev(luma)
    dark, bright = extremes(luma)
    return FrameScores(
        luma=round(float(mean[0, 0]) / 255, 6),
        dark=dark,
        bright=bright,
        contrast=round(float(deviation[0, 0]) / 255, 6),
        sharpness=round(luma_sharpness(luma), 4),
        lettering=round(lettering(full), 6),
        similarity=None if similarity is None else round(similarity, 6),
    )


#: The share of a picture that counts as its darkest and its brightest parts.
EXTREME_SHARE = 0.02


def extremes(luma: Luma) -> tuple[float, float]:
    """Return the luma (0..1) below which the darkest 2 % are, and above which the brightest 2 %.

    A lit face in a dark room is not a black picture, though its mean is low.
    """
    share = np.cumsum(np.bincount(luma.ravel(), minlength=256)) / luma.size
    dark = int(np.searchsorted(share, EXTREME_SHARE))
    bright = int(np.searchsorted(share, 1 - EXTREME_SHARE))
    return round(dark / 255, 6), round(bright / 255, 6)


def tile_similarity(one: Picture, other: Picture) -> float:
    """Return 1 minus the mean difference in the most different of 16x9 tiles; 1.0 means equal.

    The worst tile decides, because a small figure that enters a static shot matters.
    Both pictures have shape (36, 64, 3).
    """
    difference = cv2.absdiff(one, other).astype(np.float32).mean(axis=2)
    tiles = cv2.resize(difference, (16, 9), interpolation=cv2.INTER_AREA)
    return 1 - float(tiles.max()) / 255


#: The size at which letters are looked for: small ones are some five pixels high.
PAGE_WIDTH, PAGE_HEIGHT = 640, 360
#: A pixel belongs to the ground when it is this close to the commonest luma.
GROUND_REACH, LEAST_GROUND = 16, 0.5
#: Height of a letter on the page; figures are larger, grain is smaller.
LOWEST_LETTER, HIGHEST_LETTER = 4, 72
#: At least this many letters or words of about one height, side by side, are a line.
LETTERS_IN_A_LINE = 5


def lettering(luma: Luma) -> float:
    """Return the share of the marks on a flat ground that are lines of letters, 0..1.

    Letters are separate marks of about one height side by side; a figure is one large mark, or
    marks of many heights. It is 0 where no single ground covers half of the picture.
    """
    page = cv2.resize(luma, (PAGE_WIDTH, PAGE_HEIGHT), interpolation=cv2.INTER_AREA)
    commonest = int(np.argmax(np.bincount(page.ravel(), minlength=256)))
    ground = cv2.absdiff(page, np.full_like(page, commonest)) <= GROUND_REACH
    if ground.mean() < LEAST_GROUND or ground.all():
        return 0.0
    _, _, marks, centres = cv2.connectedComponentsWithStats((~ground).astype(np.uint8))
    heights, areas = marks[1:, cv2.CC_STAT_HEIGHT], marks[1:, cv2.CC_STAT_AREA]
    letters = (heights >= LOWEST_LETTER) & (heights <= HIGHEST_LETTER)
    letters[letters] = _in_lines(heights[letters], centres[1:][letters, 1])
    return float(areas[letters].sum() / areas.sum())


def _in_lines(heights: npt.NDArray[Any], middles: npt.NDArray[Any]) -> Bools:
    """Select the marks that have enough others of about their height at their level."""
    taller = np.maximum.outer(heights, heights)
    alike = 2 * np.minimum.outer(heights, heights) >= taller
    level = 2 * np.abs(np.subtract.outer(middles, middles)) <= taller
    return np.asarray((alike & level).sum(axis=1) >= LETTERS_IN_A_LINE)
