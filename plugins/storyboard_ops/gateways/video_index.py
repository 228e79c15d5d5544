"""Opening a film: which stream is the film, what packets it has, and what is wrong with it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction

import av
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.stream import Discard, Disposition
from av.video.stream import VideoStream

from storyboard_ops.core.packet_table import (
    NO_PTS,
    PacketTable,
    take,
    timed_by_order,
    unrolled,
    without_leading_rubbish,
)
from storyboard_ops.core.sample_plan import shown_rows
from storyboard_ops.domain.error_tree import VideoUnreadable
from storyboard_ops.gateways.byte_source import ByteSource
from storyboard_ops.gateways.movie_boxes import MovieBoxes, movie_boxes
from storyboard_ops.gateways.range_reader import BlockReader, HollowReader

NOT_A_FILM = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image
#: Formats whose time stamps are decode times or nothing at all.
UNTIMED = frozenset({"avi", "h264", "hevc", "m4v", "mpegvideo", "vc1", "obu"})
#: Formats in which a clock that jumps ahead is a splice, and the jump from which it is one.
SPLICED = frozenset({"mpegts", "mpeg"})
LONGEST_GAP_S = 10
#: A film that ends this much before its container says has lost its end.
MISSING_END_S = 2


@dataclass(frozen=True, eq=False)
class VideoIndex:
    """Everything that is known of a film before a picture of it is decoded."""

    stream: int  # number of the video stream in its container
    table: PacketTable
    skipped: int  # packets before the first keyframe, which are not in the table
    by_order: bool  # times follow from the order of a full decode, see ``timed_by_order``
    hollow: bool  # the container's head tells where every packet is
    lost: str  # where the film breaks off and what of it is lost; empty for a whole one

    def to_bytes(self) -> bytes:
        """The index as JSON line and packet table."""
        facts = {name: getattr(self, name) for name in _FACTS}
        return json.dumps(facts).encode() + b"\n" + self.table.to_bytes()

    @classmethod
    def from_bytes(cls, body: bytes) -> VideoIndex:
        """Read back what ``to_bytes`` wrote."""
        facts, _, table = body.partition(b"\n")
        return cls(table=PacketTable.from_bytes(table), **json.loads(facts))


_FACTS = ("stream", "skipped", "by_order", "hollow", "lost")


def read_index(source: ByteSource) -> VideoIndex:
    """Demux a film once, without decoding it; of an MP4 or MOV only the head is read.

    Raises VideoUnreadable with the reason when there is no film in the file.
    """
    if source.size == 0:
        raise VideoUnreadable(source.uri, "the file is empty (0 bytes); upload it again.")
    boxes = movie_boxes(source)
    if boxes is not None and not boxes.has_index:
        raise VideoUnreadable(
            source.uri,
            "its index (the moov box) is missing: the recording or the upload was cut off before "
            "it was written; send the whole file.",
        )
    hollow = boxes is not None and not boxes.is_fragmented
    reader = HollowReader(source)
    with opened(reader, source.uri) as container:
        stream = film_stream(container, source.uri)
        leave_out_others(container, stream)
        reader.hollow = hollow
        packets, failure = _demuxed(container, stream)
        table = _table(packets, _time_base(stream))
        return _judged(table, _Context(source, boxes, hollow, container, stream, failure))


@contextmanager
def opened(reader: BlockReader, uri: str) -> Iterator[InputContainer]:
    """Open a container by its content; its name plays no part, other files cannot be drawn in.

    Raises VideoUnreadable when no known container begins like this.
    """
    try:
        container = av.open(
            reader,
            mode="r",
            metadata_errors="replace",
            container_options={"protocol_whitelist": "none"},
        )
    except (av.error.InvalidDataError, av.error.EOFError) as error:
        head = reader.source.read(0, 12)
        raise VideoUnreadable(
            uri, f"it is no video file: no known container begins with {head!r}."
        ) from error
    try:
        yield container
    finally:
        container.close()
        reader.close()


def film_stream(container: InputContainer, uri: str) -> VideoStream:
    """The stream that is the film: the default one, then the largest; never cover art.

    Raises VideoUnreadable saying what the file holds instead.
    """
    streams = [stream for stream in container.streams if isinstance(stream, VideoStream)]
    films = [stream for stream in streams if not stream.disposition & NOT_A_FILM]
    if not films:
        kinds = ", ".join(sorted({stream.type for stream in container.streams})) or "nothing"
        held = f"cover art and no film (streams: {kinds})" if streams else f"no video ({kinds} only)"
        raise VideoUnreadable(uri, f"it holds {held}.")
    decodable = [stream for stream in films if stream.codec_context is not None]
    if not decodable:
        raise VideoUnreadable(uri, f"no decoder for its codec ({films[0].codec_tag!r}).")
    return max(decodable, key=_rank)


def _rank(stream: VideoStream) -> tuple[bool, int, int]:
    is_default = bool(stream.disposition & Disposition.default)
    return is_default, stream.width * stream.height, -stream.index


def leave_out_others(container: InputContainer, stream: VideoStream) -> None:
    """Let the demuxer pass over every other stream without reading it."""
    for other in container.streams:
        if other.index != stream.index:
            other.discard = Discard.all


def _demuxed(
    container: InputContainer, stream: VideoStream
) -> tuple[list[tuple[int, ...]], str]:
    """One tuple per packet, and the error that ended the reading early, if one did."""
    rows: list[tuple[int, ...]] = []
    try:
        for packet in container.demux(stream):
            if packet.size:
                rows.append(_row(packet))
    except av.error.FFmpegError as error:
        return rows, str(error.strerror)
    return rows, ""


def _row(packet: Packet) -> tuple[int, ...]:
    return (
        NO_PTS if packet.pts is None else packet.pts,
        NO_PTS if packet.dts is None else packet.dts,
        packet.duration or 0,
        -1 if packet.pos is None else packet.pos,
        packet.size,
        packet.is_keyframe,
        packet.is_disposable,
        packet.is_discard,
    )


def _table(rows: list[tuple[int, ...]], time_base: Fraction) -> PacketTable:
    columns = np.array(rows, dtype=np.int64).reshape(-1, 8).T.copy()
    pts, dts, duration, position, size, keyframe, disposable, discard = columns
    return PacketTable(
        time_base=time_base,
        pts=pts,
        dts=dts,
        duration=duration,
        position=position,
        size=size,
        keyframe=keyframe.astype(bool),
        disposable=disposable.astype(bool),
        discard=discard.astype(bool),
    )


def _time_base(stream: VideoStream) -> Fraction:
    if stream.time_base is None:
        raise VideoUnreadable(str(stream.container.name), "its video stream has no time base.")
    return stream.time_base


@dataclass(frozen=True)
class _Context:
    """What is known while an index is judged."""

    source: ByteSource
    boxes: MovieBoxes | None
    hollow: bool
    container: InputContainer
    stream: VideoStream
    failure: str


def _judged(table: PacketTable, context: _Context) -> VideoIndex:
    """Keep what can be read, put the clock right, and say what is lost."""
    whole = _timed(table, context)
    readable, lost = _readable(whole, context)
    film = without_leading_rubbish(readable)
    if len(shown_rows(film)) == 0:
        raise VideoUnreadable(
            context.source.uri,
            "it holds no picture that can be shown" + (f" ({lost})" if lost else "") + ".",
        )
    return VideoIndex(
        stream=context.stream.index,
        table=film,
        skipped=len(readable) - len(film),
        by_order=_is_untimed(table, context),
        hollow=context.hollow,
        lost=lost,
    )


def _timed(table: PacketTable, context: _Context) -> PacketTable:
    if _is_untimed(table, context):
        rate = context.stream.guessed_rate or context.stream.average_rate or Fraction(25)
        return timed_by_order(table, max(1, round(1 / rate / table.time_base)))
    is_spliced = context.container.format.name in SPLICED
    gap = round(LONGEST_GAP_S / table.time_base) if is_spliced else None
    return unrolled(table, longest_gap=gap)


def _is_untimed(table: PacketTable, context: _Context) -> bool:
    return context.container.format.name in UNTIMED or bool((table.pts == NO_PTS).any())


def _readable(table: PacketTable, context: _Context) -> tuple[PacketTable, str]:
    """The packets whose bytes are all there, and what is said of the others."""
    beyond = np.flatnonzero(table.position + table.size > context.source.size)
    if context.hollow and len(beyond):
        first = int(beyond[0])
        kept = take(table, slice(0, first))
        return kept, _cut_off(kept, table, context.source.size)
    if context.failure:
        return table, f"reading breaks off at {_seconds(table):.2f} s: {context.failure}"
    expected = _expected_seconds(context)
    if expected is not None and _seconds(table) < expected - MISSING_END_S:
        return table, f"cut off at {_seconds(table):.2f} s of {expected:.2f} s"
    return table, ""


def _cut_off(kept: PacketTable, table: PacketTable, size: int) -> str:
    return (
        f"cut off at {_seconds(kept):.2f} s of {_seconds(table):.2f} s: the file ends after "
        f"{size} bytes, its index lists {len(table) - len(kept)} more pictures"
    )


def _seconds(table: PacketTable) -> float:
    """Length of what the table shows, in seconds; for messages."""
    rows = shown_rows(table)
    if len(rows) == 0:
        return 0.0
    ticks = table.pts[rows[-1]] + table.duration[rows[-1]] - table.pts[rows[0]]
    return float(int(ticks) * table.time_base)


def _expected_seconds(context: _Context) -> float | None:
    """Length that the video stream itself is said to have; a container's may be its audio's."""
    stream = context.stream
    if stream.duration is None or stream.time_base is None:
        return None
    return float(stream.duration * stream.time_base)


def started_at(index: VideoIndex, row: int) -> VideoIndex:
    """The film without what would be shown before a row, because it cannot be decoded."""
    table = index.table
    early = (table.pts < table.pts[row]) & ~table.discard
    return index if not early.any() else replace(
        index, table=replace(table, discard=table.discard | early)
    )
