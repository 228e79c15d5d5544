"""Group pictures that are alike, so that people can look at them together and decide at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from storyboard_ops.core.dataset.duplicates.short_keys import unit_rows

#: Pictures are alike from this far below the threshold of near-duplicates.
ALIKE_BELOW = 0.12
#: Rows compared at a time.
BLOCK_ROWS = 1_024


def group_alike(
    vectors: NDArray[np.float32], characters: Sequence[str], least: float
) -> tuple[int, ...]:
    """Return the number of each picture's group, from 1; 0: no other picture is like it.

    ``vectors``: embeddings, (N, D); ``characters``: of each picture; only pictures of one are
    compared. In every group there is one picture to which all others of it have a cosine of at
    least ``least``. The largest group is formed first; of equal ones that of the earlier picture.
    """
    by_character: dict[str, list[int]] = defaultdict(list)
    for row, character in enumerate(characters):
        by_character[character].append(row)
    numbers = np.zeros(len(characters), np.int64)
    for rows in by_character.values():
        found = _groups(_alike(unit_rows(vectors[rows], 0).astype(np.float32), least))
        numbers[rows] = np.where(found > 0, found + numbers.max(initial=0), 0)
    return tuple(numbers.tolist())


def _alike(rows: NDArray[np.float32], least: float) -> NDArray[np.bool_]:
    """Return which pairs reach the cosine, (N, N); a megabyte for a thousand pictures."""
    count = len(rows)
    alike = np.zeros((count, count), np.bool_)
    for start in range(0, count, BLOCK_ROWS):
        alike[start : start + BLOCK_ROWS] = rows[start : start + BLOCK_ROWS] @ rows.T >= least
    np.fill_diagonal(alike, True)
    return alike


def _groups(alike: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Take the picture with most alike ones that have no group, until none has any."""
    numbers = np.zeros(len(alike), np.int64)
    free = np.ones(len(alike), np.bool_)
    partners = alike.sum(axis=1)
    while True:
        centre = int(np.argmax(np.where(free, partners, 0)))
        members = alike[centre] & free
        if members.sum() < 2:
            return numbers
        numbers[members] = numbers.max() + 1
        free &= ~members
        partners = partners - alike[:, members].sum(axis=1)
