"""Compute a 64-bit perceptual hash, to find exact and nearly exact copies cheaply.

The hash is the usual one by discrete cosine transform: 32 x 32 luma, its 8 x 8 lowest
frequencies, one bit each for "above the median". It is robust to compression and resizing. It does
not reliably notice a changed expression in a small part of the picture, so the distance that counts
as a copy is small; similar pictures are left to embeddings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from storyboard_ops.core.dataset.duplicates.near_duplicates import KeepBest

#: Recorded as the model where pictures were compared by this hash.
HASH_MODEL = "picture_hash"
#: Bits that may differ between a picture and its copy.
COPY_BITS = 2
HASH_BITS = 64
_SIDE = 32
_LOW = 8


def picture_hash(rgb: NDArray[np.uint8]) -> int:
    """Hash (H, W, 3) RGB to an unsigned 64-bit number; a picture of one colour hashes to 0."""
    luma = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(luma, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    # Round to whole grey levels: noise of the transform must not decide a bit.
    low = np.round(cv2.dct(small)[:_LOW, :_LOW]).ravel()
    # The mean brightness carries no structure and is left out of the median.
    bits = low > np.median(low[1:])
    bits[0] = False
    return int(np.packbits(bits).view(">u8")[0])


def differing_bits(a: int, b: int) -> int:
    """Return the Hamming distance of two hashes, 0..64."""
    return (a ^ b).bit_count()


def keep_first_copies(hashes: Sequence[int], max_bits: int = COPY_BITS) -> KeepBest:
    """Keep the first of each group of similar hashes, greedily; the best picture comes first.

    A hash that differs from a previously kept one in at most ``max_bits`` bits is a copy, of the
    one that it differs from least. ``similarity`` is ``1 - differing bits / 64``; only copies have
    one. Two hashes that differ so little are equal in one of ``max_bits + 1`` parts: each is
    compared only with kept ones that have a part in common.
    """
    kept = np.zeros(len(hashes), np.bool_)
    nearest = np.full(len(hashes), -1, np.int64)
    similarity = np.zeros(len(hashes), np.float64)
    parts = _parts(max_bits + 1)
    known: dict[tuple[int, int], list[int]] = defaultdict(list)
    for row, value in enumerate(hashes):
        keys = [(mask, value & mask) for mask in parts]
        like = {other for key in keys for other in known.get(key, ())}
        bits, closest = min(
            ((differing_bits(value, hashes[other]), other) for other in like),
            default=(HASH_BITS, -1),
        )
        if closest >= 0 and bits <= max_bits:
            nearest[row], similarity[row] = closest, 1 - bits / HASH_BITS
        else:
            kept[row] = True
            for key in keys:
                known[key].append(row)
    return KeepBest(kept, nearest, similarity)


def find_nearest(hashes: Sequence[int], row: int, others: Sequence[int]) -> tuple[int, float]:
    """Return which of other rows has the most similar hash, and how similar; (-1, 0) without."""
    bits, closest = min(
        ((differing_bits(hashes[row], hashes[other]), other) for other in others),
        default=(HASH_BITS, -1),
    )
    return closest, 1 - bits / HASH_BITS


def _parts(count: int) -> list[int]:
    """Return masks of consecutive bits that divide a hash as evenly as possible."""
    edges = [HASH_BITS * part // count for part in range(count + 1)]
    return [(1 << last) - (1 << first) for first, last in pairwise(edges)]
