"""Opening a film: which stream of a container is the film, and what packets it has."""

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
from storyboard_ops.domain.sampling.coded_packets import NO_PTS, CodedPackets, StreamFacts
from storyboard_ops.gateways.sampling.byte_source import ByteSource
from storyboard_ops.gateways.sampling.file_ends import is_cut_off
from storyboard_ops.gateways.sampling.movie_boxes import FragmentReader, movie_boxes
from storyboard_ops.gateways.sampling.range_reader import BlockReader, HollowReader

log = logging.getLogger(__name__)

#: Take packets as the container stores them: what a parser would read in hollow pictures is wrong.
AS_STORED = {"fflags": "noparse+nofillin"}
#: A packet of these may hold pictures that are never shown beside the one that is. What a container
#: says of the packet is true of the latter alone: others may well refer to a "disposable" one.
WITH_HIDDEN_PICTURES = frozenset({"av1", "vp9"})
#: When a stream of Matroska ends, as its muxers note in a tag.
END_TAG = re.compile(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)")
NOT_A_FILM = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image


def read_stream(source: ByteSource) -> StreamFacts:
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
    if boxes is None:
        return _stream_facts(BlockReader(source))
    if not boxes.is_fragmented:
        return _stream_facts(HollowReader(source))
    reader = FragmentReader(source)
    try:
        return _stream_facts(reader)
    except VideoUnreadable:
        if reader.end_of_boxes() == source.size:
            raise
        # libav refuses a film whose last fragment breaks off in its table of packets.
        return _stream_facts(FragmentReader(source, reader.end_of_boxes()))


def _stream_facts(reader: BlockReader) -> StreamFacts:
    """What a container says of its film; raises VideoUnreadable when there is none."""
    source, fragmented = reader.source, isinstance(reader, FragmentReader)
    with opened(reader) as container:
        stream = film_stream(container, source.uri)
        if stream.time_base is None:
            raise VideoUnreadable(source.uri, "its video stream has no time base.")
        leave_out_others(container, stream)
        reader.head_is_known()
        packets, torn, failure = _demuxed(container, stream)
        return StreamFacts(
            uri=source.uri,
            file_size=source.size,
            end=reader.end,
            container=container.format.name,
            stream=stream.index,
            time_base=stream.time_base,
            frame_rate=stream.guessed_rate or stream.average_rate,
            # Fragments say how long they are themselves, and of a cut-off film some are missing.
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
def opened(reader: BlockReader) -> Iterator[InputContainer]:
    """Open a container by its content; its name plays no part, other files cannot be drawn in.

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
                **(AS_STORED if reader.hollow else {}),
            },
        )
    except (av.error.InvalidDataError, av.error.EOFError) as error:
        head = reader.source.read(0, 12)
        raise VideoUnreadable(
            uri, f"it is no video file: no known container begins with {head!r}."
        ) from error
    except av.error.FFmpegError as error:
        raise VideoUnreadable(
            uri,
            f"it cannot be opened: {error.strerror}. A list of other files is not followed, and "
            "a damaged film is better sent again.",
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
        held = (
            f"cover art and no film (streams: {kinds})" if streams else f"no video ({kinds} only)"
        )
        raise VideoUnreadable(uri, f"it holds {held}.")
    decodable = [stream for stream in films if stream.codec_context and stream.time_base]
    if not decodable:
        raise VideoUnreadable(
            uri,
            "there is no decoder for its codec; code the film anew, for example as H.264 in MP4.",
        )
    return max(decodable, key=_rank)


def _rank(stream: VideoStream) -> tuple[bool, int, int]:
    is_default = bool(stream.disposition & Disposition.default)
    return is_default, stream.width * stream.height, -stream.index


def leave_out_others(container: InputContainer, stream: VideoStream) -> None:
    """Let the demuxer pass over every other stream without reading it."""
    for other in container.streams:
        if other.index != stream.index:
            other.discard = Discard.all


def coded_packets(container: InputContainer, stream: VideoStream) -> Iterator[Packet[VideoStream]]:
    """The packets of a film to the end of its container, without those that hold nothing.

    Having read everything, PyAV 18.1 flushes as many streams as there are by then, and fails where
    one came up on the way (FLV, MPEG-TS) that was not there when the container was opened.
    """
    try:
        yield from (packet for packet in container.demux(stream) if packet.size)
    except IndexError as error:
        log.debug("%s: more streams than at its beginning: %s", container.name, error)


def _duration(stream: VideoStream) -> Fraction | None:
    """Seconds that a stream is said to last."""
    assert stream.time_base is not None
    if stream.duration is not None:
        return stream.duration * stream.time_base
    end = END_TAG.fullmatch(stream.metadata.get("DURATION", ""))
    if end is None:
        return None
    hours, minutes, seconds = map(Fraction, end.groups())
    return 3600 * hours + 60 * minutes + seconds - (stream.start_time or 0) * stream.time_base


def _demuxed(container: InputContainer, stream: VideoStream) -> tuple[CodedPackets, bool, str]:
    """The packets, whether the last is torn, and the error that ended the reading early."""
    columns = [array("q") for _ in range(8)]
    is_plain = stream.codec.canonical_name not in WITH_HIDDEN_PICTURES
    torn, failure = False, ""
    try:
        for packet in coded_packets(container, stream):
            torn = packet.is_corrupt
            for column, number in zip(columns, _row(packet, is_plain), strict=True):
                column.append(number)
    except av.error.FFmpegError as error:
        failure = str(error.strerror)
    return CodedPackets(*columns), torn, failure


def _row(packet: Packet[VideoStream], is_plain: bool) -> tuple[int, ...]:
    """The numbers of a packet, in the order of the columns of CodedPackets.

    ``is_plain``: it holds the picture that is shown and no other.
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
