"""Open a film: choose the container's film stream and list its packets."""

from __future__ import annotations

import logging
import re
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Discard, Disposition
from av.video.stream import VideoStream

from storyboard_ops.domain.error_tree import VideoUnreadable
from storyboard_ops.domain.input_limits import (
    MOST_FILM_PACKETS,
    MOST_PICTURE_PIXELS,
    MOST_PICTURE_SIDE,
    MOST_TRACKS,
)
from storyboard_ops.domain.sampling.coded_packets import NO_PTS, CodedPackets, StreamFacts
from storyboard_ops.gateways.sampling.byte_source import ByteSource
from storyboard_ops.gateways.sampling.file_ends import is_cut_off
from storyboard_ops.gateways.sampling.file_kinds import HEAD_BYTES, is_animated_webp, name_file
from storyboard_ops.gateways.sampling.movie_boxes import FragmentReader, judge_movie, movie_boxes
from storyboard_ops.gateways.sampling.range_reader import BlockReader, HollowReader

log = logging.getLogger(__name__)

#: Take packets as the container stores them: a parser would read nonsense from hollow pictures.
AS_STORED = {"fflags": "noparse+nofillin"}
#: Packets of these codecs may contain hidden pictures next to the displayed one. The container's
#: flags describe only the latter: other packets may refer to one marked "disposable".
WITH_HIDDEN_PICTURES = frozenset({"av1", "vp9"})
#: The end of a Matroska stream, as muxers write it to a tag.
END_TAG = re.compile(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)")
#: Packets whose numbers are collected before they are moved to the columns.
ROWS_AT_ONCE = 50_000
NOT_A_FILM = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image


def read_stream(source: ByteSource) -> StreamFacts:
    """Demux a film once without decoding it; an unfragmented MP4 or MOV is read only in its head.

    Raises VideoUnreadable with the reason when the file contains no film.
    """
    if source.size == 0:
        raise VideoUnreadable(source.uri, "the file is empty (0 bytes); upload it again.")
    if is_animated_webp(source.read(0, HEAD_BYTES)):
        raise VideoUnreadable(
            source.uri,
            "it is an animated WebP, for which there is no decoder; convert it to MP4, GIF or "
            "APNG.",
        )
    boxes = movie_boxes(source)
    if boxes is not None:
        judge_movie(source, boxes)
    if boxes is None or boxes.is_still:
        return _stream_facts(BlockReader(source))
    if not boxes.has_index:
        raise VideoUnreadable(source.uri, boxes.lack_of_index)
    if not boxes.is_fragmented:
        return _stream_facts(HollowReader(source))
    reader = FragmentReader(source)
    try:
        return _stream_facts(reader)
    except VideoUnreadable:
        if reader.end_of_boxes() == source.size:
            raise
        # libav rejects a film whose last fragment breaks off in its table of packets.
        return _stream_facts(FragmentReader(source, reader.end_of_boxes()))


def _stream_facts(reader: BlockReader) -> StreamFacts:
    """Read what a container records about its film; raises VideoUnreadable when there is none."""
    source, fragmented = reader.source, isinstance(reader, FragmentReader)
    with open_container(reader) as container:
        stream = film_stream(container, source.uri)
        if stream.time_base is None:
            raise VideoUnreadable(
                source.uri,
                "its video stream has no time base; re-encode the film, for example as H.264 in "
                "MP4.",
            )
        discard_other_streams(container, stream)
        reader.finish_head()
        packets, torn, failure = _demux(container, stream, reader)
        return StreamFacts(
            uri=source.uri,
            file_size=source.size,
            end=reader.end,
            container=container.format.name,
            stream=stream.index,
            codec=stream.codec.canonical_name,
            time_base=stream.time_base,
            frame_rate=stream.guessed_rate or stream.average_rate,
            # Fragments record their own durations, and a cut-off film lacks some of them.
            duration=None if fragmented else _duration(stream),
            reordered=bool(stream.codec_context.has_b_frames),
            hollow=reader.hollow,
            cut_off=(
                reader.end_of_boxes() < source.size
                if isinstance(reader, FragmentReader)
                else is_cut_off(source, container.format.name)
            ),
            torn=torn,
            failure=failure,
            packets=packets,
        )


@contextmanager
def open_container(reader: BlockReader) -> Iterator[InputContainer]:
    """Open a container by its content, whatever its name; it cannot make libav open other files.

    Raises VideoUnreadable when no known container begins like this, or it cannot be opened.
    """
    uri = reader.source.uri
    try:
        container = av.open(
            reader,
            mode="r",
            metadata_errors="replace",
            container_options={
                "protocol_whitelist": "none",
                "max_streams": str(MOST_TRACKS),
                **(AS_STORED if reader.hollow else {}),
            },
        )
    except (av.error.InvalidDataError, av.error.EOFError) as error:
        head = reader.source.read(0, HEAD_BYTES)
        raise VideoUnreadable(
            uri,
            name_file(head)
            or f"it is not a video file: no known container begins with {head[:12]!r}; upload a "
            "film, such as MP4, MOV, MKV or WebM.",
        ) from error
    except av.error.FFmpegError as error:
        raise VideoUnreadable(
            uri,
            name_file(reader.source.read(0, HEAD_BYTES))
            or f"it cannot be opened: {error.strerror}. A list of other files is not followed; "
            "upload a damaged film again.",
        ) from error
    try:
        yield container
    finally:
        container.close()
        reader.close()


