"""Plan which frames a sampling interval selects, and the minimum to decode for them.

Sample k of interval T is the frame on screen at ``start + k*T``: the last shown frame whose pts is
not later. ``start`` is the pts of the first shown frame. A frame stays on screen for its duration,
so the last sample is before the end of the last frame. For a film that starts at zero, ffmpeg's
``fps=1/T:round=up`` selects the same frames.
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
    """Converts sample numbers to stream ticks, exactly."""

    start: int  # pts of the first shown frame, ticks
    last: int  # pts of the last shown frame, ticks
    end: int  # when the last frame leaves the screen, ticks; equals ``last`` where unknown
    time_base: Fraction  # seconds per tick
    interval: Fraction  # seconds between samples

    @property
    def count(self) -> int:
        """The number of samples in the film; at least one."""
        step = self.interval / self.time_base
        until_last = floor(Fraction(self.last - self.start) / step) + 1
        until_end = ceil(Fraction(self.end - self.start) / step)
        return max(until_last, until_end)

    def tick(self, k: int) -> int:
        """Return the last tick that is not later than sample k's time."""
        return self.start + floor(k * self.interval / self.time_base)

    def first_at(self, pts: int) -> int:
        """Return the first sample that is not earlier than a pts."""
        return max(0, ceil((pts - self.start) * self.time_base / self.interval))


def sample_clock(table: PacketTable, interval: Fraction) -> SampleClock:
    """Make the clock of a film.

    Raises ValueError when no packet of the table is shown.
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
    """Return the rows of the pictures that are shown, in order of their pts.

    Of rows with equal pts, the one decoded last is kept, because it replaces the others on screen.
    """
    rows = np.flatnonzero(~table.discard & (table.pts != NO_PTS))
    rows = rows[np.argsort(table.pts[rows], kind="stable")]
    if len(rows) == 0:
        return rows.astype(np.int64)
    is_last_of_its_pts = np.append(np.diff(table.pts[rows]) != 0, True)
    shown: Int64 = rows[is_last_of_its_pts].astype(np.int64)
    return shown


def on_screen(table: PacketTable, clock: SampleClock, first_k: int, last_k: int) -> list[int]:
    """Return the row on screen at each sample of ``first_k <= k < last_k``; rows may repeat."""
    rows = shown_rows(table)
    ticks = np.array([clock.tick(k) for k in range(first_k, last_k)], dtype=np.int64)
    places = np.searchsorted(table.pts[rows], ticks, side="right") - 1
    return [int(row) for row in rows[np.maximum(places, 0)]]


def decode_plan(table: PacketTable, wanted_rows: list[int]) -> list[Stretch]:
    """Plan the minimum to send to a decoder for the wanted pictures.

    A wanted picture needs its keyframe and the packets in between, except those that no other
    picture refers to. A *leading* picture (decoded after a keyframe, shown before it: open GOP)
    needs the previous GOP as well. GOPs without a wanted picture are skipped; after each gap a new
    stretch begins, and the decoder must be flushed.
    """
    keys = np.flatnonzero(table.keyframe)
    wanted = np.unique(np.asarray(wanted_rows, dtype=np.int64))
    ranges = _joined([(_start_row(table, keys, row), int(row)) for row in wanted], 1)
    is_wanted = np.zeros(len(table), dtype=bool)
    is_wanted[wanted] = True
    return [_stretch(table, is_wanted, first, last) for first, last in ranges]


def _start_row(table: PacketTable, keys: Int64, row: int) -> int:
    """Return the keyframe from which a row can be decoded."""
    place = int(np.searchsorted(keys, row, side="right")) - 1
    leading = place > 0 and table.pts[row] < table.pts[keys[place]]
    return int(keys[max(place - leading, 0)]) if len(keys) else 0


def _joined(ranges: list[tuple[int, int]], gap: int) -> list[tuple[int, int]]:
    """Sort ranges and join those that overlap or begin at most ``gap`` after another's end."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if joined and first - joined[-1][1] <= gap:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined


def _stretch(table: PacketTable, is_wanted: Bools, first: int, last: int) -> Stretch:
    rows = np.arange(first, last + 1)
    rows = rows[is_wanted[rows] | ~table.disposable[rows]]
    # A full decode begins at the first row, too, whatever it is.
    is_entry = first > 0 and not table.discard[first]
    return Stretch(
        rows=tuple(int(row) for row in rows),
        wanted=frozenset(int(row) for row in rows[is_wanted[rows]]),
        entry=first if is_entry else -1,
    )


def byte_ranges(table: PacketTable, plan: list[Stretch], largest_gap: int) -> list[tuple[int, int]]:
    """Return the bytes that the plan reads: ``(first, end)`` offsets, end exclusive, sorted.

    Ranges at most ``largest_gap`` bytes apart are read as one, because a request costs more than
    the bytes in between.
    """
    rows = np.array([row for stretch in plan for row in stretch.rows], dtype=np.int64)
    spans = [
        (int(position), int(position + size))
        for position, size in zip(table.position[rows], table.size[rows], strict=True)
    ]
    return _joined(spans, largest_gap)
