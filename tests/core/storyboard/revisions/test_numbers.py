"""Numbers between numbers: steps of ten, inserts as screenplays write them, none given twice."""

from __future__ import annotations

import pytest

from storyboard_ops.core.storyboard.revisions.numbers import (
    fill_numbers,
    insert_between,
    order_key,
)


@pytest.mark.parametrize(
    ("fixed", "given"),
    [
        (["", "", ""], ["010", "020", "030"]),
        (["010", "", "020"], ["010", "010A", "020"]),
        (["010", "", "", "020"], ["010", "010A", "010B", "020"]),
        (["", "010"], ["A010", "010"]),
        (["", "", "010"], ["A010", "B010", "010"]),
        (["010", "030", ""], ["010", "030", "040"]),
        (["010A", "", ""], ["010A", "020", "030"]),
        (["12", "", "13"], ["12", "12A", "13"]),
        (["030", "", "010"], ["030", "030A", "010"]),  # moved: in order as far as there is one
    ],
)
def test_new_numbers_stand_between_those_that_are_kept(fixed: list[str], given: list[str]) -> None:
    assert fill_numbers(fixed, [""] * len(fixed)) == given


@pytest.mark.parametrize(
    ("left", "right", "between"),
    [
        ("010", "020", "010A"),
        ("010A", "020", "010B"),
        ("010A", "010B", "010AA"),
        ("010AA", "010B", "010AB"),
        ("010Z", "020", "010ZA"),
        ("010", "010A", "A010A"),
        ("A010A", "010A", "B010A"),
        ("", "010", "A010"),
        ("", "A010", "AA010"),
        ("A010", "B010", "AB010"),
        ("A010", "010", "B010"),
        ("010", "A020", "010B"),  # 010A is taken
    ],
)
def test_a_number_between_two(left: str, right: str, between: str) -> None:
    taken = {left, right, "010A"} - {between}
    assert insert_between(left, right, taken) == between


def test_what_was_used_is_not_given_again() -> None:
    assert fill_numbers(["010", "", "020", ""], [""] * 4, {"010A", "030"}) == [
        *("010", "010B", "020", "040")
    ]


def test_a_wanted_number_is_given_where_it_is_free_and_in_order() -> None:
    assert fill_numbers(["", "", ""], ["005", "7", "7"]) == ["005", "7", "010"]
    assert fill_numbers(["010", "", "020"], ["", "015", ""]) == ["010", "015", "020"]
    assert fill_numbers(["010", "", "020"], ["", "030", ""]) == ["010", "010A", "020"]
    assert fill_numbers(["", ""], ["1-2", ""]) == ["010", "020"]


def test_where_no_number_is_left_the_next_ten_of_all_is_given() -> None:
    taken = {f"{letter}010A" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"} | {"010", "010A"}
    assert insert_between("Z010A", "010A", taken) == "020"


def test_numbers_sort_as_they_stand() -> None:
    board = ["AA1", "A1", "AB1", "B1", "1", "A1A", "1A", "1AA", "1B", "A2", "2", "10"]
    assert sorted(board, key=lambda one: order_key(one) or ()) == board
    assert order_key("12-1") is None
