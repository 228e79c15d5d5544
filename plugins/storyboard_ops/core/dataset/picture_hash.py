"""Compute a 64-bit perceptual hash, to find exact and nearly exact copies cheaply.

The hash is the usual one by discrete cosine transform: 32 x 32 luma, its 8 x 8 lowest
frequencies, one bit each for "above the median". It is robust to compression and resizing. It does
not reliably notice a changed expression in a small part of the picture, so the distance that counts
as a copy is small; similar pictures are left to embeddings.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from storyboard_ops.core.dataset.near_duplicates import KeepBest

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

    A hash that differs from a previously kept one in at most ``max_bits`` bits is a copy.
    ``similarity`` is ``1 - differing bits / 64``.
    """
    values = np.array(hashes, np.uint64)
    kept = np.zeros(len(values), np.bool_)
    nearest = np.full(len(values), -1, np.int64)
    similarity = np.zeros(len(values), np.float64)
    kept_rows = np.empty(len(values), np.int64)
    kept_values = np.empty(len(values), np.uint64)
    count = 0
    for row, value in enumerate(values):
        bits = np.bitwise_count(kept_values[:count] ^ value)
        if count:
            closest = int(bits.argmin())
            nearest[row] = kept_rows[closest]
            similarity[row] = 1 - int(bits[closest]) / HASH_BITS
        if not count or bits[closest] > max_bits:
            kept[row] = True
            kept_rows[count], kept_values[count] = row, value
            count += 1
    return KeepBest(kept, nearest, similarity)
