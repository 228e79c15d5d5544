"""Bound the cosines of many rows from above by short keys, a byte for each value.

A key has a row's coordinates p along the principal axes, and the length r of the remainder. By the
Cauchy-Schwarz inequality the cosine of two rows is at most ``p . q + r * s``. The coordinates of a
stored key are rounded to 8 bits; the length e of what the rounding left adds at most ``|p| * e``,
by the same inequality, so that the bound stays one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: Keys are as short as possible, in these shares of a row's values: few for rows that lie along few
#: axes, as those of films do. Even rows spread equally over all axes have a bound near 0.75 with
#: the last one, below any sensible threshold.
KEY_SHARES = (1 / 32, 1 / 16, 1 / 8, 3 / 16, 1 / 4)
#: A key is long enough when its bound is too high for at most this share of pairs.
MOST_DOUBTFUL = 1e-5
#: Pairs of this many rows are tried to choose the length.
TRIED_ROWS = 1_024
#: Largest value of a rounded coordinate.
STEPS = 127

Exact = NDArray[np.float64]
Floats = NDArray[np.float32]


class ShortKeys:
    """Keys of rows that are added one after the other, at most ``most``."""

    def __init__(self, axes: Exact, most: int) -> None:
        """``axes``: as columns, (D, A)."""
        self._axes = axes
        self._rounded = np.empty((most, axes.shape[1]), np.int8)
        #: The step of the rounding, the length of the remainder, and that of the rounded off part.
        self._facts = np.empty((most, 3), np.float32)
        self.count = 0

    def add(self, unit: Exact) -> None:
        """Add the keys of rows at unit length, (R, D)."""
        along, rest = _coordinates(unit, self._axes)
        step = np.maximum(np.abs(along).max(axis=1) / STEPS, np.finfo(np.float32).tiny)
        step = step.astype(np.float32).astype(np.float64)
        rounded = np.clip(np.rint(along / step[:, None]), -STEPS, STEPS)
        left = np.linalg.norm(along - rounded * step[:, None], axis=1)
        places = slice(self.count, self.count + len(unit))
        self._rounded[places] = rounded
        self._facts[places] = np.column_stack((step, rest, left))
        self.count += len(unit)

    def of(self, unit: Exact) -> Floats:
        """Return the keys of rows at unit length, (R, D), not rounded, to find bounds with."""
        along, rest = _coordinates(unit, self._axes)
        return np.column_stack((along, rest, np.linalg.norm(along, axis=1))).astype(np.float32)

    def bounds(self, keys: Floats, others: slice) -> Floats:
        """Return what the cosines of rows to some added ones are at most, (R, K).

        ``keys``: those of the rows, as ``of`` returns them. The bound is less than 1e-5 too low by
        the rounding of float32.
        """
        facts = self._facts[others]
        theirs = np.column_stack((self._rounded[others] * facts[:, :1], facts[:, 1:]))
        bounds: Floats = keys @ theirs.T
        return bounds


def choose_axes(unit: Exact, least: float) -> Exact:
    """Return principal axes, as columns (D, A), of a sample of unit rows, uncentred.

    As few of them as make keys whose bound is below ``least`` for nearly all pairs that are.
    """
    values, axes = np.linalg.eigh(unit.T @ unit)  # in ascending order of weight
    tried = unit[:: -(-len(unit) // TRIED_ROWS)]
    cosines = tried @ tried.T
    chosen = axes
    for share in KEY_SHARES:
        chosen = axes[:, -max(1, round(len(values) * share)) :]
        along, rest = _coordinates(tried, chosen)
        doubtful = (along @ along.T + np.outer(rest, rest) >= least) & (cosines < least)
        if doubtful.mean() <= MOST_DOUBTFUL:
            break
    return chosen


def unit_rows(block: NDArray[np.floating], start: int) -> Exact:
    """Scale rows (R, D) to length 1; ``start`` is the number of the first row, for messages.

    Raises ValueError naming the row that is zero or not finite.
    """
    rows = block.astype(np.float64)
    lengths = np.linalg.norm(rows, axis=1)
    for i in np.flatnonzero(~np.isfinite(lengths) | (lengths == 0)):
        raise ValueError(
            f"Embedding {start + i} has length {lengths[i]}; its values must be finite, not all 0."
        )
    rows /= lengths[:, None]
    return rows


def _coordinates(unit: Exact, axes: Exact) -> tuple[Exact, Exact]:
    """Return the coordinates along the axes, (R, A), and the lengths of the remainders, (R,).

    Computed in float64, because the remainder is a small difference of large numbers.
    """
    along = unit @ axes
    rest = np.sqrt(np.maximum(0.0, 1.0 - np.square(along).sum(axis=1)))
    return along, rest
