"""Sample exact frames of a film at a fraction of the cost of a full decode.

Only the packets of a plan of ``core.sampling`` are decoded. From the first damage on, the rest of
the range is decoded in full, and samples are resolved on the pictures that can be decoded.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

import numpy as np

from storyboard_ops.core.pictures.arrays import BgrPicture, Picture
from storyboard_ops.core.pictures.shape import shown, square_width
from storyboard_ops.core.sampling.exact_cuts import HEIGHT, WIDTH, cut_times
from storyboard_ops.core.sampling.index import (
    IN_FIELDS,
    VideoIndex,
    delayed,
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
from storyboard_ops.domain.input_limits import MOST_FILM_SAMPLES
from storyboard_ops.domain.sampling.coded_packets import PacketPlaces, Stretch
from storyboard_ops.gateways.sampling.byte_source import ByteSource
from storyboard_ops.gateways.sampling.decoder import (
    DecodedFrame,
    DecodingError,
    DecodingPass,
    FilmStream,
    NoKeyframeError,
)
from storyboard_ops.gateways.sampling.index import read_stream
from storyboard_ops.gateways.sampling.range_reader import CachedBytes

log = logging.getLogger(__name__)

#: A film is unreadable if none of this many first pictures can be decoded.
PATIENCE = 1000
#: Byte ranges closer than this are fetched in one request.
LARGEST_GAP = 128 * 1024
#: A full decode after damage begins this many keyframes before the first missing picture.
KEYFRAMES_BACK = 2
#: A picture may have this many packets, one for each field.
FIELDS = 2
#: In a film whose packets are all flagged as keyframes, this many must be.
FLAGGED_PACKETS = 12
#: Pictures come out in display order, so one that is overtaken by this many others is missing.
MOST_HELD = 4


@dataclass(frozen=True, eq=False)
class Sample:
    """The frame on screen at ``start + k * interval``."""

    k: int
    pts: int  # ticks, on the film's clock
    picture: Picture  # (height, width, 3), RGB, upright, square pixels
    transparent: bool  # parts of it were transparent, and are laid on a neutral ground


class Shown(NamedTuple):
    """A displayed picture; see ``Sample``."""

    picture: Picture
    transparent: bool


class FilmDecoder:
    """An indexed film. ``threads``: 0 to choose them by picture size, see ``choose_threads``."""

    def __init__(self, source: ByteSource, index: VideoIndex, threads: int = 0) -> None:
        self.source = CachedBytes.wrap(source)
        self.index = index
        self.threads = threads

    def clock(self, interval: Fraction) -> SampleClock:
        """Return the film's sample clock at an interval in seconds.

        Raises VideoUnreadable when the film has more than MOST_FILM_SAMPLES samples at it.
        """
        clock = sample_clock(self.index.table, interval)
        if clock.count > MOST_FILM_SAMPLES:
            raise VideoUnreadable(
                self.source.uri,
                f"it has {clock.count:,} samples, one every {float(interval):g} s; at most "
                f"{MOST_FILM_SAMPLES:,} are drawn from a film. Choose a longer interval.",
            )
        return clock

    def picture_size(self) -> tuple[int, int]:
        """Return width and height in square pixels, as the film's head says.

        Raises VideoUnreadable when the film or its decoder cannot be opened.
        """
        with DecodingPass(self.source, self._stream(), [], threads=1) as film:
            width, height, sample_aspect = film.picture_size
        return square_width(width, sample_aspect), height

    def samples(self, clock: SampleClock, first_k: int, last_k: int) -> Iterator[Sample]:
        """Yield samples ``first_k <= k < last_k`` in order, each the same as in a full decode."""
        k = first_k
        if not self.index.in_full:
            try:
                for sample in self.decode_planned(clock, first_k, last_k):
                    k = sample.k + 1
                    yield sample
                    del sample
            except DecodingError as failure:
                uri = self.source.uri
                log.warning("%s: %s; decoding in full from sample %d on", uri, failure, k)
                if isinstance(failure, NoKeyframeError):
                    self.index = with_one_keyframe(self.index)
        if k < last_k:
            yield from self.decode_in_full(clock, k, last_k)

    def decode_planned(self, clock: SampleClock, first_k: int, last_k: int) -> Iterator[Sample]:
        """Yield samples with the least decoding; raises DecodingError where the film is damaged."""
        table = self.index.table
        rows = on_screen(table, clock, first_k, last_k)
        plan = decode_plan(table, rows)
        held: dict[int, Shown] = {}
        place = 0
        # With several threads the result is repeatable only if the film is intact.
        threads = 1 if self.index.lost else self.threads
        with self._partial_pass(byte_ranges(table, plan, LARGEST_GAP), threads) as film:
            for frame in film.decode_planned(plan):
                held[frame.row] = _convert(frame)
                del frame  # 25 MB at 4K that the decoder can reuse
                while place < len(rows) and rows[place] in held:
                    row = rows[place]
                    yield Sample(first_k + place, int(table.pts[row]), *held[row])
                    place += 1
                    if place == len(rows) or rows[place] != row:
                        del held[row]
                if len(held) > MOST_HELD:
                    break
        if place < len(rows):
            raise DecodingError(f"the picture of sample {first_k + place} is missing")

    def decode_in_full(self, clock: SampleClock, first_k: int, last_k: int) -> Iterator[Sample]:
        """Yield samples by decoding every frame in one thread, which is repeatable on damage.

        Raises VideoUnreadable when no picture can be decoded.
        """
        k = first_k
        pts, frame = clock.start, None
        with self._pass(threads=1) as film:
            for next_pts, next_frame in self._timed_frames(film, self._safe_start(clock.tick(k))):
                if frame is not None and next_pts > pts:
                    until = min(last_k, clock.first_at(next_pts))
                    yield from _repeat(frame, pts, range(k, until))
                    k = max(k, until)
                if k == last_k:
                    return
                if frame is None or next_pts > pts:
                    pts, frame = next_pts, next_frame
            if frame is None:
                raise VideoUnreadable(
                    self.source.uri, "no picture of it can be decoded; upload a readable version."
                )
            yield from _repeat(frame, pts, range(k, last_k))

    def first_samples_of_shots(self, clock: SampleClock, samples: range) -> frozenset[int]:
        """Find the samples that are the first after an exact cut; decodes every frame of the range.

        The result for a sample does not depend on the range: a cut is between two frames, and the
        frame on screen at the first sample is included.
        """
        row = on_screen(self.index.table, clock, samples.start, samples.start + 1)[0]
        ticks = range(int(self.index.table.pts[row]), clock.tick(samples.stop))
        return frozenset(clock.first_at(pts) for pts in cut_times(self._thumbnails(ticks)))

    def _thumbnails(self, ticks: range) -> Iterator[tuple[int, BgrPicture]]:
        """Yield (pts, small BGR picture) of the frames shown in a range of ticks, in one thread."""
        with self._partial_pass([(0, self.index.end)], threads=1) as film:
            for pts, frame in self._timed_frames(film, self._safe_start(ticks.start)):
                if pts >= ticks.stop:
                    return
                if pts >= ticks.start:
                    yield pts, frame.thumbnail(WIDTH, HEIGHT)

    def _pass(self, threads: int) -> DecodingPass:
        """Make a pass from the film's first byte to its last, as a player reads it."""
        return DecodingPass(self.source, self._stream(), [(0, self.index.end)], threads)

    def _partial_pass(self, ranges: list[tuple[int, int]], threads: int) -> DecodingPass:
        """Make a pass over some byte ranges if the container allows seeking, else over all."""
        if not self.index.hollow and self._places is None:
            return self._pass(threads)
        return DecodingPass(self.source, self._stream(self._places), ranges, threads)

    def _stream(self, places: PacketPlaces | None = None) -> FilmStream:
        index = self.index
        return FilmStream(index.stream, index.hollow, index.end, places)

    @cached_property
    def _places(self) -> PacketPlaces | None:
        """Where to seek to in the container; None when that is not needed or not known."""
        table = self.index.table
        is_known = bool((table.position >= 0).all())
        if self.index.hollow or self.index.from_start or not is_known:
            return None
        if len(np.unique(table.position)) < len(table):
            return None
        return PacketPlaces(table.pts.tolist(), table.position.tolist(), table.size.tolist())

    def _timed_frames(
        self, film: DecodingPass, first_row: int
    ) -> Iterator[tuple[int, DecodedFrame]]:
        """Yield (pts, frame) of every shown picture from a row on, in display order."""
        table, index = self.index.table, self.index
        times = table.pts[shown_rows(table)]
        place = -1
        for frame in film.decode_all(range(first_row, len(table))):
            if index.from_start:
                is_timed = index.timing == "arrival" and frame.fed_row >= 0
                place = frame.fed_row - index.delay if is_timed else place + 1
                yield int(times[min(max(place, 0), len(times) - 1)]), frame
            elif frame.row >= 0 and not table.discard[frame.row]:
                yield int(table.pts[frame.row]), frame

    def _safe_start(self, tick: int) -> int:
        """Return the row at which a full decode must begin to be right at a tick."""
        if self.index.from_start:
            return 0
        table = self.index.table
        keys = np.flatnonzero(table.keyframe & (table.pts <= tick))
        return int(keys[max(0, len(keys) - 1 - KEYFRAMES_BACK)]) if len(keys) else 0

    def starts_at_keyframes(self) -> bool:
        """Return whether a keyframe's picture comes out when decoding starts at the second one.

        In a film with gradual intra refresh it does not, and later pictures are inexact. Where
        every packet is flagged, the first FLAGGED_PACKETS are tried.
        """
        table = self.index.table
        keys = np.flatnonzero(table.keyframe & ~table.discard)
        if self.index.in_full or len(keys) < 2:
            return True
        row, tried = (0, FLAGGED_PACKETS) if table.keyframe.all() else (int(keys[1]), FIELDS)
        rows = range(row, min(row + tried, len(table)))
        ranges = byte_ranges(table, [Stretch(tuple(rows), frozenset())], LARGEST_GAP)
        with self._partial_pass(ranges, threads=1) as film:
            if film.is_intra_only:
                return True
            frames = film.decode_all(rows)
            if row == 0:
                return all(frame.is_keyframe for frame in frames)
            return any(frame.row == row and frame.is_keyframe for frame in frames)

    def starts_in_fields(self, row: int) -> bool:
        """Return whether the packet after a row gives no picture of its own."""
        rows = range(row, min(row + FIELDS, len(self.index.table)))
        with self._pass(threads=1) as film:
            if film.codec not in IN_FIELDS:
                return False
            return len(list(film.decode_all(rows))) < len(rows)

    def first_picture(self) -> DecodedFrame:
        """Return the first picture of a full decode.

        Raises VideoUnreadable when none of the first PATIENCE pictures can be decoded.
        """
        tried = min(PATIENCE, len(self.index.table))
        with self._pass(threads=1) as film:
            for frame in film.decode_all(range(tried)):
                if frame.row >= 0:
                    return frame
            raise VideoUnreadable(
                self.source.uri,
                f"no decodable picture: none of its first {tried} pictures can be decoded as "
                f"{film.codec}; it may be encrypted or damaged. Upload a readable version.",
            )


