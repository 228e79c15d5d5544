"""Keep the best of near-identical pictures: exact, greedy, in bounded memory.

Rows come best first. A row is dropped when its cosine similarity to any previously kept row
reaches the threshold; otherwise it is kept. Blocks of rows are compared with the kept rows by
float32 matrix products; similarities within rounding error of the threshold are decided in
float64, so the result equals that of the plain double loop over cosines rounded to 12 places.

Many rows are first compared by short keys, see ``short_keys``, which bound a cosine from above.
Only the pairs whose bound reaches the lowest reported similarity are compared in full, and kept
rows are read again for that: what is held in memory is a byte for each value of a key. No pair is
missed, and three quarters of the work or more is saved.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from storyboard_ops.core.dataset.duplicates.short_keys import ShortKeys, choose_axes, unit_rows

#: Rows compared at a time. A block against as many kept rows is 4 MB of similarities.
BLOCK_ROWS = 1_024
#: Kept rows per matrix product: enough for full speed, few enough that a single similar row among
#: them costs little.
KEPT_ROWS = 1_024
#: Keys pay off from this many rows.
KEYED_ROWS = 4_096
#: Equal directions must reach a threshold of 1; float64 misses that by its last digits.
EXACT_DIGITS = 12
#: float32 products of 4,096 values err by less than this; closer calls are decided in float64.
DOUBT = 1e-5
#: Below every cosine: no row to compare with.
NOTHING = np.float32(-2)

Floats = NDArray[np.float32]


class Rows(Protocol):
    """Rows of numbers, (N, D): an array, or a file of them."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    def __getitem__(self, chosen: Any, /) -> NDArray[np.floating]:
        """Return one row by its number, or several by a slice or an array of numbers."""


@dataclass(frozen=True)
class KeepBest:
    """Result for N rows.

    ``nearest[i]`` is the most similar row among those kept before row i, and ``similarity[i]``
    its cosine; -1 and 0.0 where no earlier kept row is similar enough to be reported.
    """

    kept: NDArray[np.bool_]  # (N,)
    nearest: NDArray[np.int64]  # (N,)
    similarity: NDArray[np.float64]  # (N,), -1..1


def keep_best(embeddings: Rows, threshold: float, report_from: float = -1.0) -> KeepBest:
    """Decide which rows of (N, D) embeddings to keep, best picture first; they need not be unit.

    The nearest row is reported where its cosine is at least ``report_from``, which must not exceed
    the threshold; the closer to it, the fewer comparisons. Accepts float32 or anything that
    converts to it. From KEYED_ROWS rows on with a positive ``report_from``, D / 4 bytes a row are
    allocated; otherwise another array of that size. Raises ValueError naming the row that is zero
    or not finite, or when the shape, the threshold (-1..1, exclusive of -1) or ``report_from`` is
    invalid.
    """
    if len(embeddings.shape) != 2:
        raise ValueError(f"Embeddings must have shape (N, D), not {embeddings.shape}.")
    if not -1 < threshold <= 1:
        raise ValueError(f"The threshold is a cosine above -1 and at most 1, not {threshold}.")
    if not report_from <= threshold:
        raise ValueError(f"report_from must be at most {threshold} (threshold), not {report_from}.")
    keyed = report_from > 0 and embeddings.shape[0] >= KEYED_ROWS
    kept = _KeyedRows(embeddings, report_from) if keyed else _WholeRows(embeddings.shape)
    return _Search(embeddings, threshold, report_from, kept).run()


@dataclass(frozen=True)
class _Near:
    """Pairs of rows that may be near: (R,) rows of a block, (K,) kept rows, (R, K) cosines."""

    rows: NDArray[np.int64]  # by their place in the block
    kept: NDArray[np.int64]  # by their place among the kept rows
    similar: Floats


class _KeptRows(Protocol):
    """The rows that were kept so far, to compare others with."""

    def add(self, rows: NDArray[np.int64], exact: NDArray[np.float64]) -> None:
        """Add rows, by their numbers, with their values at unit length."""

    def near(self, exact: NDArray[np.float64]) -> Iterator[_Near]:
        """Compare (R, D) unit rows with all kept rows, some at a time."""


