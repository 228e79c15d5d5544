"""Exact frames of a film at a fraction of a full decode.

The decoder is sent what ``core.sample_plan`` asks for and nothing else. Every packet carries its
row of the packet table through the decoder in place of its pts, so a frame that comes out is known
by its row, whatever the container's time stamps are worth.

Where a film is damaged the plan's promise does not hold, and what is left is decoded in full and
resolved on the frames that do come out.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
from av.codec.context import ThreadType
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from storyboard_ops.core.picture_shape import Picture
from storyboard_ops.core.sample_plan import (
    SampleClock,
    Stretch,
    byte_ranges,
    decode_plan,
    on_screen,
    sample_clock,
    shown_rows,
)
from storyboard_ops.domain.error_tree import VideoUnreadable
from storyboard_ops.gateways.byte_source import ByteSource
from storyboard_ops.gateways.frame_pixels import PixelConverter
from storyboard_ops.gateways.range_reader import PlannedReader
from storyboard_ops.gateways.video_index import (
    VideoIndex,
    leave_out_others,
    opened,
    read_index,
    started_at,
)

log = logging.getLogger(__name__)

#: A film of which none of so many first pictures can be decoded is given up.
PATIENCE = 1000
#: Ranges closer than this are fetched in one request.
LARGEST_GAP = 128 * 1024
#: A full decode after damage begins so many keyframes before the first picture that is missing.
KEYFRAMES_BACK = 2


@dataclass(frozen=True, eq=False)
class Sample:
    """The frame on screen at ``start + k * interval``."""

    k: int
    pts: int  # ticks, on the film's clock
    picture: Picture  # (height, width, 3), RGB, upright, square pixels


class _PlanBroken(Exception):
    """A wanted picture did not come out clean; the film is damaged here."""


class VideoDecoder:
    """One film, indexed. ``threads``: 0 for one per core, 1 where several films run at once."""

    def __init__(self, source: ByteSource, index: VideoIndex, threads: int = 1) -> None:
        self.source = source
        self.index = index
        self.threads = threads

    def clock(self, interval: Fraction) -> SampleClock:
        """The film's samples at an interval of seconds."""
        return sample_clock(self.index.table, interval)

    def samples(self, clock: SampleClock, first_k: int, last_k: int) -> Iterator[Sample]:
        """Samples ``first_k <= k < last_k``, in order of k, each the same as in a full decode."""
        table = self.index.table
        rows = on_screen(table, clock, first_k, last_k)
        done = 0
        if not self.index.by_order:
            try:
                for sample in self._planned(rows, first_k):
                    done += 1
                    yield sample
            except _PlanBroken as broken:
                log.warning(
                    "%s: %s; decoding in full from sample %d on",
                    self.source.uri,
                    broken,
                    first_k + done,
                )
        if done < len(rows):
            yield from self._full(clock, first_k + done, last_k)

    def _planned(self, rows: list[int], first_k: int) -> Iterator[Sample]:
        """Samples from the planned decode; raises _PlanBroken at the first that fails."""
        table = self.index.table
        plan = decode_plan(table, rows)
        held: dict[int, Picture] = {}
        place = 0
        with _Film(self.source, self.index, self.threads) as film:
            film.follow(byte_ranges(table, plan, LARGEST_GAP))
            for row, frame in film.stretches(plan):
                held[row] = film.converter.picture(frame)
                while place < len(rows) and rows[place] in held:
                    row_now = rows[place]
                    yield Sample(first_k + place, int(table.pts[row_now]), held[row_now])
                    place += 1
                    if place == len(rows) or rows[place] != row_now:
                        del held[row_now]
        if place < len(rows):
            raise _PlanBroken(f"the picture of sample {first_k + place} did not come out")

    def _full(self, clock: SampleClock, first_k: int, last_k: int) -> Iterator[Sample]:
        """Samples from a decode of everything, by one thread, which is repeatable on damage."""
        k = first_k
        current: tuple[int, VideoFrame] | None = None
        with _Film(self.source, self.index, threads=1) as film:
            film.follow([(0, self.source.size)])
            for pts, frame in film.everything(self._safe_start(clock.tick(first_k))):
                if current is not None and pts < current[0]:
                    continue
                shown: Picture | None = None
                while current is not None and k < last_k and clock.tick(k) < pts:
                    shown = film.converter.picture(current[1]) if shown is None else shown
                    yield Sample(k, current[0], shown)
                    k += 1
                if k == last_k:
                    return
                current = pts, frame
            if current is None:
                raise VideoUnreadable(self.source.uri, "no picture of it can be decoded.")
            shown = film.converter.picture(current[1])
            for k_left in range(k, last_k):
                yield Sample(k_left, current[0], shown)

    def _safe_start(self, tick: int) -> int:
        """The row at which a full decode begins that has to be right at a tick."""
        if self.index.by_order:
            return 0
        table = self.index.table
        keys = np.flatnonzero(table.keyframe & (table.pts <= tick))
        return int(keys[max(0, len(keys) - 1 - KEYFRAMES_BACK)]) if len(keys) else 0


