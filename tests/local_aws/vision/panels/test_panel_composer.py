"""Panels: repeatable by seed, made of the model's own crops, marked as placeholders."""

import cv2
import numpy as np
import pytest

from local_aws.vision.panels.panel_composer import (
    TrainingCrop,
    compose_panel,
    rank_crops,
)
from local_aws.vision.picture_embedding import embed_picture
from tests.local_aws.vision.drawn_pictures import bolt, mira

MIRA = TrainingCrop(mira(400), "In warm light, Mira appears in the middle of the meadow.")
BOLT = TrainingCrop(bolt(400), "On the left, Bolt is seen before a plain wall.")
BOTH = [MIRA, BOLT, TrainingCrop(bolt(300), "Under cool light, Bolt waits in the workshop.")]


def test_the_seed_makes_a_panel_repeatable_and_another_seed_another_panel():
    first = compose_panel("Mira smiles", BOTH, 360, 640, seed=7)
    assert first.shape == (360, 640, 3)
    assert np.array_equal(first, compose_panel("Mira smiles", BOTH, 360, 640, seed=7))
    assert not np.array_equal(first, compose_panel("Mira smiles", BOTH, 360, 640, seed=8))


def test_a_panel_shows_the_character_that_the_prompt_names():
    def orange(panel):
        blue, green, red = (panel[:, :, channel].astype(int) for channel in range(3))
        return ((red > 200) & (abs(green - 160) < 40) & (blue < 130)).mean()

    def visor(panel):
        blue, green, red = (panel[:, :, channel].astype(int) for channel in range(3))
        return ((red > 190) & (green > 180) & (blue < 110)).mean()

    of_mira = compose_panel("Mira waves", BOTH, 360, 640, seed=1)
    of_bolt = compose_panel("Bolt waves", BOTH, 360, 640, seed=1)
    of_both = compose_panel("Bolt and Mira wave", BOTH, 360, 640, seed=1)
    assert orange(of_mira) > 0.03 > 0.01 > orange(of_bolt)
    assert visor(of_bolt) > 0.01 > 0.005 > visor(of_mira)
    assert min(orange(of_both), 3 * visor(of_both)) > 0.01


def test_a_model_trained_on_other_crops_shows_others():
    first = compose_panel("a hero in the rain", [MIRA], 360, 640, seed=3)
    second = compose_panel("a hero in the rain", [BOLT], 360, 640, seed=3)
    assert embed_picture(first) @ embed_picture(second) < 0.8


def test_every_name_in_the_prompt_ranks_the_crops_of_its_own():
    captions = [crop.caption for crop in BOTH]

    def ranked(prompt):
        return rank_crops(prompt, captions, np.random.default_rng(0))

    assert ranked("Bolt in the workshop") == [[2, 1]]
    assert [indices[0] for indices in ranked("Mira and Bolt in the workshop")] == [0, 2]
    assert len(ranked("nobody known")) == 1
    assert rank_crops("Mira", [], np.random.default_rng(0)) == []


def test_a_sharp_crop_is_preferred_to_a_blurred_one():
    blurred = TrainingCrop(cv2.GaussianBlur(mira(400), (0, 0), 12), MIRA.caption)
    panel = compose_panel("Mira", [blurred, MIRA], 360, 640, seed=2)
    alone = compose_panel("Mira", [MIRA], 360, 640, seed=2)
    worse = compose_panel("Mira", [blurred], 360, 640, seed=2)
    assert detail(panel) > 0.8 * detail(alone) > detail(worse)


def detail(panel) -> float:
    return cv2.Laplacian(panel[40:300], cv2.CV_32F).var()


def test_without_crops_it_writes_the_prompt_on_paper():
    panel = compose_panel("A long way home \u2014 d\u00e9j\u00e0 vu", [], 360, 640, seed=1)
    assert np.median(panel) > 230
    assert panel[100:260].min() < 100


@pytest.mark.parametrize("crops", [[], [MIRA]], ids=["base", "customized"])
def test_every_panel_carries_the_ribbon(crops):
    panel = compose_panel("Mira", crops, 360, 640, seed=1)
    ribbon = panel[-40:, :400]
    assert (ribbon < 110).all(axis=2).sum() > 300


@pytest.mark.parametrize(("height", "width"), [(320, 1280), (1280, 320), (320, 320)])
def test_extreme_shapes_are_served(height, width):
    assert compose_panel("Mira and Bolt", BOTH, height, width, seed=1).shape == (height, width, 3)
