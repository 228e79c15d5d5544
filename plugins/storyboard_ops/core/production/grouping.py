"""Group figures by likeness, within and across shots."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

#: Mean cosine of two groups' figures from which they are one; chosen on the sample film, where it
#: gives one group or two for each character, and on three clips of other looks.
ALIKE = 0.88
#: Below every cosine: figures that are never joined.
APART = -2.0


def group_alike(
    vectors: NDArray[np.floating], frames: Sequence[Hashable], alike: float = ALIKE
) -> list[int]:
    """Return the number of each figure's group; group 0 has the most figures.

    ``vectors``: (N, D), of length 1. ``frames``: the frame of each figure: figures of one frame are
    never in one group, because a character is there once. Groups are joined, the most alike first,
    while the mean cosine between their figures is at least ``alike`` (average linkage). Groups of
    one size are numbered by their first figure.
    """
    count = len(frames)
    if not count:
        return []
    likeness = np.asarray(vectors @ vectors.T, np.float64)
    numbers = {frame: number for number, frame in enumerate(dict.fromkeys(frames))}
    places = np.array([numbers[frame] for frame in frames])
    likeness[places[:, None] == places[None]] = APART
    sizes, owner = np.ones(count), np.arange(count)
    best = likeness.max(axis=1)
    while True:
        one = int(best.argmax())
        if best[one] < alike:
            break
        other = int(likeness[one].argmax())
        one, other = min(one, other), max(one, other)
        joined = (sizes[one] * likeness[one] + sizes[other] * likeness[other]) / (
            sizes[one] + sizes[other]
        )
        joined[(likeness[one] == APART) | (likeness[other] == APART)] = APART
        likeness[one], likeness[:, one] = joined, joined
        likeness[other], likeness[:, other] = APART, APART
        sizes[one] += sizes[other]
        owner[owner == other] = one
        best = likeness.max(axis=1)
    return _by_size(owner.tolist())


def _by_size(owners: Sequence[int]) -> list[int]:
    """Number groups from 0, the largest first."""
    ordered = {owner: place for place, (owner, _) in enumerate(Counter(owners).most_common())}
    return [ordered[owner] for owner in owners]
