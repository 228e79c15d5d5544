"""Tables that pages show from the code: bounds on input, and what runs are estimated to cost."""

from __future__ import annotations

from storyboard_ops.domain import input_limits
from tests.docs.generated import cost_table, limits_table


def test_security_shows_the_bounds_of_the_code() -> None:
    assert limits_table.PART.read() == limits_table.table(), f"run {limits_table.UPDATE}"


def test_every_bound_has_a_unit_and_a_reason() -> None:
    bounds = {name for name in vars(input_limits) if name.startswith("MOST_")}
    assert {name.strip("`") for _, name, _, _ in limits_table.rows()} == bounds
    assert all(group and reason for group, _, _, reason in limits_table.rows())


def test_bytes_are_shown_in_the_largest_whole_unit() -> None:
    assert limits_table.in_units(64 * 2**20, "bytes") == "64 MiB"
    assert limits_table.in_units(200_000, "bytes") == "200,000 bytes"
    assert limits_table.in_units(20, "faults") == "20 faults"


def test_the_readme_shows_what_preflight_estimates() -> None:
    told = f"prices or models have changed; run {cost_table.UPDATE}"
    assert cost_table.PART.read() == cost_table.table(), told


def test_the_readme_dates_the_prices_and_the_models() -> None:
    text = cost_table.PAGE.read_text("utf-8")
    prices, models = cost_table.dates()
    assert f"Prices of {prices}; memory, speed and licences of {models}." in text
