"""A picture is judged by its header: the size that OpenCV decodes, before it allocates anything."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image

from storyboard_ops.core.pictures.codec import decode_rgb
from storyboard_ops.core.pictures.picture_header import PictureHeader, judged_header
from storyboard_ops.domain.error_tree import BadInput


def chunk(kind: bytes, content: bytes = b"") -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + checksum


def header_chunk(width: int, height: int) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))


def png(*chunks: bytes, width: int = 3, height: int = 2) -> bytes:
    """A grey PNG with further chunks before its pixels."""
    pixels = chunk(b"IDAT", zlib.compress(bytes((width + 1) * height)))
    signature = b"\x89PNG\r\n\x1a\n"
    return b"".join([signature, header_chunk(width, height), *chunks, pixels, chunk(b"IEND")])


def jpeg(mode: str = "RGB", size: tuple[int, int] = (3, 2), **options: Any) -> bytes:
    file = io.BytesIO()
    Image.new(mode, size).save(file, "JPEG", **options)
    return file.getvalue()


def turned() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6  # Orientation: rotate by 90 degrees
    return exif


def modern(kind: str, mode: str = "RGB", **options: Any) -> bytes:
    file = io.BytesIO()
    Image.new(mode, (3, 2)).save(file, kind, **options)
    return file.getvalue()


def encoded(mode: str, **options: Any) -> bytes:
    file = io.BytesIO()
    Image.new(mode, (3, 2)).save(file, "PNG", **options)
    return file.getvalue()


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(png(), id="grey PNG"),
        pytest.param(encoded("P"), id="palette"),
        pytest.param(encoded("RGBA"), id="alpha"),
        pytest.param(encoded("I;16"), id="16 bits"),
        pytest.param(encoded("1"), id="1 bit"),
        pytest.param(png(chunk(b"tEXt", b"Title\0A film")), id="text"),
        pytest.param(jpeg(), id="JPEG"),
        pytest.param(jpeg("L"), id="grey JPEG"),
        pytest.param(jpeg("CMYK"), id="CMYK"),
        pytest.param(jpeg(progressive=True), id="progressive"),
        pytest.param(jpeg() + b"\0" * 100, id="bytes after the end"),
        pytest.param(jpeg()[:2] + b"\xff\xff\xff" + jpeg()[3:], id="fill bytes"),
        pytest.param(jpeg(comment=b"x" * 60_000), id="comment"),
        pytest.param(modern("WEBP"), id="WebP"),
        pytest.param(modern("WEBP", lossless=True), id="lossless WebP"),
        pytest.param(modern("WEBP", "RGBA"), id="WebP with alpha"),
        pytest.param(modern("AVIF"), id="AVIF"),
        pytest.param(modern("AVIF", "RGBA"), id="AVIF with alpha"),
    ],
)
def test_an_ordinary_picture_is_decoded_at_its_size(picture: bytes) -> None:
    assert judged_header(picture) == PictureHeader(width=3, height=2)
    assert decode_rgb(picture).shape == (2, 3, 3)


def test_a_turned_picture_is_decoded_upright() -> None:
    for picture in (jpeg(exif=turned()), modern("WEBP", exif=turned())):
        assert judged_header(picture) == PictureHeader(width=3, height=2)
        assert decode_rgb(picture).shape == (3, 2, 3)
    assert decode_rgb(modern("AVIF", exif=turned())).shape == (3, 2, 3)


def test_exif_of_absurd_values_is_ignored() -> None:
    entries = b"\x12\x01\x03\0\xff\xff\xff\xff\xff\xff\xff\xff" * 100
    exif = b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + entries
    segment = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
    assert decode_rgb(jpeg()[:2] + segment + jpeg()[2:]).shape == (2, 3, 3)


def resized(picture: bytes, width: int, height: int) -> bytes:
    """A JPEG whose header claims another size."""
    place = picture.index(b"\xff\xc0") + 5
    return picture[:place] + struct.pack(">HH", height, width) + picture[place + 4 :]


def two_frames() -> bytes:
    """A JPEG with a second, larger frame header before its pixels."""
    place = jpeg().index(b"\xff\xc0")
    length = 2 + int.from_bytes(jpeg()[place + 2 : place + 4])
    return jpeg()[:place] + resized(jpeg(), 9, 9)[place : place + length] + jpeg()[place:]


def many_scans() -> bytes:
    """A progressive JPEG whose last scan is repeated: every scan costs a pass over the picture."""
    picture = jpeg(size=(64, 64), progressive=True)
    last = picture.rindex(b"\xff\xda")
    return picture[:last] + picture[last:-2] * 100 + picture[-2:]


def film_of_pictures() -> bytes:
    return encoded("RGB", save_all=True, append_images=[Image.new("RGB", (3, 2), "red")])


def modern_film(kind: str) -> bytes:
    second = Image.new("RGB", (3, 2), "red")
    return modern(kind, save_all=True, append_images=[second], duration=40)


def canvas_of(width: int, height: int) -> bytes:
    """A WebP whose extended header claims this canvas."""
    sides = b"".join((side - 1).to_bytes(3, "little") for side in (width, height))
    body = b"VP8X" + struct.pack("<I", 10) + bytes(4) + sides + modern("WEBP")[12:]
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


TEXT = chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(1_000_000)))


@pytest.mark.parametrize(
    ("picture", "fault"),
    [
        pytest.param(png(header_chunk(9, 9)), "damaged", id="second PNG header"),
        pytest.param(png(width=16_385, height=1), "16,385 x 1 pixels; allowed are 1 to", id="wide"),
        pytest.param(png(width=1, height=16_385), "1 x 16,385 pixels", id="high"),
        pytest.param(png(width=0), "0 x 2 pixels", id="no width"),
        pytest.param(resized(jpeg(), 8_193, 8_192), "67,108,864 in all", id="JPEG too large"),
        pytest.param(resized(jpeg(), 65_535, 65_535), "65,535 x 65,535", id="largest JPEG"),
        pytest.param(resized(jpeg(), 3, 0), "3 x 0 pixels", id="no height"),
        pytest.param(two_frames(), "damaged or cut off", id="two JPEG headers"),
        pytest.param(many_scans(), "scans; at most 64", id="many scans"),
        pytest.param(jpeg()[:-2], "damaged or cut off", id="JPEG without end"),
        pytest.param(jpeg()[:200], "damaged or cut off", id="JPEG without pixels"),
        pytest.param(png()[:-12], "damaged or cut off", id="PNG without end"),
        pytest.param(png()[:40], "damaged or cut off", id="PNG without pixels"),
        pytest.param(film_of_pictures(), "animated", id="animated PNG"),
        pytest.param(png(*[TEXT] * 21), "21 compressed texts", id="compressed texts"),
        pytest.param(
            b"\xff\xd8" + b"\xff\xfe\0\2" * 2_000, "more than 1,000 parts", id="many segments"
        ),
        pytest.param(b"GIF89a" + bytes(99), "Use JPEG, PNG, WebP or AVIF", id="GIF"),
        pytest.param(b"\0\0\0\x18ftypheic" + bytes(99), "Use JPEG, PNG, WebP or", id="HEIC"),
        pytest.param(b"<svg/>", "Use JPEG, PNG, WebP or AVIF", id="SVG"),
        pytest.param(modern("WEBP")[:-9], "damaged or cut off", id="WebP without end"),
        pytest.param(modern("WEBP")[:20], "damaged or cut off", id="WebP without picture"),
        pytest.param(modern("AVIF")[:60], "damaged or cut off", id="AVIF without picture"),
        pytest.param(modern("AVIF")[:-9], "damaged", id="AVIF without end"),
        pytest.param(modern_film("WEBP"), "animated", id="animated WebP"),
        pytest.param(modern_film("AVIF"), "animated", id="AVIF sequence"),
        pytest.param(canvas_of(16_385, 3), "16,385 x 3 pixels; allowed", id="wide WebP"),
        pytest.param(canvas_of(8_192, 8_192), "33,554,432 in all", id="large WebP"),
    ],
)
def test_any_other_picture_is_refused(picture: bytes, fault: str) -> None:
    with pytest.raises(BadInput, match=fault):
        decode_rgb(picture)


@pytest.mark.parametrize("size", [(8_192, 8_192), (16_384, 4_096), (1, 16_384)])
def test_the_largest_pictures_are_accepted(size: tuple[int, int]) -> None:
    assert judged_header(resized(jpeg(), *size)) == PictureHeader(*size)


def test_a_damaged_byte_anywhere_is_refused_or_decoded_at_the_judged_size() -> None:
    rng = np.random.default_rng(14)
    for whole in (encoded("RGB"), jpeg(), jpeg(progressive=True), png(TEXT)):
        for _ in range(300):
            damaged = bytearray(whole)
            for place in rng.integers(0, len(whole), 3):
                damaged[place] = rng.integers(0, 256)
            try:
                shape = decode_rgb(bytes(damaged)).shape
            except BadInput:
                continue
            header = judged_header(bytes(damaged))
            assert sorted(shape[:2]) == sorted((header.width, header.height))
