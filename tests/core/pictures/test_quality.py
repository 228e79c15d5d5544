"""Sharper than its shot, well lit, whole and larger is better; enlarged pixels do not count."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from storyboard_ops.core.pictures.quality import best_first, quality, sharpness
from storyboard_ops.domain.image_records import CropFacts, ImageRecord
from tests.material.factories import detection, image, picture


def pictured(number: int, side: int = 400, **facts: Any) -> ImageRecord:
    known = {
        "detection": detection(), "left": 0, "top": 0, "width": side, "height": side,
        "enlargement": 1.0, "sharpness": 100.0, "framing": "full",
    }  # fmt: skip
    return image(number, crop=CropFacts.model_validate(known | facts))


def test_sharpness_of_a_checkerboard_is_known() -> None:
    # Fields of 2 x 2 pixels are single pixels at half scale, and every Laplacian is +-4 * 255.
    board = np.kron(np.indices((200, 200)).sum(axis=0) % 2, np.ones((2, 2))) * 255
    rgb = np.repeat(board[..., None], 3, axis=2).astype(np.uint8)
    assert sharpness(rgb) == pytest.approx(1020**2)


def test_a_flat_picture_and_a_single_pixel_have_no_sharpness() -> None:
    assert sharpness(np.full((64, 64, 3), 77, np.uint8)) == 0
    assert sharpness(np.full((1, 1, 3), 77, np.uint8)) == 0


def test_blur_lowers_sharpness() -> None:
    sharp = picture(4, 640, 360)
    assert sharpness(cv2.GaussianBlur(sharp, (0, 0), 3)) < 0.5 * sharpness(sharp)


def test_a_whole_figure_as_sharp_as_its_shot_with_enough_pixels_has_quality_1() -> None:
    assert quality(pictured(1, 1024)) == 1
    assert quality(pictured(1, 4000)) == 1
    assert quality(pictured(1, 512)) == 0.5


@pytest.mark.parametrize(
    "worse",
    [
        {"side": 800},
        {"against_shot": 0.9},
        {"against_shot": 0.4, "sharpness": 900.0},  # sharper ground of another shot
        {"exposure": 0.95},
        {"exposure": 0.3, "against_shot": 1.5},
        {"seen": 0.9},
        {"seen": 0.2, "against_shot": 2.0},
        {"touches_edge": True},
        {"head_cut": True, "touches_edge": True},
        {"sharpness": 99.0},  # alike in all else
    ],
)
def test_the_better_picture_comes_first(worse: dict[str, Any]) -> None:
    better = pictured(2, 1000)
    other = pictured(1, **({"side": 1000} | worse))
    assert best_first([other, better]) == best_first([better, other]) == [better, other]


def test_sharpness_far_above_the_shot_adds_less_and_less() -> None:
    ratings = [quality(pictured(1, 1024, against_shot=share)) for share in (0, 0.5, 1, 2, 100)]
    assert ratings == pytest.approx([0, 2 / 3, 1, 4 / 3, 200 / 101])


def test_enlarging_does_not_make_a_picture_better() -> None:
    assert quality(pictured(1, enlargement=1.28)) == quality(pictured(2))


def test_equal_quality_is_ordered_by_id() -> None:
    equal = [pictured(number) for number in range(6)]
    assert best_first(reversed(equal)) == sorted(equal, key=lambda one: one.image_id)


def test_what_is_all_there_comes_before_what_may_be_cut_off() -> None:
    whole, edge = pictured(3), pictured(2, touches_edge=True)
    headless = pictured(1, head_cut=True, touches_edge=True)
    assert best_first([headless, edge, whole]) == [whole, edge, headless]
    assert quality(edge) == 0.8 * quality(whole)
    assert quality(headless) == 0.5 * quality(whole)


def test_what_the_rules_are_unsure_of_comes_last() -> None:
    unsure = pictured(1, 800).model_copy(update={"unsure": "who is it"})
    assert best_first([unsure, pictured(2)])[-1] == unsure


@pytest.mark.parametrize(("width", "height"), [(1, 8), (8, 1)])
def test_a_line_of_pixels_has_a_sharpness(width: int, height: int) -> None:
    line = np.zeros((height, width, 3), np.uint8)
    line.reshape(-1, 3)[4:] = 200
    assert sharpness(line) > 0
