"""Hold the packets of a film as arrays, and repair its clock.

Sampling decides on this table, without decoding a picture: which frame is on screen when, what must
be decoded for it, and which bytes must be fetched.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from storyboard_ops.domain.sampling.coded_packets import NO_PTS, CodedPackets

Int64 = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class PacketTable:
    """One row per packet of the video stream, in decode order. All arrays have shape (n,)."""

    time_base: Fraction  # seconds per tick
    pts: Int64  # ticks; NO_PTS where the container gives none
    dts: Int64  # ticks; NO_PTS where the container gives none
    duration: Int64  # ticks; 0 where unknown
    position: Int64  # byte offset in the file; -1 where unknown
    size: Int64  # bytes
    keyframe: Bools  # decoding may start here
    disposable: Bools  # no other picture refers to this one
    discard: Bools  # decoded but never shown: before the start of an edit list

    def __len__(self) -> int:
        return len(self.pts)

    @classmethod
    def of(cls, packets: CodedPackets, time_base: Fraction) -> PacketTable:
        """Make a table of a demuxer's packets."""
        numbers = {name: _numbers(getattr(packets, name)) for name in COLUMNS}
        flags = {name: numbers[name].astype(bool) for name in FLAGS}
        return cls(time_base=time_base, **{**numbers, **flags})


FLAGS = ("keyframe", "disposable", "discard")
COLUMNS = ("pts", "dts", "duration", "position", "size", *FLAGS)


def _numbers(column: object) -> Int64:
    return np.array(column, dtype=np.int64)


def take(table: PacketTable, rows: slice | Bools) -> PacketTable:
    """Return the chosen rows, in order."""
    return replace(table, **{name: getattr(table, name)[rows] for name in COLUMNS})


def entered_at_start(table: PacketTable) -> PacketTable:
    """Let decoding start at the first packet, as a full decode does, whatever it is."""
    return replace(table, keyframe=table.keyframe | (np.arange(len(table)) == 0))


def unrolled(table: PacketTable, *, longest_gap: int | None) -> PacketTable:
    """Make the clock continuous where the container resets it (a splice, a wrapped counter).

    After a backward step of the dts, the rest of the film continues where the part before it
    ended, as in players. ``longest_gap`` (ticks) also limits forward steps, for formats such as
    MPEG-TS in which a larger one is a splice; with ``None``, forward gaps are kept.
    """
    rows = np.flatnonzero(table.dts != NO_PTS)
    steps = np.diff(table.dts[rows])
    splices = steps < 0
    if longest_gap is not None:
        splices |= steps > longest_gap
    before, after = rows[:-1][splices], rows[1:][splices]
    lasting = np.maximum(table.duration[before], 1)
    steps_back = np.zeros(len(table), dtype=np.int64)
    steps_back[after] = table.dts[before] + lasting - table.dts[after]
    shift = np.cumsum(steps_back)
    return replace(
        table,
        pts=np.where(table.pts != NO_PTS, table.pts + shift, NO_PTS),
        dts=np.where(table.dts != NO_PTS, table.dts + shift, NO_PTS),
    )


def second_fields(table: PacketTable, frame_ticks: int) -> Bools:
    """Select the packets that contain the second field of a picture, by their durations.

    A field lasts half a frame; of consecutive fields, every second one completes a picture.
    """
    is_field = (table.duration > 0) & (2 * table.duration <= frame_ticks)
    rows = np.arange(len(table))
    frame_before = np.maximum.accumulate(np.where(is_field, -1, rows))
    second: Bools = is_field & ((rows - frame_before) % 2 == 0)
    return second


def without_second_fields(table: PacketTable, second: Bools, frame_ticks: int) -> PacketTable:
    """Show a picture by its first field's packet, for a whole frame's time."""
    first = np.append(second[1:], False)
    return replace(
        table,
        pts=np.where(second, np.roll(table.pts, 1), table.pts),
        duration=np.where(first, frame_ticks, table.duration),
        keyframe=table.keyframe & ~second,
        discard=table.discard | second,
    )


def timed_by_order(table: PacketTable, frame_ticks: int) -> PacketTable:
    """Assign a pts to every picture of a film whose container has no usable ones.

    Such a film, e.g. a raw elementary stream, is shown at its frame rate: picture n of the *output*
    of a full decode is on screen ``n * frame_ticks`` after the first. Rows get these times in
    decode order, so they are right as a set; only a full decode shows which picture has which time.
    """
    known = table.pts[table.pts != NO_PTS]
    start = int(known.min()) if len(known) else 0
    numbers = np.maximum(np.cumsum(~table.discard) - 1, 0)
    duration = np.full(len(table), frame_ticks, dtype=np.int64)
    return replace(table, pts=start + numbers * frame_ticks, duration=duration)


def timed_by_arrival(table: PacketTable, delay: int) -> PacketTable:
    """Assign a pts to every picture of a film that has decode times only, such as AVI.

    Decode times contain the gaps of dropped frames. A picture is on screen from the decode time of
    the packet with which it comes out of the decoder, which is ``delay`` packets after the first
    for the first picture; those that come out at the end follow at the frame rate. As in
    ``timed_by_order``, the times are right as a set.
    """
    if len(table) == 0:
        return table
    step = max(1, int(table.duration[-1]))
    after_last = table.dts[-1] + step * np.arange(1, delay + 1)
    return replace(table, pts=np.concatenate([table.dts[delay:], after_last]))
