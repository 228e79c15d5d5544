"""What is put before a multimodal model, part by part."""

from __future__ import annotations

import json

import pytest

from storyboard_ops.core.text.prompts import caption_parts, detection_parts, evenly_chosen
from tests.material import factories


def test_references_come_with_their_character_before_the_picture_to_examine() -> None:
    assert detection_parts([("mira", b"1"), ("bram", b"2")], b"frame") == [
        "character: mira", b"1", "character: bram", b"2",
        "Picture to examine:", b"frame", 'Answer with JSON only, key "detections".',
    ]  # fmt: skip


def test_a_caption_is_asked_for_with_the_facts_and_what_was_wrong_before() -> None:
    production = factories.production(forbidden_words=["gun"])
    facts, picture, last = caption_parts(production, ["mira"], b"crop")
    assert isinstance(facts, str)
    assert json.loads(facts) == {
        "production": "The Lantern Keepers",
        "style": "soft painted animation, evening light",
        "present": [{"id": "mira", "name": "Mira"}],
        "avoid": [],
        "forbidden": ["gun"],
    }
    assert (picture, last) == (b"crop", 'Answer with JSON only, key "caption".')
    again = caption_parts(production, ["mira"], b"crop", ["too short", "a trait"])
    assert again[2] == "Your last caption cannot be used:\n- too short\n- a trait"
    assert len(again) == 4


@pytest.mark.parametrize(
    ("most", "chosen"),
    [
        (1, ["a1"]),
        (2, ["a1", "b1"]),
        (3, ["a1", "a2", "b1"]),
        (4, ["a1", "a2", "a3", "b1"]),
        (9, ["a1", "a2", "a3", "b1"]),
    ],
)
def test_references_are_taken_in_turns_and_told_by_character(most: int, chosen: list[str]) -> None:
    pictures = {"a": [b"a1", b"a2", b"a3"], "b": [b"b1"]}
    assert [picture.decode() for _, picture in evenly_chosen(pictures, most)] == chosen
    assert all(picture.decode()[0] == who for who, picture in evenly_chosen(pictures, most))
