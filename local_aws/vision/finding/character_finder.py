"""Finds known characters in a picture, in place of a multimodal model.

It finds the windows that look like the references (`window_search`), decides which character a
place belongs to, and extends the box downwards where the references end. It does not understand the
picture: it misses a viewpoint or an outfit unlike every reference, and a character smaller than
about 1/14 of the picture's longer side. It does not distinguish people whose faces look alike.

A character is assumed to be in a picture once: its best window is kept. Where two characters
claim one place, the one with the higher confidence gets it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from local_aws.vision.finding.character_model import CharacterModel
from local_aws.vision.finding.figure_extent import Box, extend_below
from local_aws.vision.finding.window_search import Candidate, search_windows
from local_aws.vision.picture_codec import Pixels

LEAST_CONFIDENCE = 0.5
SAME_PLACE = 0.45
RIVAL_SHARE = 0.7
DOUBTFUL_RIVAL = 0.93
AREA_WORTH = 1.5


@dataclass(frozen=True)
class Finding:
    """One character in one picture.

    `box` is left, top, right, bottom in pixels of the picture, inside it; `confidence` is 0..1.
    """

    character: str
    box: Box
    confidence: float


@dataclass(frozen=True)
class _Claim:
    """A finding before it is compared with other characters; `is_cut_off`: the reference ends at
    the lower edge of the box."""

    finding: Finding
    is_cut_off: bool


def find_characters(model: CharacterModel, pixels: Pixels) -> list[Finding]:
    """Return the characters of `model` in a BGR picture, highest confidence first."""
    claims = [_make_claim(model, own, pixels) for own in search_windows(model, pixels).values()]
    sure = [claim for claim in claims if claim.finding.confidence >= LEAST_CONFIDENCE]
    settled = _drop_rivals(sorted(sure, key=lambda claim: -claim.finding.confidence))
    return [_extend_cut_off(claim, pixels) for claim in settled]


def overlap(first: Box, second: Box) -> float:
    """Return the intersection over union of two boxes."""
    shared = _compute_shared_area(first, second)
    return shared / (_compute_area(first) + _compute_area(second) - shared)


def _make_claim(model: CharacterModel, own: Sequence[Candidate], pixels: Pixels) -> _Claim:
    """Take the identity from the best window, and the extent from the largest of the confident
    ones there: a head alone is found with the same confidence as the figure below it."""
    surest = max(own, key=lambda each: each.evidence)
    box = _compute_reach(model, surest, pixels)
    x, y = surest.left + surest.side / 2, surest.top + surest.side / 2
    reaching = surest
    for candidate in own:
        other = _compute_reach(model, candidate, pixels)
        worth = candidate.evidence + AREA_WORTH * np.log2(_compute_area(other) / _compute_area(box))
        holds = other[0] <= x <= other[2] and other[1] <= y <= other[3]
        if holds and candidate.evidence > 0 and worth > reaching.evidence:
            box, reaching = other, candidate
    finding = Finding(model.characters[surest.template], box, _compute_confidence(surest))
    return _Claim(finding, bool(model.cut_off[reaching.template]))


def _extend_cut_off(claim: _Claim, pixels: Pixels) -> Finding:
    """Return the finding, its box extended where the reference was cut off."""
    if not claim.is_cut_off:
        return claim.finding
    return replace(claim.finding, box=extend_below(pixels, claim.finding.box))


def _compute_confidence(candidate: Candidate) -> float:
    return float(1.0 / (1.0 + np.exp(-np.clip(candidate.evidence, -30.0, 30.0))))


def _compute_reach(model: CharacterModel, candidate: Candidate, pixels: Pixels) -> Box:
    height, width = pixels.shape[:2]
    left, top, right, bottom = (float(edge) for edge in model.reaches[candidate.template])
    return (
        float(max(0.0, candidate.left + left * candidate.side)),
        float(max(0.0, candidate.top + top * candidate.side)),
        float(min(width, candidate.left + right * candidate.side)),
        float(min(height, candidate.top + bottom * candidate.side)),
    )


def _drop_rivals(claims: Sequence[_Claim]) -> list[_Claim]:
    kept: list[_Claim] = []
    for claim in claims:
        if not any(_is_rival(claim.finding, other.finding) for other in kept):
            kept.append(claim)
    return kept


def _is_rival(finding: Finding, surer: Finding) -> bool:
    """Return whether a finding with much higher confidence claims the same place.

    Two characters that cover each other differ in size or place, and both have high confidence.
    """
    if overlap(finding.box, surer.box) >= SAME_PLACE:
        return True
    smaller, larger = sorted((_compute_area(finding.box), _compute_area(surer.box)))
    shared = _compute_shared_area(finding.box, surer.box) / smaller
    doubtful = finding.confidence < DOUBTFUL_RIVAL
    return doubtful and shared >= RIVAL_SHARE and smaller >= 0.5 * larger


def _compute_area(box: Box) -> float:
    return max(1.0, (box[2] - box[0]) * (box[3] - box[1]))


def _compute_shared_area(first: Box, second: Box) -> float:
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    return max(0.0, width) * max(0.0, height)