def film_stream(container: InputContainer, uri: str) -> VideoStream:
    """Choose the film's stream: a moving one, the default one, the largest; never cover art.

    Raises VideoUnreadable saying what the file contains instead.
    """
    streams = [stream for stream in container.streams if isinstance(stream, VideoStream)]
    films = [stream for stream in streams if not stream.disposition & NOT_A_FILM]
    if not films:
        kinds = ", ".join(sorted({stream.type for stream in container.streams})) or "nothing"
        content = (
            f"cover art and no film (streams: {kinds})" if streams else f"no video ({kinds} only)"
        )
        raise VideoUnreadable(uri, f"it contains {content}; upload a film.")
    decodable = [stream for stream in films if stream.codec_context and stream.time_base]
    if not decodable:
        raise VideoUnreadable(
            uri,
            "there is no decoder for its codec; re-encode the film, for example as H.264 in MP4.",
        )
    film = max(decodable, key=_rank)
    _judge_size(film, uri)
    return film


def _judge_size(stream: VideoStream, uri: str) -> None:
    """Raise VideoUnreadable when the pictures are larger than any decoder should be given."""
    width, height = stream.width, stream.height
    shown = round(width * (stream.sample_aspect_ratio or 1))
    widest = max(width, shown)
    if max(widest, height) > MOST_PICTURE_SIDE or widest * height > MOST_PICTURE_PIXELS:
        raise VideoUnreadable(
            uri,
            f"its pictures have {width:,} x {height:,} pixels, {shown:,} x {height:,} as shown; at "
            f"most {MOST_PICTURE_SIDE:,} per side and {MOST_PICTURE_PIXELS:,} in all are read. "
            "Export it smaller.",
        )


def _rank(stream: VideoStream) -> tuple[bool, bool, int, int]:
    is_moving = stream.frames != 1  # the still of an animated AVIF is a stream, too
    is_default = bool(stream.disposition & Disposition.default)
    return is_moving, is_default, stream.width * stream.height, -stream.index


def discard_other_streams(container: InputContainer, stream: VideoStream) -> None:
    """Make the demuxer discard the packets of every other stream."""
    for other in container.streams:
        if other.index != stream.index:
            other.discard = Discard.all


def demux_packets(container: InputContainer, stream: VideoStream) -> Iterator[Packet[VideoStream]]:
    """Yield the packets of a film to the end of its container, without empty ones.

    At the end PyAV 18.1 flushes every stream known by then, and raises IndexError when one of them
    (FLV, MPEG-TS) appeared after the container was opened.
    """
    try:
        yield from (packet for packet in container.demux(stream) if packet.size)
    except IndexError as error:
        log.debug("%s: a stream appeared after opening: %s", container.name, error)


def _duration(stream: VideoStream) -> Fraction | None:
    """Return the duration that the container records for a stream, in seconds."""
    assert stream.time_base is not None
    if stream.duration is not None:
        return stream.duration * stream.time_base
    end = END_TAG.fullmatch(stream.metadata.get("DURATION", ""))
    if end is None:
        return None
    hours, minutes, seconds = map(Fraction, end.groups())
    return 3600 * hours + 60 * minutes + seconds - (stream.start_time or 0) * stream.time_base


def _demux(
    container: InputContainer, stream: VideoStream, reader: BlockReader
) -> tuple[CodedPackets, bool, str]:
    """Return the packets, whether the last is torn, and the error that ended demuxing early.

    Raises VideoUnreadable when there are more than MOST_FILM_PACKETS.
    """
    columns = [array("q") for _ in range(8)]
    rows = array("q")  # of the latest packets: the numbers of one after those of another
    is_plain = stream.codec.canonical_name not in WITH_HIDDEN_PICTURES
    torn, failure = False, ""
    try:
        for packet in demux_packets(container, stream):
            reader.next_packet()
            torn = packet.is_corrupt
            rows.extend(_row(packet, is_plain))
            if len(rows) >= ROWS_AT_ONCE * len(columns):
                _move(rows, columns)
                _judge_count(len(columns[0]), reader.source.uri)
    except av.error.FFmpegError as error:
        failure = str(error.strerror)
    _move(rows, columns)
    _judge_count(len(columns[0]), reader.source.uri)
    return CodedPackets(*columns), torn, failure


def _move(rows: array[int], columns: list[array[int]]) -> None:
    """Append rows to the columns."""
    for number, column in enumerate(columns):
        column.extend(rows[number :: len(columns)])
    del rows[:]


def _judge_count(packets: int, uri: str) -> None:
    if packets > MOST_FILM_PACKETS:
        raise VideoUnreadable(
            uri,
            f"it has more than {MOST_FILM_PACKETS:,} coded pictures, which is the most allowed: "
            "more than 24 hours at 30 per second. Split the film.",
        )


def _row(packet: Packet[VideoStream], is_plain: bool) -> tuple[int, ...]:
    """Return the numbers of a packet in the order of the columns of CodedPackets.

    ``is_plain``: it contains only the displayed picture.
    """
    return (
        NO_PTS if packet.pts is None else packet.pts,
        NO_PTS if packet.dts is None else packet.dts,
        packet.duration or 0,
        -1 if packet.pos is None else packet.pos,
        packet.size,
        packet.is_keyframe,
        packet.is_disposable and is_plain,
        packet.is_discard,
    )
