"""Index a film by its packets: its clock, what can be read, and where it breaks off."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

import numpy as np

from storyboard_ops.core.sampling.packet_table import (
    COLUMNS,
    PacketTable,
    entered_at_start,
    second_fields,
    take,
    timed_by_arrival,
    timed_by_order,
    unrolled,
    without_second_fields,
)
from storyboard_ops.core.sampling.plan import shown_rows
from storyboard_ops.domain.bounded_text import read_json, shorten
from storyboard_ops.domain.error_tree import BadInput, ManifestCorrupt, VideoUnreadable
from storyboard_ops.domain.input_limits import MOST_FILM_HOURS, MOST_INDEX_BYTES, MOST_SHOWN_VALUE
from storyboard_ops.domain.sampling.coded_packets import NO_PTS, StreamFacts

#: Formats whose time stamps are decode times.
TIMED_BY_ARRIVAL = frozenset({"avi"})
#: Formats that have no time stamps.
UNTIMED = frozenset({"h264", "hevc", "m4v", "mpegvideo", "vc1", "obu"})
#: Codecs whose packets may contain one field of a picture.
IN_FIELDS = frozenset({"h264"})
#: Formats in which a forward jump of the clock is a splice, and the smallest such jump.
SPLICED = frozenset({"mpegts", "mpeg"})
LONGEST_GAP_S = 10
#: A film that ends this much earlier than its container says has lost its end.
MISSING_END_S = 2
#: Times beyond this would overflow when they are added.
FARTHEST_TICK = 2**61
#: What reading a damaged index raises.
UNREADABLE = (
    *(BadInput, ValueError, KeyError, TypeError, OSError, EOFError, MemoryError),
    *(zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError),
)


#: Where the times of pictures come from: their packets; the packets with which they come out of the
#: decoder, see ``timed_by_arrival``; or their number, see ``timed_by_order``.
Timing = Literal["pts", "arrival", "order"]


@dataclass(frozen=True, eq=False)
class VideoIndex:
    """What is known of a film before any picture is decoded."""

    stream: int  # number of the video stream in its container
    table: PacketTable
    timing: Timing
    delay: int  # timing "arrival": packets before the one with which the first picture comes out
    in_fields: bool  # a picture may be in two packets
    hollow: bool  # the container's head tells where every packet is
    end: int  # bytes from the file's beginning that can be read
    lost: str  # where the film breaks off and what of it is lost; empty for a whole one

    @property
    def in_full(self) -> bool:
        """Whether the film cannot be decoded by plan."""
        return self.from_start or self.in_fields

    @property
    def from_start(self) -> bool:
        """Whether only a decode from the start shows which picture has which time."""
        return self.timing != "pts"

    def to_bytes(self) -> bytes:
        """A line of JSON, then the table's columns compressed (``.npz``)."""
        facts = {name: getattr(self, name) for name in _FACTS}
        columns = io.BytesIO()
        np.savez_compressed(columns, **{name: getattr(self.table, name) for name in COLUMNS})
        head = json.dumps({"time_base": str(self.table.time_base), **facts})
        return head.encode() + b"\n" + columns.getvalue()

    @classmethod
    def from_bytes(cls, body: bytes) -> VideoIndex:
        """Read back what ``to_bytes`` wrote; raises ManifestCorrupt when it is anything else."""
        head, _, columns = body.partition(b"\n")
        try:
            facts = read_json(head, "its first line")
            with zipfile.ZipFile(io.BytesIO(columns)) as files:
                size = sum(file.file_size for file in files.infolist())
            if size > MOST_INDEX_BYTES:
                raise BadInput(f"its columns have {size:,} bytes, at most {MOST_INDEX_BYTES:,}")
            with np.load(io.BytesIO(columns), allow_pickle=False) as arrays:
                table = PacketTable(Fraction(facts["time_base"]), **{n: arrays[n] for n in COLUMNS})
            return cls(table=table, **{name: facts[name] for name in _FACTS})
        except UNREADABLE as error:
            fault = shorten(str(error), MOST_SHOWN_VALUE)
            raise ManifestCorrupt(f"The index of the film's packets is damaged: {fault}") from error


_FACTS = ("stream", "timing", "delay", "in_fields", "hollow", "end", "lost")


def judged_index(facts: StreamFacts) -> VideoIndex:
    """Keep what can be read, repair the clock, and describe what is lost.

    Raises VideoUnreadable when no picture can be shown.
    """
    raw = PacketTable.of(facts.packets, facts.time_base)
    _judge_times(raw, facts.uri)
    ticks = _frame_ticks(facts)
    raw, in_fields = _joined_fields(raw, facts, ticks)
    timing, timed = _timed(raw, facts, ticks)
    readable, lost = _readable(timed, facts)
    _judge_times(readable, facts.uri)
    film = entered_at_start(readable)
    if len(shown_rows(film)) == 0:
        raise VideoUnreadable(
            facts.uri, f"it contains no picture that can be shown{lost and f' ({lost})'}."
        )
    index = VideoIndex(
        stream=facts.stream,
        table=film,
        timing=timing,
        delay=0,
        in_fields=in_fields,
        hollow=facts.hollow,
        end=facts.end,
        lost=lost,
    )
    return with_one_keyframe(index) if _is_edited(film, facts) else index


def _is_edited(film: PacketTable, facts: StreamFacts) -> bool:
    """Whether an edit list enters a film more than once.

    A full decode goes on from one part to the next, so pictures at the seam may depend on both.
    """
    return facts.hollow and bool((np.diff(film.dts) < 0).any())