def open_video(source: ByteSource, threads: int = 1) -> VideoDecoder:
    """Index a film and decode its first picture, which proves that it can be decoded.

    Raises VideoUnreadable with the reason when there is no film in the file.
    """
    index = read_index(source)
    return VideoDecoder(source, started_at(index, first_picture(source, index)), threads)


def first_picture(source: ByteSource, index: VideoIndex) -> int:
    """The row of the picture that a full decode shows first."""
    with _Film(source, index, threads=1) as film:
        for row, _ in film.decoded(range(min(PATIENCE, len(index.table)))):
            return row if not index.by_order else 0
    raise VideoUnreadable(
        source.uri,
        f"no decodable picture: none of its first {min(PATIENCE, len(index.table))} pictures can "
        f"be decoded as {film.codec}; it may be encrypted or damaged.",
    )


class _Film:
    """A film opened for one pass of decoding."""

    def __init__(self, source: ByteSource, index: VideoIndex, threads: int) -> None:
        self._index = index
        self._reader = PlannedReader(source)
        self._opened = opened(self._reader, source.uri)
        self._threads = threads
        self.codec = ""

    def __enter__(self) -> _Film:
        container: InputContainer = self._opened.__enter__()
        stream = container.streams[self._index.stream]
        assert isinstance(stream, VideoStream)
        leave_out_others(container, stream)
        self._context = stream.codec_context
        self._context.thread_type = ThreadType.FRAME if self._threads != 1 else ThreadType.NONE
        self._context.thread_count = self._threads
        self.codec = self._context.name
        coded = (packet for packet in container.demux(stream) if packet.size)
        self._packets = enumerate(coded, start=-self._index.skipped)
        self.converter = PixelConverter(stream.sample_aspect_ratio)
        return self

    def __exit__(self, *failure: object) -> None:
        self._opened.__exit__(None, None, None)

    def follow(self, ranges: list[tuple[int, int]]) -> None:
        """Read only these bytes where the container's head says where everything is."""
        self._reader.follow(ranges if self._index.hollow else [(0, self._reader.source.size)])

    def stretches(self, plan: list[Stretch]) -> Iterator[tuple[int, VideoFrame]]:
        """(row, frame) of every wanted picture of a plan, as they come out of the decoder.

        Raises _PlanBroken on the first sign of damage.
        """
        try:
            for stretch in plan:
                for row, frame in self._stretch(stretch):
                    if frame.is_corrupt:
                        raise _PlanBroken(f"the picture in row {row} is damaged")
                    if row in stretch.wanted:
                        yield row, frame
        except av.error.FFmpegError as error:
            raise _PlanBroken(str(error.strerror)) from error

    def _stretch(self, stretch: Stretch) -> Iterator[tuple[int, VideoFrame]]:
        for row in stretch.rows:
            packet = self._packet(row)
            if packet is None:
                raise _PlanBroken(f"the container ends before row {row}")
            self._context.skip_frame = "DEFAULT" if row in stretch.wanted else "NONREF"
            for frame in self._context.decode(packet):
                yield _row(frame), frame
        for frame in self._context.decode(None):
            yield _row(frame), frame
        self._context.flush_buffers()

    def everything(self, first_row: int) -> Iterator[tuple[int, VideoFrame]]:
        """(pts, frame) of every shown picture from a row on, in the order of display."""
        table = self._index.table
        by_order = table.pts[shown_rows(table)]
        rows = range(first_row, len(table))
        for number, (row, frame) in enumerate(self.decoded(rows)):
            if self._index.by_order:
                yield int(by_order[min(number, len(by_order) - 1)]), frame
            elif not table.discard[row]:
                yield int(table.pts[row]), frame

    def decoded(self, rows: range) -> Iterator[tuple[int, VideoFrame]]:
        """(row, frame) of everything that can be decoded; what cannot is passed over."""
        self._context.skip_frame = "DEFAULT"
        for packet in self._all_packets(rows):
            try:
                frames = self._context.decode(packet)
            except av.error.FFmpegError as error:
                log.debug("%s: a packet cannot be decoded: %s", self._reader.source.uri, error)
                continue
            for frame in frames:
                yield _row(frame), frame

    def _all_packets(self, rows: range) -> Iterator[Packet | None]:
        """The packets of some rows as far as the container gives them, then the draining None."""
        for row in rows:
            try:
                packet = self._packet(row)
            except av.error.FFmpegError as error:
                log.warning("%s: reading breaks off: %s", self._reader.source.uri, error)
                break
            if packet is None:
                break
            yield packet
        yield None

    def _packet(self, wanted: int) -> Packet | None:
        """The packet of a row, or None at the container's end; rows are asked for in order."""
        for row, packet in self._packets:
            if row == wanted:
                packet.pts = packet.dts = wanted
                return packet
        return None


def _row(frame: VideoFrame) -> int:
    return -1 if frame.pts is None else frame.pts

