"""The picture between black bars, and dark pictures that have none."""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from storyboard_ops.core.pictures.letterbox import picture_area
from storyboard_ops.core.pictures.pixel_rect import PixelRect
from tests.material.factories import picture


def framed(width: int, height: int, bar_x: int, bar_y: int, black: int = 0) -> np.ndarray:
    frame = np.full((height, width, 3), black, np.uint8)
    inner = picture(3, width - 2 * bar_x, height - 2 * bar_y)
    frame[bar_y : height - bar_y, bar_x : width - bar_x] = np.maximum(inner, 40)
    return frame


@pytest.mark.parametrize("black", [0, 16])
@pytest.mark.parametrize(
    ("bar_x", "bar_y"),
    [(0, 0), (0, 70), (120, 0), (120, 70)],
    ids=["none", "letter", "pillar", "both"],
)
def test_bars_are_found_to_the_pixel(bar_x: int, bar_y: int, black: int) -> None:
    frame = framed(640, 360, bar_x, bar_y, black)
    assert picture_area(frame) == PixelRect(bar_x, bar_y, 640 - 2 * bar_x, 360 - 2 * bar_y)


def test_a_smeared_edge_of_a_jpeg_leaves_no_black_in_the_picture() -> None:
    frame = framed(640, 360, 0, 68)
    done, jpeg = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 85])
    assert done
    area = picture_area(cv2.imdecode(jpeg, cv2.IMREAD_COLOR))
    assert 68 <= area.top <= 76
    assert 284 <= area.bottom <= 292


def test_a_dark_sky_above_a_lit_street_is_picture() -> None:
    frame = np.full((360, 640, 3), 120, np.uint8)
    frame[:200] = 5
    assert picture_area(frame) == PixelRect(0, 0, 640, 360)


@pytest.mark.parametrize("luma", [0, 255])
def test_a_frame_of_one_colour_is_returned_whole(luma: int) -> None:
    frame = np.full((90, 160, 3), luma, np.uint8)
    assert picture_area(frame) == PixelRect(0, 0, 160, 90)


def test_a_lamp_in_the_dark_is_not_a_picture_between_bars() -> None:
    frame = np.zeros((360, 640, 3), np.uint8)
    frame[160:200, 300:340] = 255
    assert picture_area(frame) == PixelRect(0, 0, 640, 360)


def test_a_frame_of_one_pixel_is_a_picture() -> None:
    assert picture_area(np.zeros((1, 1, 3), np.uint8)) == PixelRect(0, 0, 1, 1)


ALL = PixelRect(0, 0, 100, 100)
BETWEEN = PixelRect(0, 20, 100, 60)


def striped(bar: int, rows: int = 20) -> np.ndarray:
    """100 x 100 px of grey between bars above and below."""
    frame = np.full((100, 100, 3), 128, np.uint8)
    frame[:rows] = frame[-rows:] = bar
    return frame


@pytest.mark.parametrize(
    ("darkest", "bar", "area"),
    [(16, 20, BETWEEN), (16, 21, ALL), (10, 15, BETWEEN), (10, 16, ALL)],
    ids=["as dark as black", "too light", "as even as noise", "too uneven"],
)
def test_a_bar_is_at_most_20_and_within_five_levels_of_the_darkest_pixel(darkest, bar, area):
    frame = striped(bar)
    frame[50, 50] = darkest
    assert picture_area(frame) == area


@pytest.mark.parametrize(("lit", "area"), [(2, BETWEEN), (3, ALL)])
def test_two_of_a_hundred_pixels_of_a_bar_may_be_lit(lit, area):
    frame = striped(0)
    frame[:, :lit] = 128
    assert picture_area(frame) == area


@pytest.mark.parametrize(("soft", "lit", "cut"), [(8, 49, 8), (9, 49, 8), (3, 49, 3), (3, 50, 0)])
def test_up_to_eight_rows_that_are_less_than_half_lit_belong_to_the_bar(soft, lit, cut):
    frame = striped(0)
    frame[20 : 20 + soft, lit:] = 0
    frame[80 - soft : 80, lit:] = 0
    assert picture_area(frame) == PixelRect(0, 20 + cut, 100, 60 - 2 * cut)


@pytest.mark.parametrize(("bar", "area"), [(35, PixelRect(0, 35, 100, 30)), (36, ALL)])
def test_three_tenths_of_the_frame_are_picture_enough(bar, area):
    assert picture_area(striped(0, bar)) == area


def test_bars_are_as_high_as_the_lower_of_the_two():
    frame = striped(0)
    frame[10:20] = 128
    assert picture_area(frame) == PixelRect(0, 10, 100, 80)


@pytest.mark.parametrize(
    ("clip", "second", "area"),
    [
        ("sintel_trailer_first30s.mp4", 24, PixelRect(0, 58, 854, 364)),
        ("sintel_shaman_hut_5s_720p.mp4", 2, PixelRect(0, 0, 1280, 546)),  # dark, without bars
        ("bbb_trailer_33s_vp8.webm", 12, PixelRect(0, 0, 640, 360)),
    ],
)
def test_real_films(footage: Path, clip: str, second: int, area: PixelRect) -> None:
    assert picture_area(frame_at(footage / "clips" / clip, second)) == area


def frame_at(file: Path, second: int) -> np.ndarray:
    """The first frame at or after a second, (H, W, 3) RGB."""
    with av.open(str(file)) as film:
        film.seek(second * 1_000_000)
        return next(
            frame.to_ndarray(format="rgb24")
            for frame in film.decode(video=0)
            if frame.time is not None and frame.time >= second
        )
