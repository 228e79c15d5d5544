"""Names that are words: who is meant, and what is only a word."""

import pytest

from storyboard_ops.core.script.cast_names import named_cast
from storyboard_ops.domain.production_sheet import Character


def named(text, *names):
    cast = [
        Character(id=f"c{at}", name=name, description="A boy.", references=("a.png",))
        for at, name in enumerate(names)
    ]
    return [names[int(identity[1:])] for identity in named_cast(text, cast)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("The lamp will burn.", "Will"),
        ("Will it burn? Nobody knows.", "Will"),
        ("Will the door hold?", "Will"),
        ("She will. They all will.", "Will"),
        ("WILL THE LAMP BURN? HE WAITS.", "Will"),
        ("Mark the spot.", "Mark"),
        ("A mark on the wall.", "Mark"),
        ("A rose on the sill.", "Rose"),
        ("They may leave in May.", "Mae"),
        ("He begins to hope.", "Hope"),
    ],
)
def test_a_word_is_not_the_name_that_is_written_like_it(text, name):
    assert named(text, name) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Will lifts the lamp.", "Will"),
        ("Then Will looks up; the lamp will burn.", "Will"),
        ("WILL (30) enters.", "Will"),
        ("WILL runs.", "Will"),
        ("Will's lamp", "Will"),
        ("Will and Pip run.", "Will"),
        ("Mark, tired, sits.", "Mark"),
        ("Will slowly turns.", "Will"),
        ("She sees Rose.", "Rose"),
        ("mira runs", "Mira"),
    ],
)
def test_a_name_is_found_although_it_is_a_word(text, name):
    assert named(text, name) == [name]


def test_a_longer_name_does_not_mention_the_shorter_one():
    assert named("Will Turner climbs.", "Will", "Will Turner") == ["Will Turner"]
