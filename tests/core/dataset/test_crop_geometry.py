"""Crop rectangles and output sizes against figures worked out by hand, and their promises."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyboard_ops.core.dataset.crop_geometry import (
    OutputSize,
    crop_rect,
    framing_of,
    head_cut,
    output_size,
    overlaps,
    touches_edge,
)
from storyboard_ops.core.pictures.pixel_rect import PixelRect
from storyboard_ops.domain.image_records import Box, Drop
from tests.material.factories import detection

FULL_HD = PixelRect(0, 0, 1920, 1080)


@pytest.mark.parametrize(
    ("box", "cut"),
    [
        # 400 high, margin 40 on every side: a square of 480 around the centre.
        (PixelRect(800, 300, 200, 400), PixelRect(660, 260, 480, 480)),
        # At the left border the margin is cut off there, and the square moves inside.
        (PixelRect(0, 300, 200, 400), PixelRect(0, 260, 480, 480)),
        (PixelRect(1720, 680, 200, 400), PixelRect(1480, 640, 440, 440)),
        # As high as the picture: a square of its height.
        (PixelRect(800, 0, 400, 1080), PixelRect(460, 0, 1080, 1080)),
        # Wider than the picture is high: no square fits, so everything that is there is taken.
        (PixelRect(200, 100, 1300, 900), PixelRect(70, 0, 1560, 1080)),
        (PixelRect(0, 0, 1920, 1080), FULL_HD),
    ],
    ids=["middle", "left", "corner", "full height", "too wide", "whole"],
)
def test_a_crop_is_padded_and_square_where_the_picture_allows(
    box: PixelRect, cut: PixelRect
) -> None:
    assert crop_rect(box, FULL_HD, padding=0.1) == cut


def test_a_crop_stays_between_letterbox_bars() -> None:
    picture = PixelRect(0, 140, 1920, 800)
    assert crop_rect(PixelRect(900, 200, 300, 700), picture, 0.12) == PixelRect(650, 140, 800, 800)


def test_a_crop_is_never_flatter_than_four_to_one() -> None:
    picture = PixelRect(0, 0, 4000, 600)
    assert crop_rect(PixelRect(100, 0, 3800, 600), picture, 0) == PixelRect(800, 0, 2400, 600)


lengths = st.integers(1, 6000)


@st.composite
def boxes_in_pictures(draw: st.DrawFn) -> tuple[PixelRect, PixelRect]:
    left, top = draw(st.integers(0, 300)), draw(st.integers(0, 300))
    picture = PixelRect(left, top, draw(lengths), draw(lengths))
    width = draw(st.integers(1, picture.width))
    height = draw(st.integers(1, picture.height))
    x = draw(st.integers(picture.left, picture.right - width))
    y = draw(st.integers(picture.top, picture.bottom - height))
    return PixelRect(x, y, width, height), picture


@given(boxes_in_pictures(), st.floats(0, 1))
def test_every_crop_lies_in_the_picture_and_holds_its_box(
    pair: tuple[PixelRect, PixelRect], padding: float
) -> None:
    box, picture = pair
    cut = crop_rect(box, picture, padding)
    assert cut.intersection(picture) == cut
    assert cut.area >= 1
    assert max(cut.width, cut.height) <= 4 * min(cut.width, cut.height)
    if max(box.width, box.height) <= 4 * min(picture.width, picture.height):
        assert box.intersection(cut) == box
    padded = box.grown(math.ceil(padding * max(box.width, box.height))).intersection(picture)
    if max(padded.width, padded.height) <= 4 * min(picture.width, picture.height):
        assert padded.intersection(cut) == padded


@given(boxes_in_pictures(), st.floats(0, 1))
def test_a_crop_is_square_unless_the_picture_is_too_narrow(
    pair: tuple[PixelRect, PixelRect], padding: float
) -> None:
    box, picture = pair
    cut = crop_rect(box, picture, padding)
    shorter, longer = sorted((cut.width, cut.height))
    assert shorter == longer or shorter == min(picture.width, picture.height)


@pytest.mark.parametrize(
    ("cut", "size"),
    [
        (PixelRect(0, 0, 512, 512), OutputSize(512, 512, 1.0)),
        (PixelRect(0, 0, 900, 700), OutputSize(900, 700, 1.0)),
        (PixelRect(0, 0, 400, 400), OutputSize(512, 512, 1.28)),
        (PixelRect(0, 0, 800, 400), OutputSize(1024, 512, 1.28)),
        (PixelRect(0, 0, 8192, 4096), OutputSize(4096, 2048, 0.5)),
    ],
)
def test_output_sizes(cut: PixelRect, size: OutputSize) -> None:
    assert output_size(cut, max_enlargement=1.5) == size


def test_at_most_twelve_and_a_half_million_pixels() -> None:
    size = output_size(PixelRect(0, 0, 4000, 4000), max_enlargement=1)
    assert isinstance(size, OutputSize)
    assert (size.width, size.height) == (3547, 3547)  # 3548 x 3548 is 12,588,304
    assert size.enlargement == pytest.approx(0.8868, abs=1e-4)


def test_what_would_need_too_much_enlarging_is_dropped_with_the_figures() -> None:
    assert output_size(PixelRect(0, 0, 256, 300), max_enlargement=1.5) == Drop(
        stage="crop",
        reason="too small",
        detail=(
            "256 x 300 px would need enlarging 2 times to reach 512 px a side; "
            "at most 1.5 times is allowed"
        ),
        score=2.0,
    )


@given(st.integers(1, 8000), st.floats(0.25, 4), st.floats(1, 8))
def test_every_output_size_satisfies_the_trainer_and_the_parameter(
    width: int, aspect: float, max_enlargement: float
) -> None:
    cut = PixelRect(0, 0, width, max(1, -(-width // 4), min(4 * width, round(width / aspect))))
    size = output_size(cut, max_enlargement)
    if isinstance(size, Drop):
        assert min(cut.width, cut.height) * max_enlargement < 512
        return
    assert size.enlargement <= max_enlargement
    assert 512 <= min(size.width, size.height) <= max(size.width, size.height) <= 4096
    assert size.width * size.height <= 12_582_912
    assert max(size.width, size.height) <= 4 * min(size.width, size.height)
    if size.enlargement == 1:
        assert (size.width, size.height) == (cut.width, cut.height)


@pytest.mark.parametrize(
    ("width", "height", "framing"),
    [(330, 1080, "full"), (200, 400, "full"), (700, 800, "medium"), (1200, 900, "close")],
)
def test_framing_by_the_share_of_the_picture(width: int, height: int, framing: str) -> None:
    assert framing_of(PixelRect(300, 0, width, height), FULL_HD) == framing


@pytest.mark.parametrize(
    ("box", "edge", "head"),
    [
        (PixelRect(500, 200, 300, 700), False, False),
        (PixelRect(500, 3, 300, 700), True, True),
        (PixelRect(500, 380, 300, 700), True, False),
        (PixelRect(4, 200, 300, 700), True, False),
        (PixelRect(1617, 200, 300, 700), True, False),
        (PixelRect(500, 6, 300, 700), False, False),
    ],
    ids=["inside", "top", "bottom", "left", "right", "just below the top"],
)
def test_characters_that_run_into_the_border(box: PixelRect, edge: bool, head: bool) -> None:
    assert (touches_edge(box, FULL_HD), head_cut(box, FULL_HD)) == (edge, head)


def test_overlap_says_how_much_of_every_other_character_shows() -> None:
    others = [
        detection("mira", box=Box(x=0.1, y=0.1, w=0.3, h=0.8)),
        detection("bram", box=Box(x=0.4, y=0, w=0.2, h=1)),
        detection("bram", box=Box(x=0.49, y=0, w=0.2, h=1)),
        detection("pip", box=Box(x=0.8, y=0, w=0.1, h=0.1)),
        detection(None, box=Box(x=0, y=0, w=1, h=1)),
    ]
    cut = PixelRect(0, 0, 500, 500)
    assert overlaps(cut, "mira", others, (1000, 1000)) == {"bram": 0.25}


SQUARE = PixelRect(100, 200, 1000, 1000)


@pytest.mark.parametrize(
    ("width", "framing"), [(249, "full"), (250, "medium"), (449, "medium"), (450, "close")]
)
def test_a_framing_begins_at_exactly_its_share(width: int, framing: str) -> None:
    assert framing_of(PixelRect(100, 200, width, 1000), SQUARE) == framing


def test_only_what_lies_in_the_picture_counts_for_the_framing() -> None:
    assert framing_of(PixelRect(-400, 200, 900, 1000), SQUARE) == "medium"


@pytest.mark.parametrize(
    ("face_height", "framing"),
    [(0, "full"), (29, "full"), (30, "medium"), (54, "medium"), (55, "close"), (120, "close")],
)
def test_a_small_box_that_a_face_fills_is_no_full_figure(face_height: int, framing: str) -> None:
    assert framing_of(PixelRect(300, 300, 100, 100), FULL_HD, face_height) == framing


@pytest.mark.parametrize(
    ("sides", "touching"),
    [
        ((105, 300, 500, 1000), True),
        ((106, 300, 500, 1000), False),
        ((300, 205, 500, 1000), True),
        ((300, 300, 1095, 1000), True),
        ((300, 300, 1094, 1000), False),
        ((300, 300, 500, 1195), True),
        ((300, 300, 500, 1194), False),
        ((300, 206, 500, 1000), False),
    ],
    ids=["left", "off left", "top", "right", "off right", "bottom", "off bottom", "off top"],
)
def test_a_border_is_touched_from_five_thousandths_of_the_side_away(
    sides: tuple[int, int, int, int], touching: bool
) -> None:
    left, top, right, bottom = sides
    box = PixelRect(left, top, right - left, bottom - top)
    assert touches_edge(box, SQUARE) == touching
    assert head_cut(box, SQUARE) == (touching and top == 205)


def test_exactly_the_enlargement_that_is_allowed() -> None:
    assert output_size(PixelRect(0, 0, 256, 300), 2.0) == OutputSize(512, 600, 2.0)
    assert isinstance(output_size(PixelRect(0, 0, 255, 300), 2.0), Drop)


@pytest.mark.parametrize(("column", "named"), [(1, True), (2, False)])
def test_from_a_hundredth_of_their_box_on_others_are_named(column: int, named: bool) -> None:
    """A strip of the box, 100 px wide: one column of it shows, or nearly one."""
    other = detection("bram", box=Box(x=0.4, y=0.4, w=0.1, h=0.1))
    cut = PixelRect(0, 399 + column, 401, 100)
    assert overlaps(cut, "mira", [other], (1000, 1000)) == ({"bram": 0.01} if named else {})


def test_of_two_boxes_of_another_the_share_of_the_larger_stands_in_whatever_order() -> None:
    third = detection("bram", box=Box(x=0, y=0, w=0.3, h=0.3))
    half = detection("bram", box=Box(x=0.05, y=0, w=0.1, h=0.3))
    cut = PixelRect(0, 0, 100, 300)
    for boxes in ([third, half], [half, third]):
        assert overlaps(cut, None, boxes, (1000, 1000)) == {"bram": 0.5}
    assert overlaps(cut, None, [third], (1000, 1000)) == {"bram": 0.3333}


def test_where_the_margin_does_not_fit_four_to_one_the_middle_of_the_box_is_cut() -> None:
    """The margin is cut off at one border, so its middle is another than that of the box."""
    wide, high = PixelRect(0, 0, 4000, 600), PixelRect(0, 0, 600, 4000)
    assert crop_rect(PixelRect(100, 0, 3000, 600), wide, 0.1) == PixelRect(400, 0, 2400, 600)
    assert crop_rect(PixelRect(0, 100, 600, 3000), high, 0.1) == PixelRect(0, 400, 600, 2400)
