"""Judge a picture file by its header, before a decoder allocates anything for it.

The size is read where libpng and libjpeg, which OpenCV uses, read it. So the picture that is judged
is the one that is decoded, and a file that another reader takes for a smaller picture gains
nothing. Sources: PNG specification (third edition), clauses 5 and 11.3.1; ITU-T T.81, annex B.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from storyboard_ops.core.pictures.modern_header import (
    AnimatedError,
    avif_size,
    is_avif,
    is_webp,
    webp_size,
)
from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.input_limits import (
    MOST_MODERN_PIXELS,
    MOST_PICTURE_PARTS,
    MOST_PICTURE_PIXELS,
    MOST_PICTURE_SCANS,
    MOST_PICTURE_SIDE,
    MOST_PICTURE_TEXTS,
)

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"
#: What is decoded, for messages.
FORMATS = "JPEG, PNG, WebP or AVIF"
#: Bytes of a PNG: bits per sample, and whether it has grey, colours, a palette or alpha.
_DEPTH, _COLOUR_TYPE = 24, 25
_WITH_ALPHA = frozenset({4, 6})
_MOST_CONTENT = 256  # bytes: tRNS has one for each colour of a palette
_CHUNK = struct.Struct(">I4s")  # length of its content, and kind
#: Chunks that libpng decompresses, each to at most 8 MB.
_COMPRESSED = (b"zTXt", b"iTXt", b"iCCP")
#: JPEG markers: those that begin a frame, start of scan, and end of image.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SEQUENTIAL = frozenset({0xC0, 0xC1})
_SCAN, _END = b"\xff\xda", b"\xff\xd9"


@dataclass(frozen=True)
class PictureHeader:
    """The size of a picture as coded: EXIF may say to turn it."""

    width: int  # pixels
    height: int  # pixels


class PictureTooLarge(BadInput):
    """A picture with more pixels than any step decodes; ``size``: width and height in pixels."""

    def __init__(self, size: tuple[int, int], most_pixels: int) -> None:
        width, height = size
        super().__init__(
            f"The picture has {width:,} x {height:,} pixels; allowed are 1 to "
            f"{MOST_PICTURE_SIDE:,} per side and {most_pixels:,} in all. Make it smaller."
        )
        self.size = size


def judged_header(encoded: bytes) -> PictureHeader:
    """Return the header of a JPEG, PNG, WebP or AVIF file that can be decoded within bounds.

    Raises BadInput with the allowed range for any other format, a picture that is too large, cut
    off or animated, and one whose decoding takes absurdly long.
    """
    most_pixels = MOST_PICTURE_PIXELS
    if encoded.startswith(PNG):
        header = _png_header(encoded)
    elif encoded.startswith(JPEG):
        header = _jpeg_header(encoded)
    elif is_webp(encoded) or is_avif(encoded):
        header, most_pixels = _modern_header(encoded), MOST_MODERN_PIXELS
    else:
        raise BadInput(f"{len(encoded):,} bytes are not a readable picture. Use {FORMATS}.")
    sides = (header.width, header.height)
    if min(sides) < 1 or max(sides) > MOST_PICTURE_SIDE or _area(header) > most_pixels:
        raise PictureTooLarge(sides, most_pixels)
    return header


def may_be_transparent(encoded: bytes) -> bool:
    """Return whether a picture that ``judged_header`` accepts may have transparent pixels."""
    if not encoded.startswith(PNG):
        return is_webp(encoded) or is_avif(encoded)
    return encoded[_COLOUR_TYPE] in _WITH_ALPHA or _transparency(encoded) is not None


def transparent_grey(encoded: bytes) -> int | None:
    """Return the grey of a grey PNG that is transparent, in the range that it is decoded to."""
    found = _transparency(encoded)
    if found is None or len(found) != 2:
        return None
    depth, grey = encoded[_DEPTH], int.from_bytes(found)
    return grey * 255 // (2**depth - 1) if depth < 8 else grey


def _transparency(encoded: bytes) -> bytes | None:
    """Return the content of a PNG's tRNS chunk."""
    for kind, content in _png_contents(encoded):
        if kind == b"tRNS":
            return content
        if kind == b"IDAT":  # the other comes before it
            return None
    return None


