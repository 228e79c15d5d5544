"""Read the size of WebP and AVIF files, without decoding anything.

Sources: WebP container specification (RFC 9649), sections 2.5 to 2.7; ISO/IEC 14496-12 (boxes) and
23008-12 (image items), clause 6.5.3.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

RIFF, WEBP = b"RIFF", b"WEBP"
#: Brands of still pictures in AV1; avis is a sequence of them.
_AVIF_BRANDS = (b"avif", b"avis")
_ANIMATED_BRAND = b"avis"
#: Flag of the extended header for more than one picture.
_ANIMATION = 0x02
_START_OF_FRAME, _LOSSLESS = b"\x9d\x01\x2a", 0x2F
#: More boxes on one level than any writer makes.
_MOST_BOXES = 1_000


class AnimatedError(ValueError):
    """A file with more than one picture."""


def is_webp(encoded: bytes) -> bool:
    """Return whether bytes begin like a WebP file."""
    return encoded[:4] == RIFF and encoded[8:12] == WEBP


def is_avif(encoded: bytes) -> bool:
    """Return whether bytes begin like an AVIF file."""
    if encoded[4:8] != b"ftyp":
        return False
    brands = encoded[8 : min(int.from_bytes(encoded[:4]), 512)]
    return any(brand in _AVIF_BRANDS for brand in _fours(brands))


def webp_size(encoded: bytes) -> tuple[int, int]:
    """Return width and height in px.

    Raises ValueError when the file is cut off, AnimatedError when it has several pictures.
    """
    if int.from_bytes(encoded[4:8], "little") + 8 > len(encoded) or len(encoded) < 30:
        raise ValueError("cut off")
    kind, body = encoded[12:16], encoded[20:30]
    if kind == b"VP8X":
        if body[0] & _ANIMATION:
            raise AnimatedError
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if kind == b"VP8L" and body[0] == _LOSSLESS:
        packed = int.from_bytes(body[1:5], "little")
        return 1 + (packed & 0x3FFF), 1 + (packed >> 14 & 0x3FFF)
    if kind == b"VP8 " and body[3:6] == _START_OF_FRAME:
        width, height = struct.unpack("<HH", body[6:10])
        return width & 0x3FFF, height & 0x3FFF
    raise ValueError("no picture")


def avif_size(encoded: bytes) -> tuple[int, int]:
    """Return width and height in px of the largest picture that the file describes.

    Raises ValueError when there is none or the file is cut off, AnimatedError for a sequence.
    """
    if encoded[8:12] == _ANIMATED_BRAND:
        raise AnimatedError
    meta = _first(b"meta", encoded)[4:]  # after its version and flags
    properties = _first(b"ipco", _first(b"iprp", meta))
    sizes = [
        struct.unpack_from(">II", body, 4)
        for kind, body in _boxes(properties)
        if kind == b"ispe" and len(body) >= 12
    ]
    if not sizes:
        raise ValueError("no picture")
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    return width, height


def _first(wanted: bytes, content: bytes) -> bytes:
    for kind, body in _boxes(content):
        if kind == wanted:
            return body
    raise ValueError(f"no {wanted.decode()}")


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield kind and content of boxes; raises ValueError where one ends outside or none is left."""
    place = 0
    for _ in range(_MOST_BOXES):
        if place + 8 > len(content):
            break
        size, kind = struct.unpack_from(">I4s", content, place)
        begin = place + 8
        if size == 1 and begin + 8 <= len(content):
            (size,) = struct.unpack_from(">Q", content, begin)
            begin += 8
        end = place + size if size else len(content)
        if not begin <= end <= len(content):
            break
        yield kind, content[begin:end]
        place = end
        if place == len(content):
            return
    raise ValueError("cut off")


def _fours(brands: bytes) -> Iterator[bytes]:
    return (brands[at : at + 4] for at in range(0, len(brands), 4))
