"""What a text from outside looks like in a page, a table and a terminal."""

from __future__ import annotations

import unicodedata

import pytest

from storyboard_ops.core.text.visible import MOST_MARKS, isolated, visible
from tests.material.hostile_texts import SHORT, VISIBLE_TEXTS


@pytest.mark.parametrize(("text", "shown"), VISIBLE_TEXTS)
def test_what_acts_on_its_neighbours_is_shown_as_a_sign(text, shown):
    assert visible(text) == shown


@pytest.mark.parametrize("text", SHORT.values(), ids=SHORT)
def test_nothing_is_left_that_acts_on_what_follows(text):
    shown = visible(text)
    assert not [letter for letter in shown if unicodedata.category(letter) in ("Cs", "Zl", "Zp")]
    assert not [c for c in shown if unicodedata.category(c) == "Cc" and c not in "\t\n\r"]
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e")
    assert visible(shown) == shown, "a shown text is shown as it is"


def test_a_letter_keeps_the_marks_that_scripts_use():
    tibetan = "\u0f67\u0f90\u0fb5\u0fa8\u0fb3\u0fba\u0fbc\u0fbb\u0f82"
    assert len(tibetan) == 1 + MOST_MARKS
    for word in ("Việt", "שָׁלוֹם", "ที่นี่", tibetan):
        assert visible(unicodedata.normalize("NFD", word)) == unicodedata.normalize("NFD", word)


@pytest.mark.parametrize("name", ["Mira", "Łęcka", "林", "🦉"])
def test_a_name_from_left_to_right_needs_no_isolation(name):
    assert isolated(name) == name


@pytest.mark.parametrize("name", ["שלום", "ميرا", "Mira ميرا", "٣"])
def test_a_name_from_right_to_left_is_isolated(name):
    assert isolated(name) == f"\u2068{name}\u2069"


def test_an_isolated_name_cannot_end_its_isolation():
    assert isolated("שלום\u2069\u202e!") == "\u2068שלום⟨U+2069⟩⟨U+202E⟩!\u2069"
