"""Sharper and larger is better, enlarged pixels count for nothing."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from storyboard_ops.core.pictures.quality import best_first, quality, sharpness
from storyboard_ops.domain.image_records import CropFacts, ImageRecord
from tests.material.factories import detection, image, picture


def pictured(number: int, sharp: float, side: int, enlargement: float = 1.0) -> ImageRecord:
    facts = CropFacts(
        detection=detection(), left=0, top=0, width=side, height=side,
        enlargement=enlargement, sharpness=sharp, framing="full",
    )  # fmt: skip
    return image(number, crop=facts)


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


def test_the_sharpest_and_largest_comes_first() -> None:
    small, large, blurred = pictured(1, 100, 400), pictured(2, 100, 800), pictured(3, 20, 800)
    assert best_first([blurred, small, large]) == [large, small, blurred]


def test_enlarging_does_not_make_a_picture_better() -> None:
    assert quality(pictured(1, 100, 400, enlargement=1.28)) == quality(pictured(2, 100, 400))


def test_equal_quality_is_ordered_by_id() -> None:
    equal = [pictured(number, 100, 400) for number in range(6)]
    assert best_first(reversed(equal)) == sorted(equal, key=lambda one: one.image_id)


def test_what_is_all_there_comes_before_what_may_be_cut_off() -> None:
    whole, edge, headless = (pictured(number, 100, 400) for number in (3, 2, 1))
    edge = edge.model_copy(update={"crop": edge.crop.model_copy(update={"touches_edge": True})})
    cut = {"head_cut": True, "touches_edge": True}
    headless = headless.model_copy(update={"crop": headless.crop.model_copy(update=cut)})
    assert best_first([headless, edge, whole]) == [whole, edge, headless]
    assert quality(headless) == 0.5 * quality(whole)


def test_what_the_rules_are_unsure_of_comes_last() -> None:
    unsure = pictured(1, 100, 800).model_copy(update={"unsure": "who is it"})
    assert best_first([unsure, pictured(2, 10, 400)])[-1] == unsure


def test_a_picture_that_runs_into_a_border_counts_four_fifths() -> None:
    whole = pictured(1, 100, 400)
    crop = whole.crop.model_copy(update={"touches_edge": True})
    assert quality(whole.model_copy(update={"crop": crop})) == 0.8 * quality(whole)
    assert quality(whole) == 100 * 400 * 400


@pytest.mark.parametrize(("width", "height"), [(1, 8), (8, 1)])
def test_a_line_of_pixels_has_a_sharpness(width: int, height: int) -> None:
    line = np.zeros((height, width, 3), np.uint8)
    line.reshape(-1, 3)[4:] = 200
    assert sharpness(line) > 0
