"""What is the same name, and where a text has one, in the scripts of the world."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyboard_ops.domain.names import (
    fold,
    fold_name,
    ids_by_name,
    is_visible,
    look_of,
    phrases_in,
    replace_names,
)
from tests.material.name_cases import MENTIONS, SPELLINGS


@pytest.mark.parametrize(("name", "spelling"), SPELLINGS)
def test_two_spellings_are_one_name(name, spelling):
    assert fold_name(spelling) == fold_name(name)
    assert ids_by_name({"who": name})[fold_name(spelling)] == "who"
    assert phrases_in(f"At dusk {spelling} waits.", [name]) == {name}


def test_an_id_is_another_spelling_but_not_in_a_sentence():
    assert fold_name("captain_vos") == fold_name("Captain Vos")
    assert phrases_in("At dusk captain_vos waits.", ["Captain Vos", "Vos"]) == set()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Zoë", "Zoe"),
        ("Mira", "Mina"),
        ("O'Neil", "O'Neill"),
        ("R2", "R3"),
        ("ハナ", "バナ"),
        ("はな", "ハナ"),
        ("Нора", "Nora"),
        ("حسن", "حسين"),
        ("🦉", "🦊"),
        ("ไม้", "ไม่"),
    ],
)
def test_names_that_people_tell_apart_stay_apart(one, other):
    assert fold_name(one) != fold_name(other)
    assert look_of(one) != look_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Dr. Vos", "Dr Vos"),
        ("Mira!", "Mira"),
        ("Mira", "\u041cira"),
        ("Bob", "\u0412ob"),
        ("Xena", "\u03a7ena"),
        ("Pet (old)", "Pet old"),
        ("O’Hara", "OHara"),
    ],
)
def test_names_that_nobody_tells_apart_look_alike(one, other):
    assert look_of(one) == look_of(other)


@pytest.mark.parametrize(
    "name", ["", "   ", "\u200b", "\u3164", "\u2800", "\ufe0f", "\u0301", "-_-", "“”"]
)
def test_a_name_of_which_nothing_is_seen(name):
    assert not is_visible(name)
    assert phrases_in("Anything - at all.", [name]) == set()


@pytest.mark.parametrize(("text", "phrases", "found"), MENTIONS)
def test_names_stand_as_whole_words(text, phrases, found):
    assert phrases_in(text, phrases) == found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mira's lamp", "Bram's lamp"),
        ("MIRA and Bram", "Bram and Mira"),
        ("Miranda sees a Bramble", "Miranda sees a Bramble"),
        ("Ｍｉｒａ’s lamp is not Bra\u00adm’s", "Bram’s lamp is not Mira’s"),
        ("nobody", "nobody"),
    ],
)
def test_names_are_swapped_as_whole_words(text, expected):
    assert replace_names(text, {"Mira": "Bram", "Bram": "Mira"}) == expected


@pytest.mark.parametrize(
    ("text", "one", "other", "expected"),
    [
        ("Big Buck meets Buck", "Big Buck", "Buck", "Buck meets Big Buck"),
        ("ZOE\u0308 sees Anna", "Zoë", "Anna", "Anna sees Zoë"),
        ("ﾐﾗが海を見る。ガラは寝る", "ミラ", "ガラ", "ガラが海を見る。ミラは寝る"),
        ("STRAUSS grüßt Vos", "Strauß", "Vos", "Vos grüßt Strauß"),
        ("山田 太郎と小明", "山田太郎", "小明", "小明と山田太郎"),
    ],
)
def test_names_are_swapped_in_every_spelling(text, one, other, expected):
    assert replace_names(text, {one: other, other: one}) == expected


@given(st.text(max_size=30), st.sampled_from(["NFC", "NFD"]))
def test_folding_ends_and_does_not_depend_on_the_form(text, form):
    assert fold(fold(text)) == fold(text)
    assert fold_name(fold_name(text)) == fold_name(text)
    assert fold_name(unicodedata.normalize(form, text)) == fold_name(text)


@given(st.text(max_size=100), st.lists(st.text(max_size=12), max_size=4))
def test_any_text_is_read_without_a_crash(text, names):
    assert phrases_in(text, names) <= set(names)
    assert len(replace_names(text, dict.fromkeys(names, ""))) <= len(text)
    assert replace_names(text, {}) == text
