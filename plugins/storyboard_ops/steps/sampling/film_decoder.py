"""Exact frames of a film at a fraction of a full decode.

The decoder is sent what ``core.sample_plan`` asks for and nothing else. Where a film is damaged
the plan's promise does not hold, and what is left is decoded in full and resolved on the pictures
that do come out.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from storyboard_ops.core.pictures.arrays import BgrPicture, Picture
from storyboard_ops.core.pictures.shape import shown
from storyboard_ops.core.sampling.exact_cuts import HEIGHT, WIDTH, cut_times
from storyboard_ops.core.sampling.index import (
    VideoIndex,
    judged_index,
    started_at,
    with_one_keyframe,
)
from storyboard_ops.core.sampling.plan import (
    SampleClock,
    byte_ranges,
    decode_plan,
    on_screen,
    sample_clock,
    shown_rows,
)
from storyboard_ops.domain.error_tree import VideoUnreadable
from storyboard_ops.domain.sampling.coded_packets import PacketPlaces, Stretch
from storyboard_ops.gateways.sampling.byte_source import ByteSource
from storyboard_ops.gateways.sampling.decoder import (
    DecodedFrame,
    DecodingError,
    DecodingPass,
    FilmStream,
)
from storyboard_ops.gateways.sampling.index import read_stream
from storyboard_ops.gateways.sampling.range_reader import CachedBytes

log = logging.getLogger(__name__)

#: A film of which none of so many first pictures can be decoded is given up.
PATIENCE = 1000
#: Byte ranges closer than this are fetched in one request.
LARGEST_GAP = 128 * 1024
#: A full decode after damage begins so many keyframes before the first picture that is missing.
KEYFRAMES_BACK = 2
#: A picture may come in so many packets, one for each field.
FIELDS = 2
#: Pictures come out in the order of display, so one that waits for so many others is missing.
MOST_HELD = 4


@dataclass(frozen=True, eq=False)
class Sample:
    """The frame on screen at ``start + k * interval``."""

    k: int
    pts: int  # ticks, on the film's clock
    picture: Picture  # (height, width, 3), RGB, upright, square pixels


class FilmDecoder:
    """One film, indexed. ``threads``: 0 for as many as suit its size, see ``choose_threads``."""

    def __init__(self, source: ByteSource, index: VideoIndex, threads: int = 0) -> None:
        self.source = CachedBytes.wrap(source)
        self.index = index
        self.threads = threads

    def clock(self, interval: Fraction) -> SampleClock:
        """The film's samples at an interval of seconds."""
        return sample_clock(self.index.table, interval)

    def samples(self, clock: SampleClock, first_k: int, last_k: int) -> Iterator[Sample]:
        """Samples ``first_k <= k < last_k``, in order of k, each the same as in a full decode."""
        k = first_k
        if not self.index.by_order:
            try:
                for sample in self.planned(clock, first_k, last_k):
                    k = sample.k + 1
                    yield sample
                    del sample
            except DecodingError as failure:
                uri = self.source.uri
                log.warning("%s: %s; decoding in full from sample %d on", uri, failure, k)
        if k < last_k:
            yield from self.in_full(clock, k, last_k)

    def planned(self, clock: SampleClock, first_k: int, last_k: int) -> Iterator[Sample]:
        """Samples from the least decoding; raises DecodingError where the film is damaged."""
        table = self.index.table
        rows = on_screen(table, clock, first_k, last_k)
        plan = decode_plan(table, rows)
        held: dict[int, Picture] = {}
        place = 0
        # Several threads decode the same of a whole film, and not always of a damaged one.
        threads = 1 if self.index.lost else self.threads
        with self._sparing_pass(byte_ranges(table, plan, LARGEST_GAP), threads) as film:
            for frame in film.decode_planned(plan):
                held[frame.row] = _shown(frame)
                del frame  # 25 MB at 4K, which the decoder needs for the next
                while place < len(rows) and rows[place] in held:
                    row = rows[place]
                    yield Sample(first_k + place, int(table.pts[row]), held[row])
                    place += 1
                    if place == len(rows) or rows[place] != row:
                        del held[row]
                if len(held) > MOST_HELD:
                    break
        if place < len(rows):
            raise DecodingError(f"the picture of sample {first_k + place} is missing")

    def in_full(self, clock: SampleClock, first_k: int, last_k: int) -> Iterator[Sample]:
        """Samples from decoding everything, by one thread, which is repeatable on damage.

        Raises VideoUnreadable when no picture comes out at all.
        """
        k = first_k
        pts, frame = clock.start, None
        with self._pass(threads=1) as film:
            for next_pts, next_frame in self._timed(film, self._safe_start(clock.tick(k))):
                if frame is not None and next_pts > pts:
                    until = min(last_k, clock.first_at(next_pts))
                    yield from _repeated(frame, pts, range(k, until))
                    k = max(k, until)
                if k == last_k:
                    return
                if frame is None or next_pts > pts:
                    pts, frame = next_pts, next_frame
            if frame is None:
                raise VideoUnreadable(self.source.uri, "no picture of it can be decoded.")
            yield from _repeated(frame, pts, range(k, last_k))

    def first_samples_of_shots(self, clock: SampleClock, samples: range) -> frozenset[int]:
        """The samples that come first after an exact cut. Decodes every frame of the range.

        The same for every range that a sample lies in: a cut is a matter of two frames, and the
        frame on screen at the first sample is looked at.
        """
        row = on_screen(self.index.table, clock, samples.start, samples.start + 1)[0]
        ticks = range(int(self.index.table.pts[row]), clock.tick(samples.stop))
        return frozenset(clock.first_at(pts) for pts in cut_times(self._thumbnails(ticks)))

    def _thumbnails(self, ticks: range) -> Iterator[tuple[int, BgrPicture]]:
        """(pts, small BGR picture) of every frame shown in a range of ticks, by one thread."""
        with self._sparing_pass([(0, self.index.end)], threads=1) as film:
            for pts, frame in self._timed(film, self._safe_start(ticks.start)):
                if pts >= ticks.stop:
                    return
                if pts >= ticks.start:
                    yield pts, frame.thumbnail(WIDTH, HEIGHT)

    def _pass(self, threads: int) -> DecodingPass:
        """From the film's first byte to its last, as a player reads it."""
        return DecodingPass(self.source, self._stream(), [(0, self.index.end)], threads)

    def _sparing_pass(self, ranges: list[tuple[int, int]], threads: int) -> DecodingPass:
        """Over some ranges of the film, as far as its container lets others be left out."""
        if not self.index.hollow and self._places is None:
            return self._pass(threads)
        return DecodingPass(self.source, self._stream(self._places), ranges, threads)

    def _stream(self, places: PacketPlaces | None = None) -> FilmStream:
        index = self.index
        return FilmStream(index.stream, index.skipped, index.hollow, index.end, places)

    @cached_property
    def _places(self) -> PacketPlaces | None:
        """Where the container can be entered; None where that is not needed or not known."""
        table = self.index.table
        is_known = bool((table.position >= 0).all())
        if self.index.hollow or self.index.by_order or not is_known:
            return None
        if len(np.unique(table.position)) < len(table):
            return None
        return PacketPlaces(table.pts.tolist(), table.position.tolist(), table.size.tolist())

    def _timed(self, film: DecodingPass, first_row: int) -> Iterator[tuple[int, DecodedFrame]]:
        """(pts, frame) of every shown picture from a row on, in the order of display."""
        table = self.index.table
        times = table.pts[shown_rows(table)]
        for number, frame in enumerate(film.decode_all(range(first_row, len(table)))):
            if self.index.by_order:
                yield int(times[min(number, len(times) - 1)]), frame
            elif frame.row >= 0 and not table.discard[frame.row]:
                yield int(table.pts[frame.row]), frame

    def _safe_start(self, tick: int) -> int:
        """The row at which a full decode begins that has to be right at a tick."""
        if self.index.by_order:
            return 0
        table = self.index.table
        keys = np.flatnonzero(table.keyframe & (table.pts <= tick))
        return int(keys[max(0, len(keys) - 1 - KEYFRAMES_BACK)]) if len(keys) else 0

    def starts_at_keyframes(self) -> bool:
        """Whether the picture of the second keyframe comes out when decoding starts there.

        In a film that is refreshed bit by bit it does not, and a later one comes out inexact.
        """
        table = self.index.table
        keys = np.flatnonzero(table.keyframe & ~table.discard)
        if self.index.by_order or len(keys) < 2:
            return True
        row = int(keys[1])
        rows = range(row, min(row + FIELDS, len(table)))
        ranges = byte_ranges(table, [Stretch(tuple(rows), frozenset())], LARGEST_GAP)
        with self._sparing_pass(ranges, threads=1) as film:
            return any(frame.row == row for frame in film.decode_all(rows))

    def first_row(self) -> int:
        """The row of the picture that a full decode shows first.

        Raises VideoUnreadable when none of the first pictures can be decoded.
        """
        tried = min(PATIENCE, len(self.index.table))
        with self._pass(threads=1) as film:
            for frame in film.decode_all(range(tried)):
                if self.index.by_order:
                    return 0
                if frame.row >= 0:
                    return frame.row
            raise VideoUnreadable(
                self.source.uri,
                f"no decodable picture: none of its first {tried} pictures can be decoded as "
                f"{film.codec}; it may be encrypted or damaged.",
            )


def open_film(source: ByteSource, threads: int = 0) -> FilmDecoder:
    """Index a film and decode its first picture, which proves that it can be decoded.

    Raises VideoUnreadable with the reason when there is no film in the file.
    """
    source = CachedBytes.wrap(source)
    index = judged_index(read_stream(source))
    index = started_at(index, FilmDecoder(source, index).first_row())
    if not FilmDecoder(source, index).starts_at_keyframes():
        index = with_one_keyframe(index)
    return FilmDecoder(source, index, threads)


def _repeated(frame: DecodedFrame, pts: int, samples: range) -> Iterator[Sample]:
    """The samples during which one frame stays on screen; it is converted once, if at all."""
    if samples:
        picture = _shown(frame)
        yield from (Sample(k, pts, picture) for k in samples)


def _shown(frame: DecodedFrame) -> Picture:
    coded = frame.picture()
    return shown(coded.rgb, coded.transfer, coded.sample_aspect, coded.matrix)
