"""Captions say what was measured, name who is present, and avoid the given words."""

import re

import numpy as np
import pytest

from local_aws.vision.caption_writer import write_caption
from local_aws.vision.picture_facts import PictureFacts, measure_picture
from tests.local_aws.vision.drawn_pictures import meadow, mira

FACTS = PictureFacts(
    brightness=30.0,
    contrast=28.0,
    warmth=8.0,
    background_detail=0.01,
    subject_share=0.4,
    subject_centre=0.2,
    subject_reaches_bottom=False,
    surroundings=("green", "blue"),
    sky_above_green=False,
    faces=0,
)
HASHES = [f"{number:064x}" for number in range(40)]


@pytest.mark.parametrize("names", [["Mira"], ["Mira", "Bolt"], ["Mira", "Bolt", "Captain Ash"]])
def test_a_caption_has_20_to_30_words_and_every_name(names):
    for picture_hash in HASHES:
        caption = write_caption(FACTS, names, [], picture_hash)
        assert 20 <= len(caption.split()) <= 30
        assert all(name in caption for name in names)


def test_it_says_what_was_measured():
    caption = write_caption(FACTS, ["Mira"], [], HASHES[0])
    assert re.search("dim|subdued", caption)
    assert "warm" in caption
    assert "left" in caption
    assert "green" in caption


def test_the_framing_is_that_of_the_facts():
    wordings = {
        "close": "close",
        "medium": "medium|moderate|little room",
        "full": "wider|much|distance",
    }
    for framing, wording in wordings.items():
        for picture_hash in HASHES:
            assert re.search(wording, write_caption(FACTS, ["Mira"], [], picture_hash, framing))


def test_words_to_avoid_are_left_out():
    for picture_hash in HASHES:
        caption = write_caption(FACTS, ["Mira"], ["green hair", "warm striped scarf"], picture_hash)
        assert not re.search("green|warm|striped|scarf|hair", caption)


def test_wording_differs_from_picture_to_picture_and_not_from_call_to_call():
    captions = [write_caption(FACTS, ["Mira"], [], picture_hash) for picture_hash in HASHES]
    assert len({caption.split()[0] for caption in captions}) >= 4
    assert len(set(captions)) >= 30
    assert captions[0] == write_caption(FACTS, ["Mira"], [], HASHES[0])


def test_facts_follow_the_pixels():
    dark = measure_picture((mira(240) * 0.2).astype(np.uint8))
    light = measure_picture(mira(240))
    assert dark.brightness < 25 < light.brightness
    assert 0.3 < light.subject_share < 0.9
    assert abs(light.subject_centre - 0.5) < 0.1
    assert measure_picture(meadow()).surroundings[0] in {"green", "teal", "blue", "grey"}


def test_yellow_light_is_warm_and_blue_light_is_cool():
    grey = np.random.default_rng(1).integers(90, 160, (120, 120, 1)).repeat(3, axis=2)
    yellow = (grey * [0.92, 1.0, 1.02]).astype(np.uint8)
    blue = (grey * [1.08, 1.0, 0.96]).astype(np.uint8)
    assert measure_picture(yellow).warmth > 3 > -3 > measure_picture(blue).warmth
