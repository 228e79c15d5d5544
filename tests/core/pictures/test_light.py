"""Silhouettes, exposure and plain cloth, told from figures in any clothes and any light."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from storyboard_ops.core.pictures.light import exposure, is_silhouette, share_of_two_colours
from storyboard_ops.core.pictures.pixel_rect import pixels_of
from tests.material.drawn.figures import CAST, Colour, Figure, Picture, landscape, standing
from tests.material.film_pictures import boxes_at, cast_at, frame_at

#: Dark colours of figures against the light.
DARK: tuple[Colour, ...] = (
    (0, 0, 0), (18, 16, 22), (30, 30, 30), (45, 30, 20), (20, 30, 50), (40, 20, 45),
    (10, 25, 15), (55, 45, 50), (25, 12, 8), (35, 40, 60),
)  # fmt: skip


def box_of(figure: Figure, number: int) -> Picture:
    picture, box = standing(figure, landscape(number))
    place = pixels_of(box, picture.shape[1], picture.shape[0])
    return picture[place.top : place.bottom, place.left : place.right]


@pytest.mark.parametrize("number", range(10))
def test_a_dark_figure_without_detail_is_a_silhouette(number: int) -> None:
    assert is_silhouette(box_of(CAST[number].painted(DARK[number]), number))


@pytest.mark.parametrize("number", range(10))
def test_grain_and_a_soft_lens_do_not_hide_a_silhouette(number: int) -> None:
    figure = box_of(CAST[number].painted(DARK[number]), number)
    grain = np.random.default_rng(number).normal(0, 6, figure.shape)
    noisy = np.clip(figure + grain, 0, 255).astype(np.uint8)
    assert is_silhouette(noisy)
    assert is_silhouette(cv2.GaussianBlur(figure, (0, 0), 2).astype(np.uint8))


@pytest.mark.parametrize("number", range(10))
def test_a_figure_in_any_clothes_is_none(number: int) -> None:
    assert not is_silhouette(box_of(CAST[number], number))


@pytest.mark.parametrize("number", range(10))
def test_a_figure_in_the_night_is_none(number: int) -> None:
    dim = (box_of(CAST[number], number) * 0.3).astype(np.uint8)
    assert not is_silhouette(dim)


@pytest.mark.parametrize("coat", DARK[:4])
def test_dark_clothes_below_a_light_head_are_none(coat: Colour) -> None:
    assert not is_silhouette(box_of(replace(CAST[7], coat=coat, legs=coat, eyes=False), 2))


@pytest.mark.parametrize("second", [8, 13, 20, 31, 37, 44, 48, 53, 58, 62])
def test_no_figure_of_the_sample_film_is_one(second: int) -> None:
    frame = frame_at(second)
    for name in cast_at(second):
        place = pixels_of(boxes_at(second)[name], frame.shape[1], frame.shape[0])
        figure = frame[place.top : place.bottom, place.left : place.right]
        assert not is_silhouette(figure)
        assert share_of_two_colours(figure) < 0.5


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((1, 1, 3), np.uint8),
        np.full((80, 20, 3), 255, np.uint8),
        np.zeros((2, 90, 3), np.uint8),
    ],
)
def test_a_picture_of_one_colour_is_no_silhouette_and_is_badly_exposed(picture: Picture) -> None:
    assert not is_silhouette(picture)
    assert exposure(picture) == 0.05
    assert share_of_two_colours(picture) == 1


@pytest.mark.parametrize("number", range(10))
def test_exposure_falls_in_the_dark_in_glare_and_in_haze(number: int) -> None:
    figure = box_of(CAST[number], number).astype(np.float32)
    dark, glare, haze = (
        exposure(np.clip(changed, 0, 255).astype(np.uint8))
        for changed in (figure * 0.1, figure * 0.12 + 225, figure * 0.15 + 110)
    )
    assert exposure(figure.astype(np.uint8)) == 1
    assert max(dark, glare, haze) < 0.7
