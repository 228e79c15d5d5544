"""Find what texts have in common: shared runs of words, and near-copies."""

from __future__ import annotations

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Words = Sequence[str]
Bitmaps = NDArray[np.uint64]
Fragment = tuple[str, ...]


def common_fragments(
    texts: Sequence[Words], least_words: int, share: float
) -> dict[Fragment, list[int]]:
    """Find runs of at least ``least_words`` words that occur in at least ``share`` of the texts.

    Returns the longest such runs with the indices of the texts that contain them; a run inside a
    longer one of the list is not repeated.
    """
    needed = max(1, math.ceil(share * len(texts) - 1e-9))
    longest: dict[Fragment, list[int]] = {}
    shared = _runs(texts, range(len(texts)), least_words, needed)
    while shared:
        longer = _runs(texts, _holders(shared), len(next(iter(shared))) + 1, needed)
        within = {part for run in longer for part in (run[1:], run[:-1])}
        longest |= {run: holders for run, holders in shared.items() if run not in within}
        shared = longer
    return dict(sorted(longest.items()))


def near_copies(texts: Sequence[Words], likeness: float) -> dict[int, int]:
    """Map the index of every near-copy to that of the first earlier text it resembles.

    Likeness is the Jaccard index of the sets of words: shared words over all words of both. A text
    without words resembles nothing.
    """
    sets = [frozenset(text) for text in texts]
    frequency = Counter(word for found in sets for word in found)
    rows = _bitmaps(sets, list(frequency))
    holders: dict[str, array[int]] = defaultdict(lambda: array("q"))
    first: dict[frozenset[str], int] = {}
    copies: dict[int, int] = {}
    for number, found in enumerate(sets):
        if found in first:  # whatever resembles the earlier one resembles this one
            copies[number] = copies.get(first[found], first[found])
            continue
        telling = _telling_words(found, frequency, likeness)
        alike = _alike(rows, number, [holders[word] for word in telling], likeness)
        if alike.size:
            copies[number] = int(alike.min())
        for word in telling:
            holders[word].append(number)
        if found:
            first[found] = number
    return copies


def _bitmaps(sets: Sequence[frozenset[str]], vocabulary: Sequence[str]) -> Bitmaps:
    """Encode each set as a row with one bit per word: shape (sets, words / 64)."""
    place = {word: number for number, word in enumerate(vocabulary)}
    rows = np.zeros((len(sets), len(vocabulary) // 64 + 1), np.uint64)
    for row, found in zip(rows, sets, strict=True):
        at = np.fromiter((place[word] for word in found), np.int64, len(found))
        np.bitwise_or.at(row, at // 64, np.uint64(1) << (at % 64).astype(np.uint64))
    return rows


def _alike(
    rows: Bitmaps, number: int, holders: Sequence[array[int]], likeness: float
) -> NDArray[np.int64]:
    """Keep the holders whose sets are at least as like the set of ``number`` as ``likeness``."""
    held = [np.frombuffer(found, np.int64) for found in holders if found]
    if not held:
        return np.empty(0, np.int64)
    earlier = np.concatenate(held)
    shared = np.bitwise_count(rows[earlier] & rows[number]).sum(axis=1, dtype=np.int64)
    either = np.bitwise_count(rows[earlier] | rows[number]).sum(axis=1, dtype=np.int64)
    alike: NDArray[np.int64] = earlier[shared / either >= likeness]
    return alike


def _runs(
    texts: Sequence[Words], among: Sequence[int] | range, length: int, needed: int
) -> dict[Fragment, list[int]]:
    """Find runs of exactly ``length`` words that at least ``needed`` of the texts contain."""
    holders: dict[Fragment, list[int]] = defaultdict(list)
    for number in among:
        text = texts[number]
        for run in dict.fromkeys(
            tuple(text[i : i + length]) for i in range(len(text) - length + 1)
        ):
            holders[run].append(number)
    return {run: found for run, found in holders.items() if len(found) >= needed}


def _holders(shared: dict[Fragment, list[int]]) -> list[int]:
    return sorted({number for found in shared.values() for number in found})


def _telling_words(found: frozenset[str], frequency: Counter[str], likeness: float) -> list[str]:
    """Return the rarest words of a text: any text so like it shares at least one of them.

    Prefix filtering (Chaudhuri, Ganti, Kaushik, "A Primitive Operator for Similarity Joins in Data
    Cleaning", ICDE 2006): of two sets with Jaccard index t, each has one of its n - ceil(t n) + 1
    rarest words in common with the other's.
    """
    by_rarity = sorted(found, key=lambda word: (frequency[word], word))
    return by_rarity[: len(found) - math.ceil(likeness * len(found) - 1e-9) + 1]
