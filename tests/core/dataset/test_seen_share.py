"""How much of a figure a box shows: at a border it may be a sleeve."""

from __future__ import annotations

from dataclasses import replace

import pytest

from storyboard_ops.core.dataset.seen_share import seen_beside_others, seen_share
from storyboard_ops.core.pictures.pixel_rect import PixelRect, pixels_of
from tests.material.drawn.figures import CAST, Figure, Picture, landscape, standing

WHOLE = PixelRect(0, 0, 960, 720)


def seen(frame: Picture, place: PixelRect) -> float:
    figure = frame[place.top : place.bottom, place.left : place.right]
    return seen_share(figure, place, WHOLE)


def at_border(figure: Figure, number: int, middle: float) -> float:
    """The share that is seen of a figure with its middle at this share of the width."""
    frame, box = standing(figure, landscape(number), middle=middle)
    return seen(frame, pixels_of(box, 960, 720))


@pytest.mark.parametrize("number", range(len(CAST)))
@pytest.mark.parametrize("middle", [-0.085, 1.085])
def test_a_sleeve_at_a_side_is_a_small_part(number: int, middle: float) -> None:
    slim = replace(CAST[number], head=min(CAST[number].head, 0.3))
    assert at_border(slim, number, middle) < 0.5


@pytest.mark.parametrize("number", range(len(CAST)))
@pytest.mark.parametrize("middle", [0.07, 0.93])
def test_a_figure_that_touches_a_side_is_seen(number: int, middle: float) -> None:
    assert at_border(CAST[number], number, middle) >= 0.5
    assert at_border(replace(CAST[number], eyes=False), number, middle) >= 0.5


@pytest.mark.parametrize("number", range(len(CAST)))
def test_a_figure_inside_the_picture_is_seen_whole(number: int) -> None:
    assert at_border(CAST[number], number, 0.5) == 1


@pytest.mark.parametrize("number", range(len(CAST)))
def test_an_arm_that_reaches_in_is_a_small_part(number: int) -> None:
    frame = landscape(number)
    frame[300:390, :200] = CAST[number].coat
    frame[310:380, 200:260] = CAST[number].skin
    assert seen(frame, PixelRect(0, 295, 260, 100)) < 0.5


@pytest.mark.parametrize("number", range(len(CAST)))
def test_a_piece_of_cloth_at_a_border_is_a_small_part(number: int) -> None:
    """A shoulder that is as high as wide, in front of plain ground."""
    frame = landscape(number)
    frame[150:450, :240] = (228, 220, 210)
    frame[200:450, :150] = CAST[number].coat
    assert seen(frame, PixelRect(0, 180, 200, 270)) < 0.5


def test_a_box_over_the_whole_width_is_a_close_up() -> None:
    assert seen(landscape(0), PixelRect(0, 200, 960, 300)) == 1


@pytest.mark.parametrize(
    ("area", "at_border", "others", "share"),
    [
        (0.02, True, [0.2, 0.2, 0.2], 0.1),
        (0.02, True, [0.2], 0.1),
        (0.02, True, [], 1),
        (0.06, True, [0.2, 0.2], 1),
        (0.04, False, [0.2, 0.2], 1),  # it may be further away
        (0.01, False, [0.2, 0.2], 0.05),
        (0.2, True, [0.01, 0.02], 1),
        (0.02, True, [0.02, 0.02, 0.3], 1),
    ],
)
def test_a_box_far_smaller_than_the_others_shows_a_part(
    area: float, at_border: bool, others: list[float], share: float
) -> None:
    assert seen_beside_others(area, at_border, others) == pytest.approx(share)
