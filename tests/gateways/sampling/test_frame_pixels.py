"""Colours, light and fields: what comes out of a frame, against values worked out by hand."""

import sys
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from storyboard_ops.core.pictures.shape import shown
from storyboard_ops.gateways.sampling.frame_pixels import PixelConverter, convert_frame
from tests.films.film_maker import make_film

BT709, BT601, BT2020 = 1, 5, 9
LIMITED, FULL = 1, 2


def flat_frame(
    y: int, u: int, v: int, pixels: str = "yuv444p", size: tuple[int, int] = (64, 64), **tags: int
) -> VideoFrame:
    """A frame of one colour, tagged as H.273 numbers it."""
    frame = VideoFrame(*size, pixels)
    deep = "10le" in pixels
    for plane, value in zip(frame.planes, (y, u, v), strict=True):
        count = plane.buffer_size // (2 if deep else 1)
        plane.update(np.full(count, value, np.uint16 if deep else np.uint8).tobytes())
    for tag, value in tags.items():
        setattr(frame, tag, value)
    return frame


def colour(frame: VideoFrame) -> list[int]:
    coded = PixelConverter(None).picture(frame)
    return shown(coded.rgb, coded.transfer, coded.sample_aspect, coded.matrix)[32, 32].tolist()


@pytest.mark.parametrize(
    ("frame", "rgb"),
    [
        (flat_frame(63, 102, 240, colorspace=BT709, color_range=LIMITED), (255, 0, 0)),
        (flat_frame(81, 90, 240, colorspace=BT601, color_range=LIMITED), (255, 0, 0)),
        (flat_frame(173, 42, 26, colorspace=BT709, color_range=LIMITED), (0, 255, 0)),
        (flat_frame(145, 54, 34, colorspace=BT601, color_range=LIMITED), (0, 255, 0)),
        (flat_frame(54, 99, 255, colorspace=BT709, color_range=FULL), (255, 0, 0)),
        (flat_frame(126, 128, 128, colorspace=BT709, color_range=LIMITED), (128, 128, 128)),
        (flat_frame(128, 128, 128, colorspace=BT709, color_range=FULL), (128, 128, 128)),
        (flat_frame(252, 408, 960, "yuv444p10le", colorspace=BT709), (255, 0, 0)),
        (flat_frame(502, 512, 512, "yuv444p10le", colorspace=BT709), (128, 128, 128)),
        (flat_frame(16, 128, 128), (0, 0, 0)),
        (flat_frame(235, 128, 128), (255, 255, 255)),
    ],
)
def test_matrix_and_range(frame: VideoFrame, rgb: tuple[int, int, int]) -> None:
    assert colour(frame) == pytest.approx(rgb, abs=2)


def test_a_film_that_does_not_say_is_bt709_in_hd_and_bt601_below() -> None:
    assert colour(flat_frame(63, 102, 240, size=(1280, 720))) == pytest.approx((255, 0, 0), abs=2)
    assert colour(flat_frame(81, 90, 240, size=(720, 576))) == pytest.approx((255, 0, 0), abs=2)


@pytest.mark.parametrize(("nits", "grey"), [(0, 0), (26, 108), (100, 190), (1000, 255)])
def test_pq_light_becomes_the_grey_of_a_standard_screen(nits: float, grey: int) -> None:
    """Below 0.7 of the 203 cd/m2 reference white: 255 * (nits / 203) ** (1 / 2.4)."""
    power = (nits / 10_000) ** 0.1593017578125
    signal = ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375
    frame = flat_frame(
        round(64 + 876 * signal),
        512,
        512,
        "yuv444p10le",
        colorspace=BT2020,
        color_trc=16,
        color_primaries=9,
        color_range=LIMITED,
    )
    assert colour(frame) == pytest.approx([grey] * 3, abs=2)


def test_interlaced_fields_do_not_comb(tmp_path: Path) -> None:
    """A bar that moves between the fields: woven it has teeth, deinterlaced its edges are whole."""

    def fields(number: int) -> np.ndarray:
        picture = np.full((96, 160, 3), 30, np.uint8)
        picture[0::2, 20:60] = 220
        picture[1::2, 60:100] = 220
        return picture

    def as_interlaced(stream) -> None:
        stream.codec_context.flags |= 1 << 18 | 1 << 29  # interlaced DCT and motion

    path = make_film(
        tmp_path / "film.mpg",
        3,
        codec="mpeg2video",
        picture=fields,
        prepare=as_interlaced,
        options={"flags": "+ildct+ilme", "b": "4000000", "field_order": "tt"},
    )
    with av.open(str(path)) as film:
        frame = next(film.decode(video=0))
    assert frame.interlaced_frame
    woven = frame.to_ndarray(format="gray")
    picture = PixelConverter(None).picture(frame).rgb[..., 0]

    def teeth(luma: np.ndarray) -> float:
        inner = luma[10:-10].astype(int)
        return float(np.abs(np.diff(inner, axis=0)).mean())

    assert teeth(woven) > 50
    assert teeth(picture) < 5


def noisy_frame(pixels: str, width: int, height: int) -> VideoFrame:
    """A PQ frame in which every value is another one."""
    frame = VideoFrame(width, height, pixels)
    dice = np.random.default_rng(7)
    for plane in frame.planes:
        values = dice.integers(64, 960, plane.buffer_size // 2, dtype=np.uint16)
        plane.update((values << (6 if pixels == "p010le" else 0)).tobytes())
    frame.colorspace, frame.color_trc, frame.color_primaries = BT2020, 16, 9
    return frame


@pytest.mark.parametrize("rows", [1, 2, 7, 34, 64, 500])
@pytest.mark.parametrize(
    ("pixels", "height"),
    [
        ("yuv420p10le", 182),
        ("yuv420p10le", 181),
        ("yuv420p12le", 66),
        ("yuv420p10le", 10),
        ("p010le", 180),
        ("yuv422p10le", 75),
        ("yuv444p10le", 75),
        ("gbrp10le", 75),
    ],
)
def test_deep_rows_are_those_of_the_whole_frame(pixels: str, height: int, rows: int) -> None:
    frame = noisy_frame(pixels, 319, height)
    whole = convert_frame(frame, "rgb48le", VideoReformatter(), whole=frame)
    deep = PixelConverter(None).picture(frame).rgb
    assert deep.shape == whole.shape == (height, 319, 3)
    for top in range(0, height, rows):
        np.testing.assert_array_equal(deep[top : top + rows], whole[top : top + rows])


def test_the_rows_of_a_tall_frame_have_the_colours_of_its_size() -> None:
    """A film that does not name its matrix is BT.709 in HD, and its bands are not."""
    frame = flat_frame(252, 408, 960, "yuv444p10le", size=(720, 1280), color_trc=16)
    whole = convert_frame(frame, "rgb48le", VideoReformatter(), whole=frame)
    rows = PixelConverter(None).picture(frame).rgb[600:608]
    np.testing.assert_array_equal(rows, whole[600:608])


def test_a_converted_frame_is_let_go_of_at_once() -> None:
    converter, frame = PixelConverter(None), flat_frame(128, 128, 128)
    known = sys.getrefcount(frame)
    converter.picture(frame)
    assert sys.getrefcount(frame) == known