def started_at(index: VideoIndex, row: int) -> VideoIndex:
    """Return the index without pictures shown before that of a row, the first that comes out."""
    table = index.table
    if index.from_start:  # times belong to no rows: nothing after the keyframe may be left out
        row = int(np.flatnonzero(table.keyframe[: row + 1])[-1])
    early = table.pts < table.pts[row]
    return replace(index, table=replace(table, discard=table.discard | early))


def delayed(index: VideoIndex, delay: int) -> VideoIndex:
    """Return the index of a film timed by arrival whose decoder holds back this many packets."""
    return replace(index, delay=delay, table=timed_by_arrival(index.table, delay))


def with_one_keyframe(index: VideoIndex) -> VideoIndex:
    """Return the index as a single GOP, for a film whose other keyframes are no entry points."""
    only_first = np.arange(len(index.table)) == 0
    return replace(index, table=replace(index.table, keyframe=only_first))


def _judge_times(table: PacketTable, uri: str) -> None:
    """Raise VideoUnreadable for times that no film has; sums of larger ones would overflow."""
    stamps = np.concatenate([table.pts, table.dts])
    known = stamps[stamps != NO_PTS]
    first, last = (int(known.min()), int(known.max())) if len(known) else (0, 0)
    lasting = int(np.abs(table.duration).max(initial=0))
    longest = MOST_FILM_HOURS * 3600 / table.time_base
    if max(last - first, lasting) > longest or max(last, -first) >= FARTHEST_TICK:
        seconds = max(last - first, lasting) * table.time_base
        raise VideoUnreadable(
            uri,
            f"its pictures have times from {first} to {last} and last up to {lasting} ticks of "
            f"{table.time_base} s, {float(seconds):,.0f} s in all; at most {MOST_FILM_HOURS} hours "
            "are read. Export it again.",
        )


def _timed_as_coded(raw: PacketTable, facts: StreamFacts) -> bool:
    """Whether the pts are right as a set but are assigned in decode order.

    Some muxers write H.264 in MXF this way. An MP4 without reordered pictures looks the same.
    """
    return facts.reordered and bool((raw.pts == raw.dts).all())


def _frame_ticks(facts: StreamFacts) -> int:
    """Return how long a picture of the film lasts, unless the container says.

    A guessed rate may be that of fields, twice too high; no packet contains more than a picture.
    """
    shortest = min((ticks for ticks in facts.packets.duration if ticks > 0), default=1)
    return max(shortest, round(1 / (facts.frame_rate or Fraction(25)) / facts.time_base))


def _joined_fields(raw: PacketTable, facts: StreamFacts, ticks: int) -> tuple[PacketTable, bool]:
    """Hide the second fields of pictures, and return whether there are any.

    Those with times of their own are kept: a container may give every field one.
    """
    if facts.codec not in IN_FIELDS or facts.hollow:
        return raw, False
    second = second_fields(raw, ticks)
    return without_second_fields(raw, second & (raw.pts == NO_PTS), ticks), bool(second.any())


def _timed(raw: PacketTable, facts: StreamFacts, ticks: int) -> tuple[Timing, PacketTable]:
    """Choose where times come from, and return the table with them."""
    if facts.container in TIMED_BY_ARRIVAL and NO_PTS not in raw.dts:
        return "arrival", timed_by_arrival(raw, delay=0)
    if facts.container in UNTIMED | TIMED_BY_ARRIVAL or NO_PTS in raw.pts[~raw.discard]:
        return "order", timed_by_order(raw, ticks)
    if facts.hollow:  # decode times step back where an edit list enters the film again
        return "pts", raw
    gap = round(LONGEST_GAP_S / raw.time_base) if facts.container in SPLICED else None
    return "order" if _timed_as_coded(raw, facts) else "pts", unrolled(raw, longest_gap=gap)


def _readable(table: PacketTable, facts: StreamFacts) -> tuple[PacketTable, str]:
    """Return the packets whose bytes are complete, and a description of the others."""
    beyond = np.flatnonzero(table.position + table.size > facts.file_size)
    if facts.hollow and len(beyond):
        kept = take(table, slice(0, int(beyond[0])))
        return kept, (
            f"cut off at {_seconds(kept):.2f} s of {_seconds(table):.2f} s: the file ends after "
            f"{facts.file_size} bytes, its index lists {len(table) - len(kept)} more pictures"
        )
    if facts.failure:
        return table, f"reading breaks off at {_seconds(table):.2f} s: {facts.failure}"
    if facts.cut_off and facts.torn:
        table = take(table, slice(0, -1))
    end = _seconds(table)
    missing = float(facts.duration or 0) - end
    # The last picture of an AVI stays on screen while empty chunks follow.
    is_tail_empty = missing <= MISSING_END_S or facts.container in TIMED_BY_ARRIVAL
    if not facts.cut_off and is_tail_empty:
        return table, ""
    total = f" of {end + missing:.2f} s" if missing > 0 else ""
    reason = f": the file ends after {facts.file_size} bytes, its container does not"
    return table, f"cut off at {end:.2f} s{total}{facts.cut_off * reason}"


def _seconds(table: PacketTable) -> float:
    """Return how long the table's pictures last, in seconds; for messages."""
    rows = shown_rows(table)
    if len(rows) == 0:
        return 0.0
    ticks = table.pts[rows[-1]] + table.duration[rows[-1]] - table.pts[rows[0]]
    return float(int(ticks) * table.time_base)
