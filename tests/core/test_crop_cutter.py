"""Crops of drawn frames: their pixels, sizes and facts, and every way not to get one."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storyboard_ops.core.crop_cutter import Crop, CropRules, cut_crops
from storyboard_ops.core.dataset_rules import TrainingFile, violations
from storyboard_ops.core.picture_codec import decode_rgb
from storyboard_ops.core.picture_quality import sharpness
from storyboard_ops.domain.image_records import Box, Drop
from tests.factories import detection, picture

RULES = CropRules(padding=0.1, max_enlargement=1.5)
MIDDLE = Box(x=0.4, y=0.25, w=0.125, h=0.5)  # 240 x 540 px of a full HD frame


def only(found: list[Crop | Drop]) -> Crop | Drop:
    assert len(found) == 1
    return found[0]


def test_a_large_detection_is_cut_pixel_for_pixel() -> None:
    frame = picture(1, 1920, 1080)
    crop = only(cut_crops(frame, [detection(box=MIDDLE)], RULES))
    assert isinstance(crop, Crop)
    assert (crop.width, crop.height) == (648, 648)  # 540 and 54 on both sides
    assert np.array_equal(decode_rgb(crop.png), frame[216:864, 564:1212])
    facts = crop.facts
    assert (facts.left, facts.top, facts.width, facts.height) == (564, 216, 648, 648)
    assert (facts.enlargement, facts.framing, facts.touches_edge) == (1.0, "full", False)
    assert facts.sharpness == sharpness(frame[216:864, 564:1212])


def test_the_image_id_is_the_digest_of_the_png_and_repeats() -> None:
    first, second = (
        only(cut_crops(picture(1, 1920, 1080), [detection(box=MIDDLE)], RULES)) for _ in range(2)
    )
    assert isinstance(first, Crop)
    assert first == second
    assert first.image_id == hashlib.sha256(first.png).hexdigest()


def test_a_small_detection_is_enlarged_to_512_and_says_so() -> None:
    frame = picture(1, 1280, 720)
    crop = only(cut_crops(frame, [detection(box=MIDDLE)], RULES))
    assert isinstance(crop, Crop)
    assert (crop.facts.width, crop.facts.height) == (432, 432)
    assert crop.facts.enlargement == pytest.approx(512 / 432)
    assert decode_rgb(crop.png).shape == (512, 512, 3)


def test_never_enlarged_beyond_the_parameter() -> None:
    frame = picture(1, 1280, 720)
    drop = only(cut_crops(frame, [detection(box=MIDDLE)], CropRules(0.1, max_enlargement=1.1)))
    assert isinstance(drop, Drop)
    assert (drop.stage, drop.reason) == ("crop", "too small")
    assert drop.score == pytest.approx(512 / 432)


def test_bars_never_get_into_a_crop() -> None:
    frame = np.zeros((1080, 1920, 3), np.uint8)
    frame[140:940] = np.maximum(picture(1, 1920, 800), 50)
    crop = only(cut_crops(frame, [detection(box=Box(x=0.4, y=0.05, w=0.2, h=0.9))], RULES))
    assert isinstance(crop, Crop)
    assert (crop.facts.top, crop.facts.height) == (140, 800)
    assert decode_rgb(crop.png).min() >= 50
    assert crop.facts.head_cut  # the box ends where the picture does


def test_a_box_in_a_bar_is_dropped_with_its_reason() -> None:
    frame = np.zeros((1080, 1920, 3), np.uint8)
    frame[140:940] = 128
    drop = only(cut_crops(frame, [detection(box=Box(x=0.4, y=0, w=0.2, h=0.1))], RULES))
    assert isinstance(drop, Drop)
    assert drop.reason == "outside the picture"


def test_several_characters_give_several_crops_that_know_of_each_other() -> None:
    mira = detection("mira", box=Box(x=0.2, y=0.2, w=0.2, h=0.7))
    bram = detection("bram", box=Box(x=0.45, y=0.2, w=0.2, h=0.7))
    first, second = cut_crops(picture(2, 1920, 1080), [mira, bram], RULES)
    assert isinstance(first, Crop) and isinstance(second, Crop)
    assert (first.facts.detection, second.facts.detection) == (mira, bram)
    # Mira's square runs from 122 to 1030 px; Bram stands from 864 to 1248.
    assert first.facts.overlap == {"bram": pytest.approx((1030 - 864) / 384, abs=1e-3)}
    assert list(second.facts.overlap) == ["mira"]


@pytest.mark.parametrize("shape", [(1, 1), (1, 2000), (2000, 1), (3, 5)])
def test_tiny_frames_give_a_reason_and_no_crash(shape: tuple[int, int]) -> None:
    frame = np.full((*shape, 3), 200, np.uint8)
    drop = only(cut_crops(frame, [detection(box=Box(x=0, y=0, w=1, h=1))], RULES))
    assert isinstance(drop, Drop)
    assert drop.reason == "too small"


NOISE = np.random.default_rng(5).integers(0, 256, (300, 420, 3), np.uint8)


@settings(max_examples=40, deadline=None)
@given(
    corners=st.tuples(*[st.floats(-0.5, 1.5)] * 4),
    padding=st.floats(0, 1),
    max_enlargement=st.floats(1, 4),
)
def test_every_crop_is_one_that_the_trainer_takes(
    corners: tuple[float, float, float, float], padding: float, max_enlargement: float
) -> None:
    box = Box.clamped(*corners)
    if box is None:
        return
    found = only(cut_crops(NOISE, [detection(box=box)], CropRules(padding, max_enlargement)))
    if isinstance(found, Drop):
        assert found.detail
        return
    assert decode_rgb(found.png).shape == (found.height, found.width, 3)
    assert found.facts.enlargement <= max_enlargement
    file = TrainingFile(
        key=f"crops/{found.image_id}.png",
        width=found.width,
        height=found.height,
        size=len(found.png),
        caption="Mira waits on the quay.",
    )
    assert violations(file) == ()
