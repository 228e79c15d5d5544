"""What a container says of its coded pictures, without decoding one: a table of packets.

The table is read once per video by demuxing. Everything that sampling decides (which frame is on
screen when, what must be decoded for it, which bytes must be fetched) is decided on this table.

A packet holds one coded picture. Packets stand in *decode order*; pictures are shown in the order
of their presentation time stamps (pts), all in integer ticks of the stream's time base.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

Int64 = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

#: The value that stands for "the container gives no time stamp"; libav uses the same one.
NO_PTS = np.iinfo(np.int64).min


@dataclass(frozen=True, eq=False)
class PacketTable:
    """One row per packet of the video stream, in decode order. All arrays have shape (n,).

    Damaged and cut-off packets are not in the table: a row is a picture that can be tried.
    """

    time_base: Fraction  # seconds per tick
    pts: Int64  # ticks; NO_PTS where the container gives none
    dts: Int64  # ticks; NO_PTS where the container gives none
    duration: Int64  # ticks; 0 where unknown
    position: Int64  # byte offset in the file; -1 where unknown
    size: Int64  # bytes
    keyframe: Bools  # decoding may start here
    disposable: Bools  # no other picture refers to this one
    discard: Bools  # decoded but never shown: it lies before an edit list's start

    def __len__(self) -> int:
        return len(self.pts)

    def to_bytes(self) -> bytes:
        """The table as a compressed ``.npz``; equal tables give equal bytes."""
        buffer = io.BytesIO()
        np.savez_compressed(
            buffer,
            time_base=np.array(
                [self.time_base.numerator, self.time_base.denominator], dtype=np.int64
            ),
            **{name: getattr(self, name) for name in _COLUMNS},
        )
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, body: bytes) -> PacketTable:
        """Read back what ``to_bytes`` wrote."""
        with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
            numerator, denominator = arrays["time_base"].tolist()
            return cls(
                time_base=Fraction(numerator, denominator),
                **{name: arrays[name] for name in _COLUMNS},
            )


_COLUMNS = (
    "pts",
    "dts",
    "duration",
    "position",
    "size",
    "keyframe",
    "disposable",
    "discard",
)


def without_leading_rubbish(table: PacketTable) -> PacketTable:
    """Drop what stands before the first keyframe: nothing can decode it."""
    keys = np.flatnonzero(table.keyframe)
    return table if len(keys) == 0 else take(table, slice(int(keys[0]), None))


def unrolled(table: PacketTable, *, longest_gap: int | None) -> PacketTable:
    """Continue the clock where the container sets it back (a splice, a wrapped 33-bit counter).

    After a backward step of the dts the rest of the film goes on where the part before it ended,
    as players do. ``longest_gap`` (ticks) bounds forward steps too, for formats such as MPEG-TS
    in which a larger one is a splice; ``None`` takes forward gaps at their word.
    """
    known = table.dts != NO_PTS
    if known.sum() < 2:
        return table
    dts = table.dts.copy()
    shift = np.zeros(len(table), dtype=np.int64)
    rows = np.flatnonzero(known)
    steps = np.diff(dts[rows])
    splices = steps < 0
    if longest_gap is not None:
        splices |= steps > longest_gap
    for before, after in zip(rows[:-1][splices], rows[1:][splices], strict=True):
        lasting = max(int(table.duration[before]), 1)
        shift[after:] += int(dts[before]) + lasting - int(dts[after])
        dts[after:] = np.where(known[after:], table.dts[after:] + shift[after:], NO_PTS)
    pts = np.where(table.pts != NO_PTS, table.pts + shift, NO_PTS)
    return replace(table, pts=pts, dts=dts)


def timed_by_order(table: PacketTable, frame_ticks: int) -> PacketTable:
    """Give every packet a pts where the container has none worth the name.

    Raw elementary streams carry no time at all, AVI carries decode times only. Such a film is
    shown at its frame rate: picture n of the *output* of a full decode is on screen at
    ``n * frame_ticks`` after the first. The rows get these times in decode order, so they are
    right as a set; which picture has which time only a full decode can tell.
    """
    known = table.pts[table.pts != NO_PTS]
    start = int(known.min()) if len(known) else 0
    pts = start + np.arange(len(table), dtype=np.int64) * frame_ticks
    duration = np.full(len(table), frame_ticks, dtype=np.int64)
    return replace(table, pts=pts, duration=duration)


def take(table: PacketTable, rows: slice | Bools) -> PacketTable:
    """The chosen rows, in order."""
    return replace(table, **{name: getattr(table, name)[rows] for name in _COLUMNS})
