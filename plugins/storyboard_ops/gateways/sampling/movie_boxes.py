"""A look at the outermost boxes of an MP4 or MOV file, without reading what is in them.

It answers what a demuxer does not: is the table of packets there, is it complete before the
first picture, and does the file end before its boxes do. Source: ISO/IEC 14496-12, clause 4.2.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from storyboard_ops.gateways.sampling.byte_source import ByteSource
from storyboard_ops.gateways.sampling.range_reader import BlockReader

#: Boxes a file may begin with; anything else is some other container.
OPENING = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"styp"})
#: A film with more outermost boxes is a fragmented one.
MOST_BOXES = 64
#: Bytes of a box's head: size and kind, and the size again where 32 bits do not hold it.
HEAD, LONG_HEAD = 8, 16


@dataclass(frozen=True)
class MovieBoxes:
    """The outermost boxes of a file, the first of them where there are very many.

    They end before an index that is cut off: nothing can be read from it.
    """

    kinds: tuple[bytes, ...]

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
        size, kind = _box(source.read(place, LONG_HEAD), source.size - place)
        if not kinds and kind not in OPENING:
            return None
        if size == 0 or (kind == b"moov" and place + size > source.size):
            break
        kinds.append(kind)
        place += size
    return MovieBoxes(tuple(kinds)) if kinds else None


class FragmentReader(BlockReader):
    """Reads through a fragmented MP4 and follows its outermost boxes on the way.

    There may be thousands, and a request for each would take longer than the film.
    """

    def __init__(self, source: ByteSource, end: int | None = None) -> None:
        super().__init__(source, end)
        self._whole = 0  # up to here, every box is all there

    def read(self, size: int = -1) -> bytes:
        first = self.place
        body = super().read(size)
        while first <= self._whole < self.place and self._pass_over_a_box():
            pass
        return body

    def end_of_boxes(self) -> int:
        """Where the last box ends that is all there; short of the file's size it was cut off."""
        while self._whole < self.source.size and self._pass_over_a_box():
            pass
        return self._whole

    def _pass_over_a_box(self) -> bool:
        left = self.source.size - self._whole
        size, _ = _box(self.bytes_at(self._whole, LONG_HEAD), left)
        if not 0 < size <= left:
            return False
        self._whole += size
        return True


def _box(head: bytes, left: int) -> tuple[int, bytes]:
    """Size in bytes and kind of the box with this head; size 0 where it is the head of none.

    ``left``: bytes from the head to the end of the file, which the last box may reach to.
    """
    if len(head) < HEAD:
        return 0, b""
    size, kind = struct.unpack(">I4s", head[:HEAD])
    if size == 1 and len(head) == LONG_HEAD:
        (size,) = struct.unpack(">Q", head[HEAD:])
    elif size == 0:
        size = left
    return (size if size >= HEAD else 0), kind
