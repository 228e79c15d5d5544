"""Whole-pixel rectangles: what a ratio box covers, and set arithmetic."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyboard_ops.core.pictures.pixel_rect import PixelRect, pixels_of
from storyboard_ops.domain.image_records import Box


@pytest.mark.parametrize(
    ("box", "pixels"),
    [
        (Box(x=0, y=0, w=1, h=1), PixelRect(0, 0, 1920, 1080)),
        (Box(x=0.1, y=0.5, w=0.2, h=0.25), PixelRect(192, 540, 384, 270)),
        # A pixel that is touched belongs to the box.
        (Box(x=0.0001, y=0, w=0.001, h=0.001), PixelRect(0, 0, 3, 2)),
        # The smallest box there is, in the last corner, is one pixel.
        (Box(x=1, y=1, w=1e-6, h=1e-6), PixelRect(1919, 1079, 1, 1)),
    ],
)
def test_a_box_covers_every_pixel_that_it_touches(box: Box, pixels: PixelRect) -> None:
    assert pixels_of(box, 1920, 1080) == pixels


def test_a_frame_of_one_pixel_has_one_pixel_under_every_box() -> None:
    assert pixels_of(Box(x=0.3, y=0.3, w=0.1, h=0.1), 1, 1) == PixelRect(0, 0, 1, 1)


def test_intersection_of_rectangles_that_do_not_meet_is_empty() -> None:
    assert PixelRect(0, 0, 10, 10).intersection(PixelRect(10, 0, 5, 5)).area == 0


def test_grown_adds_the_margin_on_every_side() -> None:
    assert PixelRect(10, 20, 30, 40).grown(5) == PixelRect(5, 15, 40, 50)


ratios = st.floats(0, 1)


@given(
    ratios,
    ratios,
    st.floats(1e-5, 1),
    st.floats(1e-5, 1),
    st.integers(1, 5000),
    st.integers(1, 5000),
)
def test_pixels_lie_inside_the_frame(
    x: float, y: float, w: float, h: float, width: int, height: int
) -> None:
    box = Box.clamped(x, y, x + w, y + h)
    if box is None:
        return
    rect = pixels_of(box, width, height)
    assert rect.area >= 1
    assert rect.intersection(PixelRect(0, 0, width, height)) == rect


def test_sides_and_intersection_by_hand() -> None:
    one, other = PixelRect(2, 3, 10, 20), PixelRect(5, 1, 20, 10)
    assert (one.right, one.bottom, one.area) == (12, 23, 200)
    assert one.intersection(other) == other.intersection(one) == PixelRect(5, 3, 7, 8)
    assert one.intersection(PixelRect(50, 60, 1, 1)) == PixelRect(50, 60, 0, 0)
    assert PixelRect(0, 0, -1, 5).area == PixelRect(0, 0, 5, -1).area == 0


@pytest.mark.parametrize(
    ("low", "high", "left", "width"),
    [(0.29, 0.31, 29, 2), (0.295, 0.305, 29, 2), (0.3, 0.3000000001, 30, 1), (0.991, 1, 99, 1)],
)
def test_a_pixel_that_is_touched_belongs_to_a_box_and_noise_touches_none(
    low: float, high: float, left: int, width: int
) -> None:
    rect = pixels_of(Box(x=low, y=low, w=high - low, h=high - low), 100, 100)
    assert (rect.left, rect.width, rect.top, rect.height) == (left, width, left, width)
