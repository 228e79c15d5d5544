"""The picture between black bars, and dark pictures that have none."""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from storyboard_ops.core.pictures.letterbox import picture_area
from storyboard_ops.core.pictures.pixel_rect import PixelRect
from tests.factories import picture


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
