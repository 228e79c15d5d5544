"""The character finder on composed scenes with known truth."""

import cv2
import numpy as np
import pytest

from local_aws.vision.finding.character_finder import find_characters, overlap
from local_aws.vision.finding.character_model import (
    CharacterModel,
    Reference,
    load_model,
    references_digest,
    save_model,
    train_model,
)
from tests.local_aws.vision.drawn_pictures import bolt, meadow, mira, paste, title_card


@pytest.fixture(scope="module")
def model() -> CharacterModel:
    return train_model([Reference("mira", mira()), Reference("bolt", bolt())])


def found(model, picture) -> dict[str, tuple[float, ...]]:
    return {finding.character: finding.box for finding in find_characters(model, picture)}


def test_it_finds_each_character_where_it_is(model):
    picture = meadow(seed=4)
    truth = {
        "mira": paste(picture, mira(150), 60, 150),
        "bolt": paste(picture, bolt(120), 430, 170),
    }
    boxes = found(model, picture)
    assert set(boxes) == {"mira", "bolt"}
    for character, box in truth.items():
        assert overlap(boxes[character], box) > 0.6


@pytest.mark.parametrize("size", [70, 110, 180, 300])
def test_it_finds_a_character_at_any_size(model, size):
    picture = meadow(seed=size)
    box = paste(picture, mira(size), 200, 30)
    assert overlap(found(model, picture)["mira"], box) > 0.55


def test_it_finds_a_mirrored_and_dimmed_character(model):
    picture = meadow(seed=7)
    paste(picture, mira(160), 100, 120)
    dimmed = (picture[:, ::-1] * 0.8).astype(np.uint8)
    assert "mira" in found(model, dimmed)


def test_a_character_of_other_colours_is_not_taken_for_it(model):
    picture = meadow(seed=8)
    stranger = cv2.cvtColor(mira(170), cv2.COLOR_BGR2HSV)
    stranger[:, :, 0] = (stranger[:, :, 0].astype(int) + 90) % 180
    paste(picture, cv2.cvtColor(stranger, cv2.COLOR_HSV2BGR), 200, 120)
    assert found(model, picture) == {}


@pytest.mark.parametrize(
    "picture",
    [
        meadow(seed=11),
        meadow(seed=12),
        title_card("PRESENTS"),
        np.zeros((360, 640, 3), np.uint8),
        np.full((1, 1, 3), 200, np.uint8),
        np.full((20, 3000, 3), 90, np.uint8),
        np.random.default_rng(0).integers(0, 256, (360, 640, 3)).astype(np.uint8),
    ],
    ids=["meadow", "other meadow", "title", "black", "one pixel", "strip", "noise"],
)
def test_a_picture_without_characters_yields_nothing(model, picture):
    assert find_characters(model, picture) == []


def test_boxes_stay_inside_the_picture(model):
    picture = meadow(seed=9)
    paste(picture, mira(200), 0, 0)
    cut = picture[20:, 30:]
    left, top, right, bottom = found(model, cut)["mira"]
    assert 0 <= left < right <= cut.shape[1]
    assert 0 <= top < bottom <= cut.shape[0]


def test_the_same_references_make_the_same_model(model):
    again = train_model([Reference("mira", mira()), Reference("bolt", bolt())])
    assert np.array_equal(model.weights, again.weights)


def test_a_stored_model_answers_alike(model, tmp_path):
    save_model(model, tmp_path / "model.npz")
    picture = meadow(seed=4)
    paste(picture, bolt(150), 60, 150)
    stored = load_model(tmp_path / "model.npz")
    assert find_characters(stored, picture) == find_characters(model, picture)


def test_the_digest_depends_on_names_and_pictures():
    assert references_digest([("a", b"1")]) == references_digest([("a", b"1")])
    others = [[("b", b"1")], [("a", b"2")], [("a", b"1"), ("a", b"1")], [("a1", b"")]]
    digests = {references_digest(pairs) for pairs in [[("a", b"1")], *others]}
    assert len(digests) == 5
