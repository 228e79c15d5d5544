"""Which samples are worth paying for: cheap figures on small pictures, and a verdict.

A sample is dropped as black, white, title card, blurred, or near-identical to the last kept
sample of its shot. Every verdict carries the figures it was reached by.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from storyboard_ops.core.picture_shape import Picture, thumbnail
from storyboard_ops.core.shot_finder import ANCHOR, Signature, distance, signature
from storyboard_ops.domain.image_records import Drop, FrameScores

Luma = npt.NDArray[np.uint8]  # (height, width), 0..255


@dataclass(frozen=True)
class TriageLimits:
    """Where a sample stops being worth its price; bounds and meanings are in RunSettings."""

    black_below: float
    white_above: float
    blurred_below: float
    title_above: float
    identical_above: float
    cut_above: float


@dataclass(frozen=True)
class Verdict:
    """What triage says of one sample."""

    shot: int  # number of the shot's first sample
    scores: FrameScores
    dropped: Drop | None


class Triage:
    """Judges the samples of a film one after the other.

    The first sample must be an anchor (``shot_finder.anchor_before``); then the verdicts are the
    same wherever a film is cut.
    """

    def __init__(self, limits: TriageLimits) -> None:
        self.limits = limits
        self._shot = 0
        self._before: Signature | None = None
        self._kept: Picture | None = None  # thumbnail of the last kept sample of the shot

    def judge(self, k: int, picture: Picture) -> Verdict:
        """Verdict on sample k, which follows the one judged before."""
        now = signature(picture)
        if self._before is None or k % ANCHOR == 0 or self._is_cut(now):
            self._shot, self._kept = k, None
        self._before = now
        small = thumbnail(picture, 64, 36)
        similarity = None if self._kept is None else tile_similarity(self._kept, small)
        scores = measure(picture, similarity)
        dropped = reason_to_drop(scores, self.limits)
        if dropped is None:
            self._kept = small
        return Verdict(self._shot, scores, dropped)

    def _is_cut(self, now: Signature) -> bool:
        assert self._before is not None
        return distance(self._before, now) > self.limits.cut_above


def reason_to_drop(scores: FrameScores, limits: TriageLimits) -> Drop | None:
    """The first reason that applies, or None for a sample to keep."""
    if scores.luma < limits.black_below:
        return _drop("black", scores.luma, f"mean luma below {limits.black_below}")
    if scores.luma > limits.white_above:
        return _drop("white", scores.luma, f"mean luma above {limits.white_above}")
    if scores.lettering > limits.title_above:
        return _drop("title card", scores.lettering, f"lettering above {limits.title_above}")
    if scores.sharpness < limits.blurred_below:
        return _drop("blurred", scores.sharpness, f"sharpness below {limits.blurred_below}")
    if scores.similarity is not None and scores.similarity > limits.identical_above:
        return _drop("near-identical", scores.similarity, f"above {limits.identical_above}")
    return None


def _drop(reason: str, score: float, detail: str) -> Drop:
    return Drop(stage="sample", reason=reason, detail=detail, score=score)


def measure(picture: Picture, similarity: float | None) -> FrameScores:
    """Figures of an RGB picture of any size, on half-scale luma and thumbnails of it."""
    luma = half_luma(picture)
    mean, deviation = cv2.meanStdDev(luma)
    return FrameScores(
        luma=round(float(mean[0, 0]) / 255, 6),
        contrast=round(float(deviation[0, 0]) / 255, 6),
        sharpness=round(sharpness(luma), 4),
        lettering=round(lettering(luma), 6),
        similarity=None if similarity is None else round(similarity, 6),
    )


def half_luma(picture: Picture) -> Luma:
    """Luma at half the width and height, averaged."""
    luma = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    height, width = luma.shape
    half = (max(1, width // 2), max(1, height // 2))
    return np.asarray(cv2.resize(luma, half, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def sharpness(luma: Luma) -> float:
    """Variance of the Laplacian (Pech-Pacheco et al., 2000), in squared luma steps."""
    _, deviation = cv2.meanStdDev(cv2.Laplacian(luma, cv2.CV_16S))
    return float(deviation[0, 0]) ** 2


def tile_similarity(one: Picture, other: Picture) -> float:
    """1 minus the mean difference in the tile that differs most, of 16x9 tiles; 1.0: the same.

    The worst tile decides, because a small figure that enters a still picture matters.
    Both pictures have shape (36, 64, 3).
    """
    difference = cv2.absdiff(one, other).astype(np.float32).mean(axis=2)
    tiles = cv2.resize(difference, (16, 9), interpolation=cv2.INTER_AREA)
    return 1 - float(tiles.max()) / 255


#: A pixel belongs to the background when it is this close to its commonest luma.
BACKGROUND_REACH = 12
#: A stroke stands out from what surrounds it by this much luma, and is thinner than the brush.
STROKE_CONTRAST, STROKE_BRUSH = 48, 9
LEAST_BACKGROUND, LEAST_STROKES = 0.5, 0.002


def lettering(luma: Luma) -> float:
    """How completely a picture consists of thin strokes on one flat ground, 0..1.

    The share of pixels that are background or within a few pixels of a stroke; 0 where no
    single ground covers half of the picture or there are no strokes. Title cards and credits
    reach 0.97 and more; a figure on a flat ground has an inside and does not.
    """
    small = cv2.resize(luma, (320, 180), interpolation=cv2.INTER_AREA)
    commonest = int(np.argmax(np.bincount(small.ravel(), minlength=256)))
    ground = cv2.absdiff(small, np.full_like(small, commonest)) <= BACKGROUND_REACH
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (STROKE_BRUSH, STROKE_BRUSH))
    bright = cv2.morphologyEx(small, cv2.MORPH_TOPHAT, brush) > STROKE_CONTRAST
    dark = cv2.morphologyEx(small, cv2.MORPH_BLACKHAT, brush) > STROKE_CONTRAST
    strokes = (bright | dark).astype(np.uint8)
    if ground.mean() < LEAST_BACKGROUND or strokes.mean() < LEAST_STROKES:
        return 0.0
    near = cv2.dilate(strokes, np.ones((7, 7), np.uint8)) > 0
    return float((ground | near).mean())
