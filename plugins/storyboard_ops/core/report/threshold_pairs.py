"""Choose pairs of pictures on both sides of the near-duplicate threshold, to set it by eye.

The meaning of a cosine depends on the film and the model. Each pair is a picture and the most
similar better one; below the threshold both were kept, from the threshold on only the better one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from storyboard_ops.core.dataset.duplicates.picture_hash import HASH_MODEL
from storyboard_ops.core.report.even_choice import evenly
from storyboard_ops.core.report.facts.row_tallies import PictureTally
from storyboard_ops.domain.image_records import ImageRecord

#: Pairs shown on each side.
SHOWN = 6
#: Largest distance of a shown cosine from the threshold.
REACH = 0.12
#: Bytes of a SHA-256.
ID_BYTES = 32


@dataclass(frozen=True)
class ThresholdPair:
    """A picture, the most similar better one, and their cosine."""

    image: ImageRecord
    better: ImageRecord
    similarity: float


@dataclass(frozen=True)
class ChosenPair:
    """The ids of a picture and of the most similar better one, and their cosine."""

    image_id: str
    nearest: str
    similarity: float


def choose_pairs(images: PictureTally, threshold: float) -> tuple[ChosenPair, ...]:
    """Choose at most ``SHOWN`` pairs per side, spread over those in reach, by ascending similarity.

    Copies found by a hash are excluded: the threshold of the cosine does not affect them.
    """
    columns = images.similar
    similarity = np.array(columns.similarity)
    own, nearest = _numbers(columns.image_ids), _numbers(columns.nearest_ids)
    hashed = np.frombuffer(columns.model, np.uint8) == columns.models.get(HASH_MODEL, -1)
    known = np.isin(nearest[:, 0], _numbers(images.image_ids)[:, 0])
    rows = np.flatnonzero((np.abs(similarity - threshold) <= REACH) & ~hashed & known)
    rows = rows[np.lexsort((*own[rows].T[::-1], similarity[rows]))]
    below = int((similarity[rows] < threshold).sum())
    chosen = (*evenly(rows[:below].tolist(), SHOWN), *evenly(rows[below:].tolist(), SHOWN))
    return tuple(
        ChosenPair(
            _id(columns.image_ids, row), _id(columns.nearest_ids, row), columns.similarity[row]
        )
        for row in chosen
    )


def threshold_pairs(images: PictureTally, threshold: float) -> tuple[ThresholdPair, ...]:
    """Return the chosen pairs whose pictures were found."""
    found = images.found
    return tuple(
        ThresholdPair(found[pair.image_id], found[pair.nearest], pair.similarity)
        for pair in choose_pairs(images, threshold)
        if pair.image_id in found and pair.nearest in found
    )


def _numbers(ids: bytearray) -> NDArray[np.uint64]:
    """Return ids of 32 bytes as (N, 4) numbers of equal order."""
    return np.frombuffer(bytes(ids), ">u8").reshape(-1, 4).astype(np.uint64)


def _id(ids: bytearray, row: int) -> str:
    return ids[row * ID_BYTES : (row + 1) * ID_BYTES].hex()