def _modern_header(encoded: bytes) -> PictureHeader:
    try:
        return PictureHeader(*(webp_size if is_webp(encoded) else avif_size)(encoded))
    except AnimatedError:
        raise BadInput("The picture is animated. Use a file with one picture.") from None
    except ValueError:
        raise _unreadable(encoded) from None


def _png_header(encoded: bytes) -> PictureHeader:
    """Read IHDR, which is the first chunk, and check the kinds of all others."""
    if encoded[8:16] != b"\x00\x00\x00\x0dIHDR" or len(encoded) < 33:
        raise _unreadable(encoded)
    width, height = struct.unpack_from(">II", encoded, 16)
    kinds = Counter(_png_chunks(encoded))
    if kinds[b"acTL"]:
        raise BadInput("The picture is animated. Use a PNG with one picture.")
    packed = sum(kinds[kind] for kind in _COMPRESSED)
    if packed > MOST_PICTURE_TEXTS:
        raise BadInput(
            f"The picture has {packed:,} compressed texts; at most {MOST_PICTURE_TEXTS} are "
            "allowed. Save it without metadata."
        )
    return PictureHeader(width, height)


def _png_chunks(encoded: bytes) -> Iterator[bytes]:
    """Yield the kind of each chunk up to the last; pixels have a chunk for every few KiB."""
    return (kind for kind, _ in _png_contents(encoded))


def _png_contents(encoded: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield kind and content of each chunk; of long ones, its first bytes."""
    place = len(PNG)
    while place + 12 <= len(encoded):
        length, kind = _CHUNK.unpack_from(encoded, place)
        yield kind, encoded[place + 8 : place + 8 + min(length, _MOST_CONTENT)]
        if kind == b"IEND":
            return
        place += 12 + length
    raise _unreadable(encoded)


def _jpeg_header(encoded: bytes) -> PictureHeader:
    """Follow the segments to the first scan; the one frame header before it has the size."""
    found: PictureHeader | None = None
    coded, components = 0, 0
    place = 2
    for _ in range(MOST_PICTURE_PARTS):
        head = encoded[place : place + 10]
        if len(head) < 10 or head[0] != 0xFF:
            raise _unreadable(encoded)
        marker, length = head[1], int.from_bytes(head[2:4])
        if marker == 0xFF:  # a fill byte
            place += 1
            continue
        if marker in _FRAMES:
            if found is not None:
                raise _unreadable(encoded)
            found = PictureHeader(int.from_bytes(head[7:9]), int.from_bytes(head[5:7]))
            coded, components = marker, head[9]
        if head[:2] == _SCAN:
            if found is None or encoded.rfind(_END, place) < 0:
                raise _unreadable(encoded)
            if coded not in _SEQUENTIAL or head[4] != components:
                _check_scans(encoded, place)
            return found
        if length < 2 or marker < 0xC0 or 0xD0 <= marker <= 0xD9:
            raise _unreadable(encoded)
        place += 2 + length
    raise _too_many_parts()


def _check_scans(encoded: bytes, place: int) -> None:
    """Count the scans from the first on: each is decoded over the whole picture.

    Pixels contain no marker. Only a sequential picture in one scan needs no count, which takes a
    tenth of the time of decoding.
    """
    scans = encoded.count(_SCAN, place)
    if scans > MOST_PICTURE_SCANS:
        raise BadInput(
            f"The picture has {scans:,} scans; at most {MOST_PICTURE_SCANS} are allowed. Save it "
            "again as JPEG."
        )


def _area(header: PictureHeader) -> int:
    return header.width * header.height


def _unreadable(encoded: bytes) -> BadInput:
    return BadInput(
        f"{len(encoded):,} bytes are not a readable picture: its file is damaged or cut off. Save "
        f"it again as {FORMATS}."
    )


def _too_many_parts() -> BadInput:
    return BadInput(
        f"The picture's file has more than {MOST_PICTURE_PARTS:,} parts before its pixels. Save it "
        f"again as {FORMATS}."
    )
