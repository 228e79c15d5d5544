"""The hash sees through compression and size, and tells different pictures apart."""

from __future__ import annotations

from collections import Counter

import cv2
import numpy as np
import pytest

from storyboard_ops.core.dataset.duplicates.picture_hash import (
    COPY_BITS,
    differing_bits,
    find_nearest,
    keep_first_copies,
    picture_hash,
)
from storyboard_ops.core.pictures.codec import decode_rgb, encode_jpeg
from tests.material.factories import picture


@pytest.mark.parametrize("seed", range(8))
def test_a_copy_keeps_its_hash_through_jpeg_and_resizing(seed: int) -> None:
    original = picture(seed, 640, 640)
    jpeg = decode_rgb(encode_jpeg(original, quality=60))
    smaller = cv2.resize(original, (400, 400), interpolation=cv2.INTER_AREA)
    assert differing_bits(picture_hash(original), picture_hash(jpeg)) <= COPY_BITS
    assert differing_bits(picture_hash(original), picture_hash(smaller)) <= COPY_BITS


def test_different_pictures_differ_in_many_bits() -> None:
    hashes = [picture_hash(picture(seed)) for seed in range(12)]
    distances = [differing_bits(a, b) for i, a in enumerate(hashes) for b in hashes[:i]]
    assert min(distances) > COPY_BITS


def test_a_mirrored_picture_is_another_one() -> None:
    original = picture(3)
    mirrored = np.ascontiguousarray(original[:, ::-1])
    assert differing_bits(picture_hash(original), picture_hash(mirrored)) > COPY_BITS


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (500, 500)])
def test_pictures_of_one_colour_hash_to_zero(shape: tuple[int, int]) -> None:
    assert picture_hash(np.full((*shape, 3), 90, np.uint8)) == 0


def test_the_hash_of_a_known_picture() -> None:
    """A dark left half: only horizontal frequencies, every other one, with alternating signs."""
    half = np.zeros((64, 64, 3), np.uint8)
    half[:, 32:] = 255
    positive = 1 << (63 - 3) | 1 << (63 - 7)
    assert picture_hash(half) == positive


def test_copies_are_dropped_in_order() -> None:
    first, near, far = 0b0, 0b11, (1 << 64) - 1
    answer = keep_first_copies([first, near, far, 0b111, far - 1], max_bits=2)
    assert answer.kept.tolist() == [True, False, True, True, False]
    assert answer.nearest.tolist() == [-1, 0, -1, -1, 2]
    assert answer.similarity.tolist() == [0, 1 - 2 / 64, 0, 0, 1 - 1 / 64]


def test_the_nearest_of_some_hashes() -> None:
    hashes = [0b0, 0b11, (1 << 64) - 1, 0b111]
    assert find_nearest(hashes, 3, [0, 1, 2]) == (1, 1 - 1 / 64)
    assert find_nearest(hashes, 0, []) == (-1, 0)


@pytest.mark.parametrize("max_bits", [0, 1, 2, 5])
def test_copies_are_those_that_a_comparison_of_all_pairs_finds(max_bits: int) -> None:
    """Chains of hashes, each a bit from the one before: near ones differ anywhere."""
    dice = np.random.default_rng(max_bits)
    hashes = [int(n) for n in dice.integers(0, 2**63, 20)]
    for _ in range(600):
        flipped = 1 << int(dice.integers(64))
        hashes.append(hashes[int(dice.integers(len(hashes)))] ^ flipped)
    kept: list[int] = []
    nearest = []
    for row in range(len(hashes)):
        closest, _ = find_nearest(hashes, row, kept)
        is_copy = closest >= 0 and differing_bits(hashes[row], hashes[closest]) <= max_bits
        nearest.append(closest if is_copy else -1)
        kept += [] if is_copy else [row]
    answer = keep_first_copies(hashes, max_bits)
    assert np.flatnonzero(answer.kept).tolist() == kept
    assert answer.nearest.tolist() == nearest


def test_few_pairs_of_different_hashes_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = Counter[str]()

    def count(a: int, b: int) -> int:
        compared["pairs"] += 1
        return (a ^ b).bit_count()

    monkeypatch.setattr("storyboard_ops.core.dataset.duplicates.picture_hash.differing_bits", count)
    hashes = np.random.default_rng(0).integers(0, 2**63, 5_000).tolist()
    assert keep_first_copies(hashes).kept.all()
    assert compared["pairs"] < 200  # of twelve million


def test_no_hashes() -> None:
    assert keep_first_copies([]).kept.tolist() == []
