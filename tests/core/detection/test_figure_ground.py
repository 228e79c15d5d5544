"""Where a figure stands on a plain ground."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from storyboard_ops.core.detection.figure_ground import figure_rect
from storyboard_ops.core.pictures.codec import decode_rgb
from storyboard_ops.core.pictures.pixel_rect import PixelRect

SHEETS = Path(__file__).parents[3] / "include/productions/paper-lantern/references"
WHOLE = PixelRect(0, 0, 200, 300)


def sheet(low: int = 230, high: int = 210) -> np.ndarray:
    """300 rows, 200 columns, shaded from top to bottom."""
    column = np.linspace(low, high, 300).astype(np.uint8)
    return np.repeat(np.repeat(column[:, None, None], 200, axis=1), 3, axis=2)


def test_a_figure_on_a_shaded_ground_is_found():
    picture = sheet()
    cv2.rectangle(picture, (60, 40), (139, 259), (180, 40, 40), -1)
    assert figure_rect(picture) == PixelRect(60, 40, 80, 220)


def test_a_ground_that_is_shaded_from_side_to_side_is_no_figure():
    row = np.linspace(200, 222, 200).astype(np.uint8)
    picture = np.repeat(np.repeat(row[None, :, None], 300, axis=0), 3, axis=2)
    cv2.rectangle(picture, (60, 40), (139, 259), (180, 40, 40), -1)
    assert figure_rect(picture) == PixelRect(60, 40, 80, 220)


def test_a_figure_that_runs_out_below_keeps_its_lower_border():
    picture = sheet()
    cv2.rectangle(picture, (60, 100), (139, 299), (180, 40, 40), -1)
    assert figure_rect(picture) == PixelRect(60, 100, 80, 200)


@pytest.mark.parametrize(
    "picture",
    [
        np.random.default_rng(1).integers(0, 256, (300, 200, 3), dtype=np.uint8),
        np.concatenate([np.zeros((300, 100, 3), np.uint8), np.full((300, 100, 3), 255, np.uint8)],
                       axis=1),
        sheet(),
        np.full((300, 200, 3), 7, np.uint8),
    ],
    ids=["a film frame", "two grounds", "nobody", "flat"],
)  # fmt: skip
def test_a_picture_without_a_figure_on_a_plain_ground_is_taken_whole(picture):
    assert figure_rect(picture) == WHOLE


@pytest.mark.parametrize("character", ["mira", "pell", "orso"])
def test_the_model_sheets_of_the_sample_film_are_trimmed(character):
    picture = decode_rgb((SHEETS / f"{character}_front.png").read_bytes())
    rect = figure_rect(picture)
    assert rect.top >= 20 and rect.bottom <= picture.shape[0] - 20
    assert rect.area < 0.75 * picture.shape[0] * picture.shape[1]


FIGURE = PixelRect(60, 40, 80, 220)


def on_ground(ground: np.ndarray, level: int, rect: PixelRect = FIGURE) -> np.ndarray:
    """A figure of one grey level on 300 rows of a ground of 200 columns."""
    picture = np.repeat(np.tile(ground, (300, 1))[..., None], 3, axis=2).astype(np.uint8)
    picture[rect.top : rect.bottom, rect.left : rect.right] = level
    return picture


PLAIN = np.full(200, 200)


@pytest.mark.parametrize(("level", "found"), [(176, WHOLE), (175, FIGURE)])
def test_a_figure_differs_from_its_ground_by_more_than_24_levels(level, found):
    assert figure_rect(on_ground(PLAIN, level)) == found


@pytest.mark.parametrize(("width", "is_found"), [(29, False), (30, True)])
def test_a_figure_fills_two_hundredths_of_the_picture(width, is_found):
    speck = PixelRect(60, 40, width, 40)
    assert figure_rect(on_ground(PLAIN, 90, speck)) == (speck if is_found else WHOLE)


@pytest.mark.parametrize(("step", "found"), [(16, FIGURE), (17, WHOLE)])
@pytest.mark.parametrize("column", [1, -2], ids=["left", "right"])
def test_a_border_of_two_columns_is_plain_within_eight_levels_of_its_mean(step, found, column):
    ground = PLAIN.copy()
    ground[column] += step
    assert figure_rect(on_ground(ground, 90)) == found


@pytest.mark.parametrize(("right", "found"), [(224, FIGURE), (225, WHOLE)])
def test_a_ground_is_shaded_by_24_levels_from_side_to_side_at_most(right, found):
    assert figure_rect(on_ground(np.linspace(200, right, 200).round(), 90)) == found


def test_a_figure_may_stand_right_beside_the_border():
    wide = PixelRect(2, 40, 196, 220)
    assert figure_rect(on_ground(PLAIN, 90, wide)) == wide


@pytest.mark.parametrize(("side", "found"), [(2, FIGURE), (3, PixelRect(20, 20, 120, 240))])
def test_specks_of_two_pixels_are_no_part_of_the_figure(side, found):
    picture = on_ground(PLAIN, 90)
    picture[20 : 20 + side, 20 : 20 + side] = 90
    assert figure_rect(picture) == found