class _WholeRows:
    """Kept rows at unit length, stored contiguously."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._unit = np.empty(shape, np.float32)  # pages are allocated as they are filled
        self._count = 0

    def add(self, rows: NDArray[np.int64], exact: NDArray[np.float64]) -> None:
        self._unit[self._count : self._count + len(rows)] = exact
        self._count += len(rows)

    def near(self, exact: NDArray[np.float64]) -> Iterator[_Near]:
        unit = exact.astype(np.float32)
        for kept in _parts(self._count):
            yield _Near(np.arange(len(unit)), kept, unit @ self._unit[kept[0] : kept[-1] + 1].T)


class _KeyedRows:
    """Short keys of the kept rows; a row is read again where its key says that it may be near."""

    def __init__(self, embeddings: Rows, report_from: float) -> None:
        count = embeddings.shape[0]
        sample = unit_rows(embeddings[:: -(-count // KEYED_ROWS)], 0)
        self._embeddings = embeddings
        self._least = report_from - DOUBT
        self._keys = ShortKeys(choose_axes(sample, self._least), count)
        self._rows = np.empty(count, np.int64)

    def add(self, rows: NDArray[np.int64], exact: NDArray[np.float64]) -> None:
        self._rows[self._keys.count : self._keys.count + len(rows)] = rows
        self._keys.add(exact)

    def near(self, exact: NDArray[np.float64]) -> Iterator[_Near]:
        unit, keys = exact.astype(np.float32), self._keys.of(exact)
        for part in _parts(self._keys.count):
            bounds = self._keys.bounds(keys, slice(part[0], part[-1] + 1))
            rows = np.flatnonzero(bounds.max(axis=1) >= self._least)
            if rows.size:
                kept = part[bounds[rows].max(axis=0) >= self._least]
                again = unit_rows(self._embeddings[self._rows[kept]], 0).astype(np.float32)
                yield _Near(rows, kept, unit[rows] @ again.T)


def _parts(count: int) -> Iterator[NDArray[np.int64]]:
    """Yield the places of the kept rows, KEPT_ROWS at a time."""
    for low in range(0, count, KEPT_ROWS):
        yield np.arange(low, min(low + KEPT_ROWS, count))


class _Search:
    """State of one pass, and the result so far."""

    def __init__(
        self, embeddings: Rows, threshold: float, report_from: float, unit_kept: _KeptRows
    ) -> None:
        count = embeddings.shape[0]
        self.embeddings = embeddings
        self.threshold = threshold
        self.report_from = report_from
        self.unit_kept = unit_kept
        self.kept_rows = np.empty(count, np.int64)
        self.kept_count = 0
        self.kept = np.zeros(count, np.bool_)
        self.nearest = np.full(count, -1, np.int64)
        self.similarity = np.full(count, NOTHING, np.float64)

    def run(self) -> KeepBest:
        count = len(self.kept)
        for start in range(0, count, BLOCK_ROWS):
            rows = np.arange(start, min(start + BLOCK_ROWS, count))
            exact = unit_rows(self.embeddings[start : int(rows[-1]) + 1], start)
            self._compare_with_kept(rows, exact)
            self._decide_within(rows, exact)
        untold = (self.nearest < 0) | (self.similarity < self.report_from)
        self.nearest[untold], self.similarity[untold] = -1, 0.0
        # float32 may put rows of equal direction slightly above 1.
        return KeepBest(self.kept, self.nearest, np.clip(self.similarity, -1.0, 1.0))

    def _compare_with_kept(self, rows: NDArray[np.int64], exact: NDArray[np.float64]) -> None:
        for pairs in self.unit_kept.near(exact):
            self._take_nearest(rows[pairs.rows], pairs.similar, self.kept_rows[pairs.kept])

    def _decide_within(self, rows: NDArray[np.int64], exact: NDArray[np.float64]) -> None:
        """Go through a block from best to worst; each kept row drops later rows similar to it."""
        unit = exact.astype(np.float32)
        similar = unit @ unit.T
        alike = self._alike(rows, similar)
        dropped = self.similarity[rows] >= self.threshold
        for i in range(len(rows)):
            if not dropped[i]:
                dropped[i + 1 :] |= alike[i, i + 1 :]
        fresh = np.flatnonzero(~dropped)
        earlier = np.arange(len(rows))[:, None] > fresh
        self._take_nearest(rows, np.where(earlier, similar[:, fresh], NOTHING), rows[fresh])
        self.unit_kept.add(rows[fresh], exact[fresh])
        self.kept_rows[self.kept_count : self.kept_count + len(fresh)] = rows[fresh]
        self.kept[rows[fresh]] = True
        self.kept_count += len(fresh)

    def _alike(self, rows: NDArray[np.int64], similar: Floats) -> NDArray[np.bool_]:
        """Mark the pairs in a block that reach the threshold: (R, R), exact above the diagonal."""
        alike = similar >= self.threshold
        doubtful = np.triu(np.abs(similar - self.threshold) < DOUBT, k=1)
        for i in np.flatnonzero(doubtful.any(axis=1)):
            later = np.flatnonzero(doubtful[i])
            cosines = exact_cosines(self.embeddings[rows[i]], self.embeddings[rows[later]])
            alike[i, later] = cosines >= self.threshold
        return alike

    def _take_nearest(
        self, rows: NDArray[np.int64], similar: Floats, others: NDArray[np.int64]
    ) -> None:
        """Record the nearest of K kept rows where it beats the known one; ``similar``: (R, K)."""
        if not similar.size:
            return
        column = similar.argmax(axis=1)
        best = similar[np.arange(len(rows)), column].astype(np.float64)
        for i in np.flatnonzero(np.abs(best - self.threshold) < DOUBT):
            column[i], best[i] = self._exact_nearest(rows[i], similar[i], others)
        better = best > self.similarity[rows]
        self.nearest[rows[better]] = others[column[better]]
        self.similarity[rows[better]] = best[better]

    def _exact_nearest(
        self, row: np.int64, similar: Floats, others: NDArray[np.int64]
    ) -> tuple[int, float]:
        """Find in float64 the nearest among the kept rows that tie within rounding error."""
        columns = np.flatnonzero(similar >= similar.max() - DOUBT)
        cosines = exact_cosines(self.embeddings[row], self.embeddings[others[columns]])
        first = int(cosines.argmax())
        return int(columns[first]), float(cosines[first])


def exact_cosines(one: NDArray[np.floating], many: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the cosines of one row (D,) to many (K, D) in float64, rounded to 12 places; (K,)."""
    one, many = one.astype(np.float64), many.astype(np.float64)
    lengths = np.linalg.norm(one) * np.linalg.norm(many, axis=1)
    cosines: NDArray[np.float64] = np.round(many @ one / lengths, EXACT_DIGITS)
    return cosines
