"""A key says what a cosine is at most, in a byte a value."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyboard_ops.core.dataset.duplicates.short_keys import ShortKeys, choose_axes, unit_rows

#: What float32 may round away.
DOUBT = 1e-5


@given(
    st.integers(0, 10_000),
    st.sampled_from([0.3, 0.7, 0.92]),
    st.integers(3, 60),
    st.sampled_from([1.0, 1e-3, 1e6]),
)
def test_a_bound_is_never_below_the_cosine(
    seed: int, scatter: float, dimensions: int, spread: float
) -> None:
    dice = np.random.default_rng(seed)
    rows = dice.normal(size=(40, dimensions)) + dice.normal(size=dimensions) / scatter
    rows[:, 0] *= spread  # one value may outweigh all others, which are then rounded off
    rows[1] = rows[0]
    unit = unit_rows(rows, 0)
    keys = ShortKeys(choose_axes(unit, 0.9), 40)
    keys.add(unit[:15])
    keys.add(unit[15:])
    assert (keys.bounds(keys.of(unit), slice(0, 40)) >= unit @ unit.T - DOUBT).all()


def test_rows_along_few_axes_have_shorter_keys_than_rows_along_all() -> None:
    dice = np.random.default_rng(1)
    everywhere = dice.normal(size=(2_000, 256))
    along_few = dice.normal(size=(2_000, 6)) @ dice.normal(size=(6, 256))
    lengths = [choose_axes(unit_rows(rows, 0), 0.9).shape[1] for rows in (along_few, everywhere)]
    assert lengths == [8, 48]


def test_a_bound_is_close_where_the_axes_hold_the_rows() -> None:
    dice = np.random.default_rng(2)
    unit = unit_rows(dice.normal(size=(500, 6)) @ dice.normal(size=(6, 256)), 0)
    keys = ShortKeys(choose_axes(unit, 0.9), 500)
    keys.add(unit)
    above = keys.bounds(keys.of(unit), slice(0, 500)) - unit @ unit.T
    assert above.max() < 0.02


def test_a_key_takes_a_byte_a_value() -> None:
    keys = ShortKeys(np.eye(1_024)[:, :256], 1_000)
    assert keys._rounded.nbytes + keys._facts.nbytes == pytest.approx(1_000 * 256, rel=0.05)
