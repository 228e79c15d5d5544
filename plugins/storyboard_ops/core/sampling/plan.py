"""Which frames a sampling interval asks for, and the least that must be decoded to get them.

Sample k of interval T is the frame on screen at ``start + k*T``: the last shown frame whose pts is
not later. ``start`` is the first shown frame's pts. A frame stays on screen for its duration, so
the last sample lies before the end of the last frame. ffmpeg's ``fps=1/T:round=up`` chooses the
same frames for a film that starts at zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

import numpy as np

from storyboard_ops.core.sampling.packet_table import Bools, Int64, PacketTable
from storyboard_ops.domain.sampling.coded_packets import NO_PTS, Stretch


@dataclass(frozen=True)
class SampleClock:
    """Turns sample numbers into stream ticks, exactly."""

    start: int  # pts of the first shown frame, ticks
    last: int  # pts of the last shown frame, ticks
    end: int  # when the last frame leaves the screen, ticks; equals ``last`` where unknown
    time_base: Fraction  # seconds per tick
    interval: Fraction  # seconds between samples

    @property
    def count(self) -> int:
        """How many samples the film has; at least one."""
        step = self.interval / self.time_base
        until_last = floor(Fraction(self.last - self.start) / step) + 1
        until_end = ceil(Fraction(self.end - self.start) / step)
        return max(until_last, until_end)

    def tick(self, k: int) -> int:
        """The last tick that is not later than sample k's time."""
        return self.start + floor(k * self.interval / self.time_base)

    def first_at(self, pts: int) -> int:
        """The first sample that is not earlier than a pts."""
        return max(0, ceil((pts - self.start) * self.time_base / self.interval))


def sample_clock(table: PacketTable, interval: Fraction) -> SampleClock:
    """The clock of a film.

    Raises ValueError when no packet of the table is ever shown.
    """
    rows = shown_rows(table)
    if len(rows) == 0:
        raise ValueError("no packet of the table is shown")
    last = int(rows[-1])
    return SampleClock(
        start=int(table.pts[rows[0]]),
        last=int(table.pts[last]),
        end=int(table.pts[last] + table.duration[last]),
        time_base=table.time_base,
        interval=interval,
    )


def shown_rows(table: PacketTable) -> Int64:
    """Rows of the pictures that are shown, in order of their pts.

    Of rows that share a pts the one that is decoded last stays, because it is shown over the
    others.
    """
    rows = np.flatnonzero(~table.discard & (table.pts != NO_PTS))
    rows = rows[np.argsort(table.pts[rows], kind="stable")]
    if len(rows) == 0:
        return rows.astype(np.int64)
    is_last_of_its_pts = np.append(np.diff(table.pts[rows]) != 0, True)
    return rows[is_last_of_its_pts].astype(np.int64)


def on_screen(table: PacketTable, clock: SampleClock, first_k: int, last_k: int) -> list[int]:
    """The row on screen at each sample of ``first_k <= k < last_k``; rows may repeat."""
    rows = shown_rows(table)
    ticks = np.array([clock.tick(k) for k in range(first_k, last_k)], dtype=np.int64)
    places = np.searchsorted(table.pts[rows], ticks, side="right") - 1
    return [int(row) for row in rows[np.maximum(places, 0)]]


def decode_plan(table: PacketTable, wanted_rows: list[int]) -> list[Stretch]:
    """The least that must be sent to a decoder to get the wanted pictures.

    A wanted picture needs its keyframe and what lies between, less what nothing refers to. A
    *leading* picture (decoded after a keyframe, shown before it: open GOP) refers to the GOP
    before as well. GOPs without a wanted picture are left out; where something was left out a
    new stretch begins, and the decoder must be flushed.
    """
    keys = np.flatnonzero(table.keyframe)
    wanted = np.unique(np.asarray(wanted_rows, dtype=np.int64))
    ranges = _joined([(_start_row(table, keys, row), int(row)) for row in wanted])
    is_wanted = np.zeros(len(table), dtype=bool)
    is_wanted[wanted] = True
    return [_stretch(table, is_wanted, first, last) for first, last in ranges]


def _start_row(table: PacketTable, keys: Int64, row: int) -> int:
    """The keyframe from which a row can be decoded."""
    place = int(np.searchsorted(keys, row, side="right")) - 1
    leading = place > 0 and table.pts[row] < table.pts[keys[place]]
    return int(keys[max(place - leading, 0)]) if len(keys) else 0


def _joined(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Inclusive row ranges, sorted, with those that overlap or touch joined to one."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined


def _stretch(table: PacketTable, is_wanted: Bools, first: int, last: int) -> Stretch:
    rows = np.arange(first, last + 1)
    rows = rows[is_wanted[rows] | ~table.disposable[rows]]
    return Stretch(
        rows=tuple(int(row) for row in rows),
        wanted=frozenset(int(row) for row in rows[is_wanted[rows]]),
    )


def byte_ranges(table: PacketTable, plan: list[Stretch], largest_gap: int) -> list[tuple[int, int]]:
    """Which bytes of the file the plan reads: ``(first, end)`` offsets, end exclusive, sorted.

    Ranges that lie closer than ``largest_gap`` bytes are read as one, because a request costs more
    than the bytes between.
    """
    rows = np.array([row for stretch in plan for row in stretch.rows], dtype=np.int64)
    spans = sorted(
        (int(position), int(position + size))
        for position, size in zip(table.position[rows], table.size[rows], strict=True)
    )
    merged: list[tuple[int, int]] = []
    for first, end in spans:
        if merged and first - merged[-1][1] <= largest_gap:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((first, end))
    return merged
