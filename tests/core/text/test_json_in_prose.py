"""JSON as models write it: which values are found in a text, in which order, and what they are."""

from __future__ import annotations

from typing import Any

import pytest

from storyboard_ops.core.text.json_in_prose import (
    MAX_REPAIRED,
    MAX_STARTS,
    find_values,
    inner_values,
    member,
)


def values(text: str) -> list[Any]:
    return [found.value for found in find_values(text)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": "b"}', {"a": "b"}),
        ('{"a": "line\nbreak\tand tab"}', {"a": "line\nbreak\tand tab"}),
        ('{"a": [1, 2, 3,], }', {"a": [1, 2, 3]}),
        ("{'a': 'b', 'c': [1.5, 'd']}", {"a": "b", "c": [1.5, "d"]}),
        ("{'a': 'the gull's wing', 'b': 1}", {"a": "the gull's wing", "b": 1}),
        ('{"a": "she calls "ahoy" twice", "b": 1}', {"a": 'she calls "ahoy" twice', "b": 1}),
        ('{"a": 1 "b": 2}', {"a": 1, "b": 2}),
        ('{"a": True, "b": None, "c": False}', {"a": True, "b": None, "c": False}),
        ("{a: 1, b: [2]}", {"a": 1, "b": [2]}),
        ('{"a": 1, // the first\n "b": 2}', {"a": 1, "b": 2}),
        ("{“a”: “b”}", {"a": "b"}),
        ('{"a": (1, 2)}', {"a": [1, 2]}),
        ('[{"a": 1}, {"a": 2},, {"a": 3}]', [{"a": 1}, {"a": 2}, {"a": 3}]),
    ],
    ids=[
        "strict", "line break", "trailing commas", "single quotes", "apostrophe", "inner quotes",
        "missing comma", "Python's constants", "bare keys", "comment", "curly quotes", "tuple",
        "two commas",
    ],
)  # fmt: skip
def test_a_closed_value_is_read_whatever_its_spelling(text: str, value: Any) -> None:
    assert values(text) == [value]
    assert values(f"Here it is, as {{you}} asked:\n```json\n{text}\n```")[-1] == value


def test_a_number_that_is_none_stays_beside_the_others() -> None:
    (found,) = values('{"a": 0.5, "b": NaN}')
    assert found["a"] == 0.5
    assert found["b"] != found["b"]


def test_values_come_in_the_order_of_the_text_and_outermost_first() -> None:
    assert values('{"a": {"b": 1}} then [2, [3]] and {"c": []}') == [
        {"a": {"b": 1}}, [2, [3]], {"c": []},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ('{"a": [{"b": 1}, {"b": 2}, {"b": 3', [{"b": 1}, {"b": 2}]),
        ('{"a": [{"b": 1}, {"b": [7, 8], "c": "cut of', [{"b": 1}, [7, 8]]),
        ("{'a': [{'b': 1,}, {'b': 'x'}, {'b': '", [{"b": 1}, {"b": "x"}]),
        ('{"a": [{"b": 1}, {"b": 2}]', [[{"b": 1}, {"b": 2}]]),
        ('[[1, 2], [3, 4], [5', [[1, 2], [3, 4]]),
        ('{"a": "never closed', []),
        ('{"a": [1, 2, 3', []),
        ("{" * 99 + '"a": [1]', [[1]]),
    ],
)  # fmt: skip
def test_of_a_value_that_is_cut_off_only_what_is_complete_is_found(
    text: str, whole: list[Any]
) -> None:
    assert values(text) == whole
    assert all(found.is_inner for found in find_values(text))


def test_a_closing_bracket_also_closes_what_was_forgotten_before_it() -> None:
    assert values('{"box": [1, 2, 3, 4, "x": {"y": 2}} [5]')[-1] == [5]
    (found,) = values('{"box": [1, 2, 3, 4}')
    assert found == {"box": [1, 2, 3, 4]}


@pytest.mark.parametrize("text", ["", "no JSON at all", "}]", '"text"', "3", "{" * 50_000])
def test_where_nothing_is_nothing_is_found(text: str) -> None:
    assert values(text) == []


@pytest.mark.parametrize(("braces", "is_found"), [(MAX_STARTS - 1, True), (MAX_STARTS, False)])
def test_a_hundred_brackets_may_be_left_open(braces: int, is_found: bool) -> None:
    assert values("{ " * braces + '{"a": 1}') == ([{"a": 1}] if is_found else [])


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000 + "]" * 100_000,
        '{"a":' * 30_000 + "1" + "}" * 30_000,
        "{" * 60_000 + "]" * 60_000,
        "['" * 60_000,
        '{"a": ' + "9" * 5_000 + "}",
        "{'a': '" + "x" * MAX_REPAIRED + "'}",
    ],
    ids=["lists", "objects", "mismatched", "quotes", "digits", "long"],
)
def test_what_no_answer_looks_like_is_given_up_soon(text: str) -> None:
    assert [value for value in values(text) if isinstance(value, dict)] == []


def test_a_member_is_found_in_any_case() -> None:
    assert member({"Box ": 1}, "box") == 1
    assert member({"box": 2, "BOX": 1}, "box") == 2
    assert member({"other": 1}, "box", "none") == "none"
    assert member([1], "box") is None


def test_a_text_that_is_json_has_its_values_within_it() -> None:
    assert inner_values({"a": 1, "b": [2]}) == [1, [2]]
    assert inner_values(' {"a": 1} {"a": 2}') == [{"a": 1}, {"a": 2}]
    assert inner_values("a text with {braces}") == []
    assert inner_values(7) == []
