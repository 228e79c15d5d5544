"""Greedy keep-best equals the plain double loop, to the last row."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from storyboard_ops.core.dataset.duplicates import near_duplicates
from storyboard_ops.core.dataset.duplicates.near_duplicates import exact_cosines, keep_best


def double_loop(embeddings: np.ndarray, threshold: float) -> tuple[list[bool], list[int]]:
    """The definition: kept flags, and the most similar row kept before."""
    kept_rows: list[int] = []
    kept, nearest = [], []
    for row, embedding in enumerate(embeddings):
        cosines = exact_cosines(embedding, embeddings[kept_rows])
        kept.append(not (cosines >= threshold).any())
        nearest.append(kept_rows[int(cosines.argmax())] if kept_rows else -1)
        if kept[-1]:
            kept_rows.append(row)
    return kept, nearest


def clusters(count: int, dimensions: int, seed: int) -> np.ndarray:
    """Rows around a third as many centres: cosines spread from 0.5 to 1 within a cluster."""
    dice = np.random.default_rng(seed)
    centres = dice.normal(size=(count // 3 + 1, dimensions))
    spread = dice.uniform(0.05, 1.0, size=(count, 1))
    rows = centres[dice.integers(len(centres), size=count)]
    return (rows + spread * dice.normal(size=(count, dimensions))).astype(np.float32)


def test_three_rows_by_hand() -> None:
    answer = keep_best(np.array([[1, 0], [4, 3], [0, 2]], np.float32), threshold=0.8)
    assert answer.kept.tolist() == [True, False, True]
    assert answer.nearest.tolist() == [-1, 0, 0]
    assert answer.similarity.tolist() == pytest.approx([0, 0.8, 0])


def test_a_duplicate_of_a_dropped_row_is_kept() -> None:
    """Greedy: only kept rows drop others."""
    answer = keep_best(np.array([[1, 0], [0.8, 0.6], [0.28, 0.96]], np.float32), threshold=0.75)
    assert answer.kept.tolist() == [True, False, True]


@pytest.mark.parametrize("threshold", [0.7, 0.9, 0.99])
@pytest.mark.parametrize("seed", range(3))
def test_equals_the_double_loop_over_several_blocks(
    seed: int, threshold: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(near_duplicates, "BLOCK_ROWS", 64)
    monkeypatch.setattr(near_duplicates, "KEPT_ROWS", 50)
    rows = clusters(500, 48, seed)
    answer = keep_best(rows, threshold)
    kept, nearest = double_loop(rows, threshold)
    assert answer.kept.tolist() == kept
    assert answer.nearest.tolist() == nearest
    assert 20 < answer.kept.sum() < 500


@pytest.mark.parametrize("report_from", [0.1, 0.6, 0.9])
@pytest.mark.parametrize("seed", range(3))
def test_keys_lose_nothing(seed: int, report_from: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows along few axes, as real embeddings are, and as many that know no axes at all."""
    monkeypatch.setattr(near_duplicates, "BLOCK_ROWS", 64)
    monkeypatch.setattr(near_duplicates, "KEPT_ROWS", 50)
    monkeypatch.setattr(near_duplicates, "KEYED_ROWS", 100)
    narrow = clusters(250, 6, seed) @ np.random.default_rng(seed).normal(size=(6, 48))
    rows = np.concatenate([narrow, clusters(250, 48, seed)])
    answer = keep_best(rows, 0.9, report_from)
    kept, nearest = double_loop(rows, 0.9)
    told = [other >= 0 and exact_cosines(row, rows[[other]])[0] >= report_from
            for row, other in zip(rows, nearest, strict=True)]  # fmt: skip
    assert answer.kept.tolist() == kept
    assert answer.nearest.tolist() == [n if t else -1 for n, t in zip(nearest, told, strict=True)]
    assert (answer.similarity[told] >= report_from).all()
    assert not answer.similarity[~np.array(told)].any()


def test_only_duplicates_are_told_from_the_threshold_on() -> None:
    rows = clusters(5_000, 64, seed=4)
    answer = keep_best(rows, 0.9, report_from=0.9)
    everything = keep_best(rows, 0.9)
    assert answer.kept.tolist() == everything.kept.tolist()
    assert answer.nearest.tolist() == np.where(everything.kept, -1, everything.nearest).tolist()


def test_whole_blocks_of_the_real_size() -> None:
    rows = clusters(2_600, 64, seed=9)
    assert keep_best(rows, 0.85).kept.tolist() == double_loop(rows, 0.85)[0]


def test_a_hair_on_either_side_of_the_threshold_is_decided_exactly() -> None:
    """Rows whose cosine to the first differs from the threshold by a millionth and less."""
    threshold = 0.92
    offsets = np.array([-1e-6, -1e-7, -3e-8, 3e-8, 1e-7, 1e-6])
    rows = [np.eye(40)[0]]
    for axis, cosine in enumerate(threshold + offsets, start=1):
        rows.append(cosine * np.eye(40)[0] + np.sqrt(1 - cosine**2) * np.eye(40)[axis])
    embeddings = np.array(rows) * 3.0
    answer = keep_best(embeddings, threshold)
    assert answer.kept.tolist() == [True, True, True, True, False, False, False]


def test_a_threshold_of_one_drops_equal_directions_only() -> None:
    dice = np.random.default_rng(1)
    row = dice.normal(size=1_024).astype(np.float32)
    other = row.copy()
    other[0] += 0.1
    answer = keep_best(np.stack([row, row, 2 * row, other]), threshold=1.0)
    assert answer.kept.tolist() == [True, False, False, True]


@given(
    arrays.arrays(np.float32, st.tuples(st.integers(0, 12), st.just(3)), elements=st.sampled_from(
        np.array([-1, -0.5, 0, 0.5, 1, 2], np.float32).tolist())),
    st.sampled_from([0.5, 0.8, 0.9, 1.0]),
)  # fmt: skip
def test_any_small_set(rows: np.ndarray, threshold: float) -> None:
    rows = rows[np.abs(rows).sum(axis=1) > 0]
    answer = keep_best(rows, threshold)
    assert answer.kept.tolist() == double_loop(rows, threshold)[0]
    kept_first = (answer.nearest == -1) | answer.kept[answer.nearest]
    assert kept_first.all()


def test_no_rows() -> None:
    assert keep_best(np.empty((0, 1_024), np.float32), 0.9).kept.tolist() == []


@pytest.mark.parametrize("bad", [0.0, np.nan, np.inf])
def test_an_embedding_without_direction_is_named(bad: float) -> None:
    rows = np.ones((3, 4), np.float32)
    rows[2] = bad
    with pytest.raises(ValueError, match="Embedding 2 has length"):
        keep_best(rows, 0.9)


@pytest.mark.parametrize(
    ("shape", "threshold", "report_from", "reason"),
    [
        ((3,), 0.9, -1.0, r"shape \(N, D\)"),
        ((3, 4), 1.5, -1.0, "threshold is a cosine"),
        ((3, 4), -1.0, -1.0, "threshold is a cosine"),
        ((3, 4), 0.9, 0.95, "report_from must be at most 0.9"),
    ],
)
def test_impossible_arguments(
    shape: tuple[int, ...], threshold: float, report_from: float, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        keep_best(np.ones(shape), threshold, report_from)
