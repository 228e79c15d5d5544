"""Keep the best of near-identical pictures: exact, greedy, in bounded memory.

Rows come best first. A row is dropped when its cosine similarity to any previously kept row
reaches the threshold; otherwise it is kept. Blocks of rows are compared with the kept rows by
float32 matrix products; similarities within rounding error of the threshold are decided in
float64, so the result equals that of the plain double loop over cosines rounded to 12 places.

Many rows are first compared by short keys: a row's coordinates p along the principal axes, and
the length r of the remainder. By the Cauchy-Schwarz inequality the cosine of two rows is at most
``p . q + r * s``, one product of keys; only rows where this bound reaches the lowest reported
similarity are compared in full. No pair is missed, and three quarters of the work is saved.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Rows compared at a time. A block against as many kept rows is 4 MB of similarities.
BLOCK_ROWS = 1_024
#: Kept rows per matrix product: enough for full speed, few enough that a single similar row among
#: them costs little.
KEPT_ROWS = 1_024
#: Keys pay off from this many rows; the principal axes are computed from as many rows.
KEYED_ROWS = 4_096
#: A key has the coordinates along one in this many axes, 256 of 1,024. Even rows spread equally
#: over all axes then have a bound near 0.75, below any sensible threshold.
KEY_SHARE = 4
#: Equal directions must reach a threshold of 1; float64 misses that by its last digits.
EXACT_DIGITS = 12
#: float32 products of 4,096 values err by less than this; closer calls are decided in float64.
DOUBT = 1e-5
#: Below every cosine: no row to compare with.
NOTHING = np.float32(-2)

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class KeepBest:
    """Result for N rows.

    ``nearest[i]`` is the most similar row among those kept before row i, and ``similarity[i]``
    its cosine; -1 and 0.0 where no earlier kept row is similar enough to be reported.
    """

    kept: NDArray[np.bool_]  # (N,)
    nearest: NDArray[np.int64]  # (N,)
    similarity: NDArray[np.float64]  # (N,), -1..1


def keep_best(
    embeddings: NDArray[np.floating], threshold: float, report_from: float = -1.0
) -> KeepBest:
    """Decide which rows of (N, D) embeddings to keep, best picture first; they need not be unit.

    The nearest row is reported where its cosine is at least ``report_from``, which must not exceed
    the threshold; the closer to it, the fewer comparisons. Accepts float32 or anything that
    converts to it, memory maps included, and allocates another array of that size. Raises
    ValueError naming the row that is zero or not finite, or when the shape, the threshold (-1..1,
    exclusive of -1) or ``report_from`` is invalid.
    """
    if embeddings.ndim != 2:
        raise ValueError(f"Embeddings must have shape (N, D), not {embeddings.shape}.")
    if not -1 < threshold <= 1:
        raise ValueError(f"The threshold is a cosine above -1 and at most 1, not {threshold}.")
    if not report_from <= threshold:
        raise ValueError(f"report_from must be at most {threshold} (threshold), not {report_from}.")
    return _Search(embeddings, threshold, report_from).run()


class _Search:
    """State of one pass: kept rows at unit length, stored contiguously, and the result so far."""

    def __init__(
        self, embeddings: NDArray[np.floating], threshold: float, report_from: float
    ) -> None:
        count, dimensions = embeddings.shape
        self.embeddings = embeddings
        self.threshold = threshold
        self.report_from = report_from
        self.axes = _key_axes(embeddings) if report_from > 0 and count >= KEYED_ROWS else None
        self.unit_kept = np.empty((count, dimensions), np.float32)  # pages are allocated as filled
        self.kept_keys = self.unit_kept
        if self.axes is not None:
            self.kept_keys = np.empty((count, self.axes.shape[1] + 1), np.float32)
        self.kept_rows = np.empty(count, np.int64)
        self.kept_count = 0
        self.kept = np.zeros(count, np.bool_)
        self.nearest = np.full(count, -1, np.int64)
        self.similarity = np.full(count, NOTHING, np.float64)

    def run(self) -> KeepBest:
        for start in range(0, len(self.embeddings), BLOCK_ROWS):
            rows = np.arange(start, min(start + BLOCK_ROWS, len(self.embeddings)))
            exact = _unit_rows(self.embeddings[rows[0] : rows[-1] + 1], start)
            unit = exact.astype(np.float32)
            keys = unit if self.axes is None else _keys(exact, self.axes)
            self._compare_with_kept(rows, unit, keys)
            self._decide_within(rows, unit, keys)
        untold = (self.nearest < 0) | (self.similarity < self.report_from)
        self.nearest[untold], self.similarity[untold] = -1, 0.0
        # float32 may put rows of equal direction slightly above 1.
        return KeepBest(self.kept, self.nearest, np.clip(self.similarity, -1.0, 1.0))

    def _compare_with_kept(self, rows: NDArray[np.int64], unit: Floats, keys: Floats) -> None:
        for low in range(0, self.kept_count, KEPT_ROWS):
            others = slice(low, min(low + KEPT_ROWS, self.kept_count))
            at_most = keys @ self.kept_keys[others].T
            near = at_most.max(axis=1) >= self.report_from - DOUBT
            similar = at_most[near]
            if self.axes is not None:
                similar = unit[near] @ self.unit_kept[others].T
            self._take_nearest(rows[near], similar, self.kept_rows[others])

    def _decide_within(self, rows: NDArray[np.int64], unit: Floats, keys: Floats) -> None:
        """Go through a block from best to worst; each kept row drops later rows similar to it."""
        similar = unit @ unit.T
        alike = self._alike(rows, similar)
        dropped = self.similarity[rows] >= self.threshold
        for i in range(len(rows)):
            if not dropped[i]:
                dropped[i + 1 :] |= alike[i, i + 1 :]
        fresh = np.flatnonzero(~dropped)
        earlier = np.arange(len(rows))[:, None] > fresh
        self._take_nearest(rows, np.where(earlier, similar[:, fresh], NOTHING), rows[fresh])
        places = slice(self.kept_count, self.kept_count + len(fresh))
        self.unit_kept[places], self.kept_rows[places] = unit[fresh], rows[fresh]
        self.kept_keys[places] = keys[fresh]
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


def _unit_rows(block: NDArray[np.floating], start: int) -> NDArray[np.float64]:
    """Scale rows to length 1; ``start`` is the number of the first row, for messages."""
    rows = block.astype(np.float64)
    lengths = np.linalg.norm(rows, axis=1)
    for i in np.flatnonzero(~np.isfinite(lengths) | (lengths == 0)):
        raise ValueError(
            f"Embedding {start + i} has length {lengths[i]}; its values must be finite, not all 0."
        )
    rows /= lengths[:, None]
    return rows


def _key_axes(embeddings: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the principal axes of the unit rows, uncentred, as columns: (D, D / KEY_SHARE)."""
    apart = -(-len(embeddings) // KEYED_ROWS)
    unit = _unit_rows(embeddings[::apart], 0)
    _, axes = np.linalg.eigh(unit.T @ unit)  # in ascending order of weight
    return axes[:, -max(1, axes.shape[1] // KEY_SHARE) :]


def _keys(unit: NDArray[np.float64], axes: NDArray[np.float64]) -> Floats:
    """Return the coordinates along the axes, and in the last column the length of the remainder.

    Computed in float64, because the remainder is a small difference of large numbers.
    """
    along = unit @ axes
    rest = np.sqrt(np.maximum(0.0, 1.0 - np.square(along).sum(axis=1)))
    return np.column_stack((along, rest)).astype(np.float32)
