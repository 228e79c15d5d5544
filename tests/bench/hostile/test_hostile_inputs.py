"""Every hostile input is refused by name, with at most 1 GB and 10 s, in a process of its own."""

from __future__ import annotations

from typing import Any

import pytest

from bench.hostile.__main__ import is_refused
from bench.hostile.inputs import INPUTS, HostileInput
from bench.hostile.measure import measure
from bench.hostile.page import section

#: Take seconds to make, or to be counted.
SLOW = {"film: 2.7 million tiny pictures", "film: 2 GB of compressed description"}


def by_name(given: HostileInput) -> str:
    return given.name


@pytest.mark.parametrize(
    "given",
    [pytest.param(given, marks=pytest.mark.long if given.name in SLOW else ()) for given in INPUTS],
    ids=by_name,
)
def test_a_hostile_input_is_refused_cheaply(given: HostileInput) -> None:
    row = measure(given)
    assert is_refused(given, row), row
    assert len(row["message"]) < 25_000


@pytest.mark.parametrize(
    ("row", "refused"),
    [
        ({"seconds": 1, "mb": 100, "message": "x: too large"}, True),
        ({"seconds": 11, "mb": 100, "message": "x: too large"}, False),
        ({"seconds": 1, "mb": 2_000, "message": "x: too large"}, False),
        ({"seconds": 1, "mb": 100, "message": "(accepted)"}, False),
    ],
)
def test_an_input_is_refused_within_its_bounds(row: dict[str, Any], refused: bool) -> None:
    assert is_refused(HostileInput("x", "yaml", bytes, "too large"), row) is refused


def test_an_input_that_is_accepted_is_reported() -> None:
    assert measure(HostileInput("x", "yaml", lambda: b"a: 1", "no"))["message"] == "(accepted)"


def test_a_process_that_crashes_is_reported() -> None:
    row = measure(HostileInput("x", "no such reader", bytes, "no"))
    assert row["message"] == "(crashed) KeyError: 'no such reader'"
    assert row["mb"] > 1_024


def test_the_page_shows_bytes_seconds_and_memory() -> None:
    row = {"name": "YAML: a", "bytes": 442, "seconds": 0.0123, "mb": 39, "message": "no"}
    assert "| YAML: a | 442 | 0.01 | 39 |" in section({"measured": "today", "rows": [row]})
