"""Detect files that are shorter than their structure says: a truncated recording or upload.

Demuxers ignore that silently. ``ENDS`` lists the supported containers; ``movie_boxes`` checks MP4
and MOV. MPEG program streams, Ogg and raw streams do not record where they end.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from storyboard_ops.gateways.sampling.byte_source import ByteSource

#: Matroska: identifiers of the two outermost elements (RFC 8794, 9559).
EBML_HEADER, SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"
#: MPEG-TS: packet sizes, and the offset of the sync byte 0x47 in a packet (ISO/IEC 13818-1; with
#: time codes in Blu-ray and AVCHD, with parity in broadcasting).
TRANSPORT_PACKETS = ((188, 0), (192, 4), (204, 0))
#: MXF: the key of a partition pack without its last three bytes (SMPTE ST 377-1, clause 7.1).
PARTITION = bytes.fromhex("060e2b34020501010d01020101")


def is_cut_off(source: ByteSource, container: str) -> bool:
    """Return whether a file ends before its container does; False when that is unknown.

    ``container``: libav's name of the format.
    """
    return container in ENDS and ENDS[container](source)


def _matroska_is_cut(source: ByteSource) -> bool:
    """Compare the segment's size with the file; an open recording has an unknown one, all ones."""
    place = 0
    for element in (EBML_HEADER, SEGMENT):
        head = source.read(place, 12)
        if len(head) < 12 or head[:4] != element or head[4] == 0:
            return False
        length = 9 - head[4].bit_length()
        unknown = (1 << 7 * length) - 1
        size = int.from_bytes(head[4 : 4 + length]) & unknown
        place += 4 + length + size
    return size != unknown and place > source.size


def _riff_is_cut(source: ByteSource) -> bool:
    """Follow the RIFF chunks, of which an AVI above 1 GB has several (OpenDML)."""
    place = 0
    while place + 8 <= source.size:
        kind, size = struct.unpack("<4sI", source.read(place, 8))
        if kind != b"RIFF" or size == 0:
            return False
        if place + 8 + size > source.size:
            return True
        place += 8 + size + size % 2
    return False


def _flash_is_cut(source: ByteSource) -> bool:
    """Compare the last four bytes, the size of the last tag, with the size inside that tag."""
    size = int.from_bytes(source.read(source.size - 4, 4))
    place = source.size - 4 - size
    return place < 0 or 11 + int.from_bytes(source.read(place + 1, 3)) != size


def _transport_is_cut(source: ByteSource) -> bool:
    for distance, offset in TRANSPORT_PACKETS:
        head = source.read(0, 2 * distance + offset + 1)
        if head[offset::distance] == b"\x47" * 3:
            return source.size % distance != 0
    return False


def _mxf_is_cut(source: ByteSource) -> bool:
    """Check that the footer, whose offset is in the header, is in the file; 0 means unknown."""
    head = source.read(0, 17)
    if not head.startswith(PARTITION):
        return False
    length_bytes = 1 + (head[16] & 0x7F if head[16] & 0x80 else 0)
    footer = int.from_bytes(source.read(16 + length_bytes + 24, 8))
    return footer >= source.size


ENDS: dict[str, Callable[[ByteSource], bool]] = {
    "matroska,webm": _matroska_is_cut,
    "avi": _riff_is_cut,
    "flv": _flash_is_cut,
    "mpegts": _transport_is_cut,
    "mxf": _mxf_is_cut,
}
