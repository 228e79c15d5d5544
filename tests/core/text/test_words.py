"""Words and names as people read them, in any case, form and script."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyboard_ops.core.text.words import (
    foreign_characters,
    names_like,
    with_plurals,
    word_count,
    words,
)
from tests.material.caption_cases import WORD_COUNTS


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Mira's lamp is well-lit.", ["mira's", "lamp", "is", "well-lit"]),
        ("  ", []),
        ("Ünïcödé—ÉTÉ", ["ünïcödé", "été"]),
        ("3 owls, 2 boats", ["3", "owls", "2", "boats"]),
        ("ミラ 灯台", ["ミラ", "灯台"]),
        ("मीरा हिलाती है।", ["मीरा", "हिलाती", "है"]),
    ],
)
def test_words(text: str, found: list[str]) -> None:
    assert words(text) == found


@pytest.mark.parametrize(("text", "count"), WORD_COUNTS.items())
def test_words_are_counted_as_people_count_them(text: str, count: int) -> None:
    assert word_count(text) == count


@pytest.mark.parametrize(
    ("phrase", "forms"),
    [
        ("gun", ("gun", "guns", "gunes")),
        ("toy Spy", ("toy Spy", "toy Spys", "toy Spyes", "toy Spies")),
        ("  ", ()),
    ],
)
def test_plurals_are_the_regular_ones(phrase: str, forms: tuple[str, ...]) -> None:
    assert with_plurals(phrase) == forms


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Mira meets Mr Fox. Then they eat.", ["Mr Fox"]),
        ("On the quay, Bram and Pip wait", ["Bram", "Pip"]),
        ("Now. Then! Here? \u201cWell\u201d", []),
        ("THE END of it", []),
        ("she meets Zo\u00eb and Zoe\u0308 Kra\u015bko", ["Zo\u00eb", "Zoe\u0308 Kra\u015bko"]),
    ],
)
def test_what_looks_like_a_name(text: str, found: list[str]) -> None:
    assert names_like(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("clean \u00e9\u00e0 \u706f \u0639\u0631\u0628\u064a \U0001f989", ""),
        ("tab\tand\nline", "\t\n"),
        ("bell\a bell\a", "\a"),
        ("lone \ud800 surrogate", "\ud800"),
        ("broken \ufffd", "\ufffd"),
        ("private \ue000", "\ue000"),
    ],
)
def test_characters_that_are_no_text(text: str, found: str) -> None:
    assert foreign_characters(text) == found


@given(st.text(max_size=200))
def test_any_text_is_read_without_a_crash(text: str) -> None:
    assert all(word for word in words(text))
    assert set(foreign_characters(text)) <= set(text)
