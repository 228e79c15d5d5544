"""A look at the outermost boxes of an MP4 or MOV file, without reading what is in them.

It answers what a demuxer does not: is the table of packets there, is it complete before the
first picture, and does the file end before its pictures do. Source: ISO/IEC 14496-12, clause 4.2.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from storyboard_ops.gateways.byte_source import ByteSource

#: Boxes a file may begin with; anything else is some other container.
OPENING = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"styp"})
#: A film with more outermost boxes is a fragmented one.
MOST_BOXES = 64


@dataclass(frozen=True)
class MovieBoxes:
    """The outermost boxes of a file."""

    kinds: tuple[bytes, ...]
    end: int  # where the last box says that it ends, bytes; beyond the file's size: it is cut off

    @property
    def has_index(self) -> bool:
        return b"moov" in self.kinds

    @property
    def is_fragmented(self) -> bool:
        """Whether packet tables are spread over the file."""
        return bool({b"moof", b"sidx", b"styp"} & set(self.kinds)) or len(self.kinds) > MOST_BOXES


def movie_boxes(source: ByteSource) -> MovieBoxes | None:
    """The outermost boxes, or None when the file does not begin like an MP4 or MOV."""
    kinds: list[bytes] = []
    place = 0
    while place < source.size and len(kinds) <= MOST_BOXES:
        head = source.read(place, 16)
        if len(head) < 8:
            break
        size, kind = struct.unpack(">I4s", head[:8])
        if size == 1 and len(head) == 16:
            (size,) = struct.unpack(">Q", head[8:])
        elif size == 0:
            size = source.size - place
        if not kinds and kind not in OPENING:
            return None
        if size < 8:
            break
        kinds.append(kind)
        place += size
    return MovieBoxes(tuple(kinds), place) if kinds else None
