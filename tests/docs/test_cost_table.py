"""The costs that the README names are those of the product's own estimate."""

from __future__ import annotations

from tests.docs.cost_table import PAGE, UPDATE, dates, shown, table


def test_the_readme_shows_what_preflight_estimates() -> None:
    assert shown() == table(), f"prices or models have changed; run {UPDATE}"


def test_the_readme_dates_the_prices_and_the_models() -> None:
    text = PAGE.read_text("utf-8")
    prices, models = dates()
    assert f"Prices of {prices}; memory, speed and licences of {models}." in text
