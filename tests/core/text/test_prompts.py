"""What is put before a multimodal model, part by part."""

from __future__ import annotations

import json

import pytest

from storyboard_ops.core.detection.reference_pictures import ReferencePicture
from storyboard_ops.core.text.prompts import (
    ABOUT_PROPS,
    ABOUT_PROPS_IN_CAPTIONS,
    ABOUT_SHEETS,
    caption_parts,
    detection_parts,
)
from tests.material import factories


def test_references_come_with_their_character_before_the_picture_to_examine() -> None:
    shown = [ReferencePicture("mira", b"1"), ReferencePicture("bram", b"2")]
    assert detection_parts(shown, b"frame") == [
        "character: mira", b"1", "character: bram", b"2",
        "Picture to examine:", b"frame", 'Answer with JSON only, key "detections".',
    ]  # fmt: skip


def test_a_sheet_is_announced_and_explained() -> None:
    shown = [ReferencePicture("mira", b"1", is_sheet=True), ReferencePicture("bram", b"2")]
    assert detection_parts(shown, b"frame")[:5] == [
        ABOUT_SHEETS, "character sheet: mira", b"1", "character: bram", b"2",
    ]  # fmt: skip


def test_a_prop_is_announced_and_explained() -> None:
    shown = [ReferencePicture("mira", b"1"), ReferencePicture("lantern", b"2", is_prop=True)]
    assert detection_parts(shown, b"frame")[:5] == [
        ABOUT_PROPS, "character: mira", b"1", "prop: lantern", b"2",
    ]  # fmt: skip
    sheet = [ReferencePicture("lantern", b"2", is_sheet=True, is_prop=True)]
    announced = detection_parts(sheet, b"frame")[:3]
    assert announced == [ABOUT_SHEETS, ABOUT_PROPS, "prop sheet: lantern"]


def test_a_caption_of_a_prop_is_asked_for_as_that_of_an_object() -> None:
    production = factories.production_with_prop()
    facts, _, about, _ = caption_parts(production, ["mira", "lantern"], b"crop")
    assert isinstance(facts, str)
    assert json.loads(facts)["present"] == [
        {"id": "mira", "name": "Mira"},
        {"id": "lantern", "name": "Old Lantern", "kind": "prop"},
    ]
    assert about == ABOUT_PROPS_IN_CAPTIONS
    assert len(caption_parts(production, ["mira"], b"crop")) == 3


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


@pytest.mark.parametrize("framing", ["full", "medium", "close"])
def test_a_captioner_is_told_the_framing(framing: str) -> None:
    facts = caption_parts(factories.production(), ["mira"], b"crop", framing=framing)[0]
    assert json.loads(facts)["framing"] == framing
