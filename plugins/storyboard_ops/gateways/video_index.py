"""Opening a film: which stream of a container is the film, and what packets it has."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from contextlib import contextmanager

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Discard, Disposition
from av.video.stream import VideoStream

from storyboard_ops.domain.coded_packets import NO_PTS, CodedPackets, StreamFacts
from storyboard_ops.domain.error_tree import VideoUnreadable
from storyboard_ops.gateways.byte_source import ByteSource
from storyboard_ops.gateways.movie_boxes import movie_boxes
from storyboard_ops.gateways.range_reader import BlockReader, HollowReader

#: Take packets as the container stores them: what a parser would read in hollow pictures is wrong.
AS_STORED = {"fflags": "noparse+nofillin"}
#: A packet of these may hold pictures that are never shown beside the one that is. What a container
#: says of the packet is true of the latter alone: others may well refer to a "disposable" one.
WITH_HIDDEN_PICTURES = frozenset({"av1", "vp9"})
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
    hollow = boxes is not None and not boxes.is_fragmented
    reader = HollowReader(source)
    with opened(reader, source.uri, hollow) as container:
        stream = film_stream(container, source.uri)
        if stream.time_base is None:
            raise VideoUnreadable(source.uri, "its video stream has no time base.")
        leave_out_others(container, stream)
        reader.hollow = hollow
        packets, failure = _demuxed(container, stream)
        return StreamFacts(
            uri=source.uri,
            file_size=source.size,
            container=container.format.name,
            stream=stream.index,
            time_base=stream.time_base,
            frame_rate=stream.guessed_rate or stream.average_rate,
            duration=stream.duration,
            hollow=hollow,
            failure=failure,
            packets=packets,
        )


@contextmanager
def opened(reader: BlockReader, uri: str, hollow: bool) -> Iterator[InputContainer]:
    """Open a container by its content; its name plays no part, other files cannot be drawn in.

    ``hollow``: pictures may read as zeros, so nothing is concluded from them.
    Raises VideoUnreadable when no known container begins like this, or it cannot be opened.
    """
    try:
        container = av.open(
            reader,
            mode="r",
            metadata_errors="replace",
            container_options={"protocol_whitelist": "none", **(AS_STORED if hollow else {})},
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


def _demuxed(container: InputContainer, stream: VideoStream) -> tuple[CodedPackets, str]:
    """The packets, and the error that ended the reading early, if one did."""
    columns = [array("q") for _ in range(8)]
    is_plain = stream.codec.canonical_name not in WITH_HIDDEN_PICTURES
    failure = ""
    try:
        for packet in container.demux(stream):
            if packet.size:
                for column, number in zip(columns, _row(packet, is_plain), strict=True):
                    column.append(number)
    except av.error.FFmpegError as error:
        failure = str(error.strerror)
    return CodedPackets(*columns), failure


def _row(packet: Packet, is_plain: bool) -> tuple[int, ...]:
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
