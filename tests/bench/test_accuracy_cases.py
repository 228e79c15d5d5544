"""Sampling grids that meet the times of truth files."""

from __future__ import annotations

from fractions import Fraction

import pytest

from bench.accuracy_cases import widest_interval


@pytest.mark.parametrize(
    ("times", "interval"),
    [
        ([0, 1, 2], Fraction(1)),
        ([0.5, 1.5, 2.5], Fraction(1, 2)),
        ([0.0, 0.25, 1.0], Fraction(1, 4)),
        ([2, 4, 8], Fraction(2)),
        ([0], Fraction(1)),
    ],
)
def test_every_time_is_a_multiple_of_the_widest_interval(
    times: list[float], interval: Fraction
) -> None:
    assert widest_interval(times) == interval
