"""Read the top-level boxes of an MP4 or MOV file, without their contents.

They show what a demuxer does not report: whether the table of packets is there, whether the file
is fragmented, and whether it ends before its boxes do. Source: ISO/IEC 14496-12, clause 4.2.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from storyboard_ops.domain.error_tree import VideoUnreadable
from storyboard_ops.domain.input_limits import MOST_MOVIE_HEAD
from storyboard_ops.gateways.sampling.byte_source import ByteSource
from storyboard_ops.gateways.sampling.movie_tables import (
    UNREAD,
    count_fragment_samples,
    head_too_long,
    judge_encryption,
    judge_fragments,
    judge_tables,
)
from storyboard_ops.gateways.sampling.range_reader import BlockReader

#: Boxes that a file may begin with; any other file is a different container.
OPENING = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"styp"})
#: A film with more top-level boxes is fragmented.
MOST_BOXES = 64
#: Bytes of a box's head: size and kind, then a 64-bit size when 32 bits are too few.
HEAD, LONG_HEAD = 8, 16


@dataclass(frozen=True)
class MovieBoxes:
    """The kinds of a file's top-level boxes, limited to just over MOST_BOXES.

    They end before a truncated index, which is unusable.
    """

    kinds: tuple[bytes, ...]
    #: (offset, size) of those that libav reads, in bytes.
    read: tuple[tuple[int, int], ...] = field(default=(), compare=False)

    @property
    def has_index(self) -> bool:
        return b"moov" in self.kinds

    @property
    def is_still(self) -> bool:
        """Whether it is a single picture, such as AVIF or JPEG 2000."""
        return not self.has_index and bool({b"meta", b"jp2c"} & set(self.kinds))

    @property
    def lack_of_index(self) -> str:
        """Why there is no index, and the next step."""
        if b"moof" in self.kinds:
            return (
                "it is a segment of a fragmented MP4 without its initialization segment (the moov "
                "box); join them, initialization first, and upload the whole film."
            )
        return (
            "its index (the moov box) is missing: the recording or the upload was cut off before "
            "it was written; upload the whole file."
        )

    @property
    def is_fragmented(self) -> bool:
        """Whether packet tables are spread over the file."""
        return bool({b"moof", b"sidx", b"styp"} & set(self.kinds)) or len(self.kinds) > MOST_BOXES


def movie_boxes(source: ByteSource) -> MovieBoxes | None:
    """Read the top-level boxes; None when the file is not an MP4 or MOV.

    libav skips boxes of unknown kinds until it finds one that it knows.
    """
    kinds: list[bytes] = []
    read: list[tuple[int, int]] = []
    place = 0
    while place < source.size and len(kinds) <= MOST_BOXES:
        size, kind = _box(source.read(place, LONG_HEAD), source.size - place)
        if kind not in OPENING and place + size > source.size and not OPENING & set(kinds):
            return None
        if size == 0 or (kind == b"moov" and place + size > source.size):
            break
        kinds.append(kind)
        if kind not in UNREAD:
            read.append((place, min(size, source.size - place)))
        place += size
    return MovieBoxes(tuple(kinds), tuple(read)) if OPENING & set(kinds) else None


def judge_movie(source: ByteSource, boxes: MovieBoxes) -> None:
    """Raise VideoUnreadable when a film's description is too long, or declares too much.

    Likewise when its pictures are encrypted, or when it describes fragments that are not there.
    """
    size = sum(size for _, size in boxes.read)
    if size > MOST_MOVIE_HEAD:
        raise head_too_long(source.uri, size)
    head = b"".join(source.read(place, size) for place, size in boxes.read)
    judge_tables(source.uri, head)
    judge_encryption(source.uri, head)
    if b"mvex" in head and not {b"moof", b"mdat"} & set(boxes.kinds):
        raise VideoUnreadable(
            source.uri,
            "it is the initialization segment of a fragmented MP4, without the fragments that "
            "contain the pictures; join it with its segments and upload the whole film.",
        )


class FragmentReader(BlockReader):
    """Reads a fragmented MP4 and follows its top-level boxes on the way.

    There may be thousands, and one request for each would take longer than reading the film.
    """

    def __init__(self, source: ByteSource, end: int | None = None) -> None:
        super().__init__(source, end)
        self._declared = 0  # samples that take no bytes
        self._tail = b""
        self._complete = 0  # bytes; every box up to here is complete

    def read(self, size: int = -1) -> bytes:
        first = self.position
        body = super().read(size)
        self._judge(body)
        while first <= self._complete < self.position and self._skip_box():
            pass
        return body

    def _judge(self, body: bytes) -> None:
        """Count the samples that a part of the film declares; a box may be in two parts."""
        if b"trun" in self._tail + body[:LONG_HEAD] or b"trun" in body:
            self._declared += count_fragment_samples(self._tail + body)
            judge_fragments(self.source.uri, self._declared)
        self._tail = body[-LONG_HEAD:]

    def end_of_boxes(self) -> int:
        """Return the end of the last complete box; below the file's size, the file is cut off."""
        while self._complete < self.source.size and self._skip_box():
            pass
        return self._complete

    def _skip_box(self) -> bool:
        left = self.source.size - self._complete
        size, _ = _box(self.bytes_at(self._complete, LONG_HEAD), left)
        if not 0 < size <= left:
            return False
        self._complete += size
        return True


def _box(head: bytes, left: int) -> tuple[int, bytes]:
    """Parse a box's head into size in bytes and kind; size 0 when it is not a head.

    ``left``: bytes from the head to the end of the file; the last box may extend to the end.
    """
    if len(head) < HEAD:
        return 0, b""
    size, kind = struct.unpack(">I4s", head[:HEAD])
    if size == 1 and len(head) == LONG_HEAD:
        (size,) = struct.unpack(">Q", head[HEAD:])
    elif size == 0:
        size = left
    return (size if size >= HEAD else 0), kind
