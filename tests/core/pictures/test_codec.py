"""Bytes to arrays and back, in RGB; what is no picture says so."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest

from storyboard_ops.core.pictures.codec import (
    decode_rgb,
    encode_jpeg,
    encode_png,
    fit_shape,
    fit_within,
    fitting_jpeg,
    model_jpeg,
    picture_size,
    sendable,
)
from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.models.call_limits import PictureLimits
from tests.material.factories import noise, picture

ORANGE = np.full((16, 24, 3), (255, 128, 0), np.uint8)


def huge_png() -> bytes:
    """A PNG whose header claims 2,147,483,647 pixels a side."""
    header = b"IHDR" + struct.pack(">IIBBBBB", 2**31 - 1, 2**31 - 1, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", 13)
        + header
        + struct.pack(">I", zlib.crc32(header))
    )


def test_png_keeps_every_pixel_and_the_order_of_colours() -> None:
    assert np.array_equal(decode_rgb(encode_png(picture(1))), picture(1))
    assert decode_rgb(encode_png(ORANGE))[0, 0].tolist() == [255, 128, 0]


def test_jpeg_is_close() -> None:
    assert np.abs(decode_rgb(encode_jpeg(ORANGE)).astype(int) - ORANGE).max() <= 2


@pytest.mark.parametrize(
    "encoded",
    [b"", b"no picture", encode_png(ORANGE)[:20], huge_png()],
    ids=["empty", "text", "cut off", "too large"],
)
def test_what_is_no_picture_is_bad_input(encoded: bytes) -> None:
    with pytest.raises(BadInput, match=f"{len(encoded)} bytes are not a readable picture"):
        decode_rgb(encoded)


@pytest.mark.parametrize(
    ("width", "height", "size"),
    [
        (2048, 1024, (1024, 512)),
        (500, 2000, (256, 1024)),
        (1024, 1024, (1024, 1024)),
        (9, 5, (9, 5)),
    ],
)
def test_a_picture_is_shrunk_to_a_side_and_never_enlarged(
    width: int, height: int, size: tuple[int, int]
) -> None:
    fitted = fit_within(np.zeros((height, width, 3), np.uint8), 1024)
    assert (fitted.shape[1], fitted.shape[0]) == size


def test_a_model_is_sent_a_jpeg_of_at_most_1024_pixels() -> None:
    sent = model_jpeg(encode_png(picture(2, 1600, 800)))
    assert sent.startswith(b"\xff\xd8")
    assert decode_rgb(sent).shape == (512, 1024, 3)


def limited(most_bytes: int = 3_750_000, most_side: int = 8_000) -> PictureLimits:
    """Limits of a service that accepts pictures of this many bytes and pixels per side."""
    names = ("pictures", "picture_bytes", "side_px", "formats")
    return PictureLimits(
        pictures=1,
        picture_bytes=most_bytes,
        side_px=(1, most_side),
        formats=("png", "jpeg"),
        sources={"guide": names},
    )


def test_what_a_service_accepts_is_sent_as_it_is():
    encoded = encode_jpeg(picture(1))
    assert sendable(encoded, limited()) is encoded
    assert fitting_jpeg(encoded, limited()) == model_jpeg(encoded)


def test_a_format_that_a_service_does_not_accept_is_sent_as_jpeg():
    png = encode_png(picture(1))
    assert sendable(png, limited()) is png
    jpeg_only = limited().model_copy(update={"formats": ("jpeg",)})
    assert sendable(png, jpeg_only) == model_jpeg(png, 4_096)


def test_what_has_too_many_bytes_is_sent_smaller_until_it_fits():
    encoded = noise(600, 300)
    for send in (sendable, fitting_jpeg):
        sent = send(encoded, limited(20_000))
        height, width = decode_rgb(sent).shape[:2]
        assert len(sent) <= 20_000 < len(model_jpeg(encoded, width * 4 // 3 + 1))
        assert (width / height, width < 400) == (pytest.approx(2, abs=0.03), True)


@pytest.mark.parametrize("send", [sendable, fitting_jpeg])
def test_exactly_as_many_bytes_as_a_service_accepts_are_sent_as_they_are(send):
    encoded = model_jpeg(encode_png(picture(1)))
    size = len(send(encoded, limited()))
    assert len(send(encoded, limited(size))) == size
    assert len(send(encoded, limited(size - 1))) < size


def test_a_frame_gets_the_bytes_that_its_request_has_left():
    encoded = encode_jpeg(picture(1))
    assert sendable(encoded, limited(), len(encoded)) is encoded
    assert len(sendable(encoded, limited(), len(encoded) - 1)) < len(encoded)


@pytest.mark.parametrize(
    ("most_side", "width", "sent"),
    [
        (8_000, 4_096, (90, 4_096)),
        (8_000, 4_200, (88, 4_096)),  # no service needs more
        (2_000, 2_000, (90, 2_000)),
        (2_000, 2_001, (90, 2_000)),
        (2_000, 4_000, (45, 2_000)),
    ],
)
def test_what_has_too_many_pixels_a_side_is_sent_smaller(most_side, width, sent):
    wide = encode_jpeg(np.zeros((90, width, 3), np.uint8))
    assert decode_rgb(sendable(wide, limited(most_side=most_side))).shape[:2] == sent


@pytest.mark.parametrize(("most_side", "sent"), [(8_000, 1_024), (1_000, 1_000)])
def test_a_picture_for_a_model_has_1024_pixels_or_what_the_model_accepts(most_side, sent):
    encoded = encode_jpeg(np.zeros((90, 1_500, 3), np.uint8))
    assert decode_rgb(fitting_jpeg(encoded, limited(most_side=most_side))).shape[1] == sent


@pytest.mark.parametrize("encoded", [b"no picture", huge_png()], ids=["text", "too large"])
def test_what_is_no_picture_is_left_to_the_service_to_refuse(encoded):
    assert sendable(encoded, limited()) is encoded
    assert picture_size(encoded) == (0, 0)


def test_three_and_three_quarters_of_a_megabyte_are_sent_and_a_byte_more_is_shrunk_to_2048():
    wide = encode_jpeg(np.zeros((60, 3_000, 3), np.uint8))
    padded = wide + bytes(3_750_000 - len(wide))  # decoders read over what follows a JPEG's end
    assert sendable(padded, limited()) is padded
    assert decode_rgb(sendable(padded + b"\0", limited())).shape == (41, 2_048, 3)


@pytest.mark.parametrize(("width", "size"), [(1_024, (1, 1_024)), (5_000, (1, 1_024))])
def test_a_line_of_pixels_keeps_one_however_much_it_is_shrunk(width, size):
    assert fit_within(np.zeros((1, width, 3), np.uint8), 1_024).shape[:2] == size
    assert fit_within(np.zeros((width, 1, 3), np.uint8), 1_024).shape[1::-1] == size


@pytest.mark.parametrize(
    ("drawn", "panel", "size"),
    [
        ((1344, 768), (1280, 720), (1280, 720)),  # 6 rows cut above and below, then shrunk
        ((1344, 768), (1920, 1080), (1344, 756)),  # not enlarged
        ((1216, 832), (512, 320), (512, 320)),
        ((1024, 1024), (320, 640), (320, 640)),
        ((1536, 640), (4096, 1024), (1536, 384)),
        ((512, 320), (512, 320), (512, 320)),
    ],
)
def test_a_picture_is_cut_to_the_shape_of_a_panel_and_not_enlarged(
    drawn: tuple[int, int], panel: tuple[int, int], size: tuple[int, int]
) -> None:
    fitted = fit_shape(picture(1, *drawn), *panel)
    assert fitted.shape == (size[1], size[0], 3)


def test_cutting_keeps_the_middle_and_distorts_nothing() -> None:
    canvas = np.zeros((300, 300, 3), np.uint8)
    yy, xx = np.mgrid[:300, :300]
    canvas[(xx - 150) ** 2 + (yy - 150) ** 2 < 60**2] = 255
    fitted = fit_shape(canvas, 200, 100)[:, :, 0] > 127
    rows, columns = np.flatnonzero(fitted.any(axis=1)), np.flatnonzero(fitted.any(axis=0))
    assert rows.size == pytest.approx(columns.size, abs=1)  # a circle stays one
    assert columns.mean() == pytest.approx(99.5, abs=0.6)
    assert rows.mean() == pytest.approx(49.5, abs=0.6)
