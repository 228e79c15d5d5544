"""Cut-out pictures: what is hidden under transparent pixels is never seen."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from PIL import Image

from storyboard_ops.core.pictures.codec import (
    decode_picture,
    decode_rgb,
    encode_png,
    fitting_jpeg,
    opaque_png,
    sendable,
)
from storyboard_ops.core.pictures.ground import GROUND, lay_on_ground
from tests.core.pictures.test_codec import limited

SIDE = 32
FIGURE = (200, 40, 40)
GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6  # colour types of PNG


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def cut_out(hidden: Sequence[int], mode: str = "RGBA") -> Image.Image:
    """A square figure in the middle, opaque, over hidden colours, transparent."""
    pixels = np.zeros((SIDE, SIDE, 4), np.uint8)
    pixels[..., :3] = hidden
    pixels[8:24, 8:24] = (*FIGURE, 255)
    image = Image.fromarray(pixels)
    return image.quantize(4) if mode == "P" else image.convert(mode)


def png(depth: int, colour_type: int, row: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG of 32 x 32 px whose rows are all equal, with chunks before its pixels."""
    header = struct.pack(">IIBBBBB", SIDE, SIDE, depth, colour_type, 0, 0, 0)
    pixels = zlib.compress((b"\0" + row) * SIDE)
    parts = [(b"IHDR", header), *chunks, (b"IDAT", pixels), (b"IEND", b"")]
    written = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(written)


@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [
        ("PNG", "RGBA", {}),
        ("PNG", "LA", {}),
        ("PNG", "P", {}),
        ("WEBP", "RGBA", {"lossless": True, "exact": True}),
        ("WEBP", "RGBA", {"quality": 95, "exact": True}),
        ("AVIF", "RGBA", {"quality": 95}),
        ("AVIF", "LA", {"quality": 95}),
    ],
)
def test_the_same_cut_out_over_any_hidden_colour_is_the_same_picture(kind, mode, options):
    hidden = ((0, 0, 0), (0, 255, 0), (255, 255, 255))
    seen = [decode_picture(saved(cut_out(one, mode), kind, **options)) for one in hidden]
    for picture in seen:
        assert picture.is_cut_out
        assert picture.rgb[2, 2].tolist() == [GROUND] * 3
        # A lossy file smears the hidden colours a little into the border of the figure.
        figure = picture.rgb[14:18, 14:18].astype(int)
        assert np.abs(figure - seen[0].rgb[14:18, 14:18]).max() <= 3
        assert np.abs(figure - GROUND).max() > 20


LEFT_HALF = 16
COLOURS = (b"PLTE", bytes([200, 40, 40, 9, 9, 9]))
#: Pictures whose left half is transparent and whose right half is dark.
HALVES = {
    "grey": png(8, GREY, b"\xc8" * 16 + b"\x09" * 16, (b"tRNS", b"\0\xc8")),
    "grey of 1 bit": png(1, GREY, b"\xff\xff\0\0", (b"tRNS", b"\0\x01")),
    "grey of 2 bits": png(2, GREY, b"\xaa" * 4 + b"\0" * 4, (b"tRNS", b"\0\x02")),
    "grey of 16 bits": png(16, GREY, b"\xc8" * 32 + b"\x09" * 32, (b"tRNS", b"\xc8\xc8")),
    "a colour": png(8, RGB, b"\x0a" * 48 + bytes(48), (b"tRNS", b"\0\x0a" * 3)),
    "a palette": png(8, PALETTE, b"\0" * 16 + b"\1" * 16, COLOURS, (b"tRNS", b"\0")),
    "a palette of 1 bit": png(1, PALETTE, b"\0\0\xff\xff", COLOURS, (b"tRNS", b"\0\xff")),
    "grey and alpha": png(8, GREY_ALPHA, b"\xc8\0" * 16 + b"\x09\xff" * 16),
    "grey and alpha of 16 bits": png(
        16, GREY_ALPHA, b"\xc8\xc8\0\0" * 16 + b"\x09\x09\xff\xff" * 16
    ),
    "alpha of 16 bits": png(
        16, RGBA, (b"\xc8" * 6 + b"\0\0") * 16 + (b"\x09" * 6 + b"\xff\xff") * 16
    ),
}


@pytest.mark.parametrize("encoded", HALVES.values(), ids=HALVES)
def test_every_kind_of_transparency_of_png_is_laid_on_the_ground(encoded):
    picture = decode_picture(encoded)
    assert picture.is_cut_out
    assert (picture.rgb[:, :LEFT_HALF] == GROUND).all()
    assert (picture.rgb[:, LEFT_HALF:] <= 9).all()


def test_half_transparent_pixels_are_mixed_with_the_ground():
    alpha = np.array([[0, 51, 255]], np.uint8)
    white = np.full((1, 3, 3), 255, np.uint8)
    assert lay_on_ground(white, alpha)[0, :, 0].tolist() == [128, 153, 255]
    deep = lay_on_ground(np.full((1, 3), 65_535, np.uint16), alpha.astype(np.uint16) * 257)
    assert deep[0].tolist() == [[128] * 3, [153] * 3, [255] * 3]


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF"])
def test_an_opaque_picture_with_an_alpha_channel_is_left_as_it_is(kind):
    opaque = Image.new("RGBA", (SIDE, SIDE), (*FIGURE, 255))
    encoded = saved(opaque, kind, quality=100, lossless=True)
    assert not decode_picture(encoded).is_cut_out
    assert np.abs(decode_rgb(encoded).astype(int) - FIGURE).max() <= 3
    assert opaque_png(encoded) == (encoded, False)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF"])
def test_a_picture_of_which_nothing_is_seen_is_ground(kind):
    picture = decode_picture(saved(Image.new("RGBA", (SIDE, SIDE), (255, 0, 0, 0)), kind))
    assert picture.is_empty
    assert (picture.rgb == GROUND).all()


def test_no_service_is_sent_what_is_hidden():
    encoded = saved(cut_out((0, 255, 0)), "PNG")
    for send in (sendable, fitting_jpeg):
        sent = send(encoded, limited())
        assert np.abs(decode_rgb(sent)[2, 2].astype(int) - GROUND).max() <= 2
    plain, was_cut_out = opaque_png(encoded)
    assert was_cut_out
    assert plain == encode_png(decode_rgb(encoded))


@pytest.mark.parametrize("hidden", [(0, 0, 0), (0, 255, 0), (255, 255, 255), (1, 2, 3)])
def test_what_is_hidden_leaves_no_trace(hidden: tuple[int, int, int]) -> None:
    rgb = np.full((4, 6, 3), hidden, np.uint8)
    assert (lay_on_ground(rgb, np.zeros((4, 6), np.uint8)) == GROUND).all()


def test_opaque_parts_are_unchanged() -> None:
    rgb = np.arange(256 * 3, dtype=np.int64).reshape(16, 16, 3).astype(np.uint8)
    assert np.array_equal(lay_on_ground(rgb, np.full((16, 16), 255, np.uint8)), rgb)


def test_half_transparent_parts_are_between() -> None:
    rgb = np.array([[[0, 128, 255]]], np.uint8)
    for alpha in range(256):
        expected = [
            round((value * alpha + GROUND * (255 - alpha)) / 255) for value in rgb[0, 0].tolist()
        ]
        assert lay_on_ground(rgb, np.array([[alpha]], np.uint8))[0, 0].tolist() == expected