def open_film(source: ByteSource, threads: int = 0) -> FilmDecoder:
    """Index a film and decode its first picture, which proves that it can be decoded.

    Raises VideoUnreadable with the reason when the file contains no film.
    """
    source = CachedBytes.wrap(source)
    index = judged_index(read_stream(source))
    decoder = FilmDecoder(source, index)
    first = decoder.first_picture()
    if index.timing == "arrival":
        index = delayed(index, max(first.fed_row, 0))
    else:
        index = started_at(index, first.row)
    if first.is_interlaced and decoder.starts_in_fields(first.row):
        index = replace(index, in_fields=True)
    if not FilmDecoder(source, index).starts_at_keyframes():
        index = with_one_keyframe(index)
    return FilmDecoder(source, index, threads)


def _repeat(frame: DecodedFrame, pts: int, samples: range) -> Iterator[Sample]:
    """Yield the samples during which one frame is on screen; it is converted at most once."""
    if samples:
        converted = _convert(frame)
        yield from (Sample(k, pts, *converted) for k in samples)


def _convert(frame: DecodedFrame) -> Shown:
    coded = frame.picture()
    picture = shown(coded.rgb, coded.transfer, coded.sample_aspect, coded.matrix, coded.alpha)
    return Shown(picture, coded.alpha is not None)
