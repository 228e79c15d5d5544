"""SECURITY.md shows every bound on input, and every bound says what it is for."""

from __future__ import annotations

from storyboard_ops.domain import input_limits
from tests.docs.limits_table import UPDATE, in_units, rows, shown, table


def test_the_page_shows_the_bounds_of_the_code() -> None:
    assert shown() == table(), f"Update SECURITY.md: {UPDATE}"


def test_every_bound_has_a_unit_and_a_reason() -> None:
    bounds = {name for name in vars(input_limits) if name.startswith("MOST_")}
    assert {name.strip("`") for _, name, _, _ in rows()} == bounds
    assert all(group and reason for group, _, _, reason in rows())


def test_bytes_are_shown_in_the_largest_whole_unit() -> None:
    assert in_units(64 * 2**20, "bytes") == "64 MiB"
    assert in_units(200_000, "bytes") == "200,000 bytes"
    assert in_units(20, "faults") == "20 faults"
