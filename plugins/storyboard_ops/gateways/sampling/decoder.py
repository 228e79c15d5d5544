"""Decode chosen packets of a film in one pass; every picture comes with its packet's row.

Every packet carries its row through the decoder instead of its pts, so a decoded picture is
identified even when the container's time stamps are wrong.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, islice
from types import TracebackType

import av
import numpy as np
import numpy.typing as npt
from av.codec.context import CodecContext, ThreadType
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from storyboard_ops.domain.error_tree import VideoUnreadable
from storyboard_ops.domain.input_limits import MOST_PICTURE_PIXELS
from storyboard_ops.domain.sampling.coded_packets import PacketPlaces, Stretch
from storyboard_ops.gateways.sampling.byte_source import ByteSource
from storyboard_ops.gateways.sampling.frame_pixels import CodedPicture, PixelConverter
from storyboard_ops.gateways.sampling.index import (
    demux_packets,
    discard_other_streams,
    open_container,
)
from storyboard_ops.gateways.sampling.range_reader import AheadReader, PlannedReader

log = logging.getLogger(__name__)

#: Every thread keeps pictures of its own, which limits the threads by memory; more than
#: MOST_THREADS gain nothing.
THREADS_SHARE = 28_000_000  # bytes
MOST_THREADS = 4
#: Up to 720p, threads cost a tenth to a quarter more CPU, and one is fast enough.
WORTH_THREADS = 1_500_000  # bytes of a coded picture


def choose_threads(picture_bytes: int) -> int:
    """Choose the number of decoding threads for a film that is sampled alone on the machine.

    ``picture_bytes``: size of a coded picture. 4K gets two threads with 8 bits, one with 10.
    """
    if picture_bytes < WORTH_THREADS:
        return 1
    return max(1, min(MOST_THREADS, os.cpu_count() or 1, THREADS_SHARE // picture_bytes))


#: By the name of libav's own decoder, which ignores alpha: the one that does not.
WITH_ALPHA_PICTURES = {"vp8": "libvpx", "vp9": "libvpx-vp9"}

#: The gap between two packets is skipped if it is longer than this, and read otherwise.
WORTH_A_JUMP = 2 * 1024 * 1024  # bytes
#: After a jump, the packet is searched for among this many.
SEARCHED_PACKETS = 256


class DecodingError(Exception):
    """A wanted picture is damaged or missing."""


class NoKeyframeError(DecodingError):
    """A packet that is flagged as a keyframe is not one, so pictures after it would be inexact."""


@dataclass(frozen=True)
class FilmStream:
    """The facts about a film that a pass needs."""

    number: int  # of the video stream in its container
    hollow: bool  # bytes of unwanted packets need not be read
    end: int  # readable bytes from the start of the file
    places: PacketPlaces | None = None  # where to seek to packets, unless it is hollow


class DecodedFrame:
    """A decoded picture, which is converted on demand."""

    def __init__(self, frame: VideoFrame, converter: PixelConverter) -> None:
        self._frame = frame
        self._converter = converter
        #: -1 for every picture of a packet but the first.
        self.row = -1 if frame.pts is None else frame.pts
        #: The packet with which it came out of the decoder (one thread); -1 after the last one.
        self.fed_row = -1 if frame.dts is None else frame.dts
        self.is_damaged = frame.is_corrupt
        self.is_keyframe = frame.key_frame
        self.is_interlaced = frame.interlaced_frame

    def picture(self) -> CodedPicture:
        """Convert to RGB."""
        return self._converter.picture(self._frame)

    def thumbnail(self, width: int, height: int) -> npt.NDArray[np.uint8]:
        """Shrink to (height, width, 3) uint8 BGR, neither rotated nor stretched."""
        return self._converter.thumbnail(self._frame, width, height)


class DecodingPass:
    """A context manager that decodes a film once, from start to end.

    ``ranges``: the bytes that will be needed, as (first, end) offsets. ``threads``: 0 to choose
    them by picture size; 1 makes the result repeatable on damaged films too.
    Entering raises VideoUnreadable when the film or its decoder cannot be opened.
    """

    def __init__(
        self,
        source: ByteSource,
        film: FilmStream,
        ranges: Sequence[tuple[int, int]],
        threads: int,
    ) -> None:
        self._source = source
        self._film = film
        self._ranges = ranges
        self._threads = threads
        self._places = film.places
        self._closing = ExitStack()

    def __enter__(self) -> DecodingPass:
        try:
            self._open()
        except VideoUnreadable:
            self._closing.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.close()

    def _open(self) -> None:
        reader = (PlannedReader if self._film.hollow else AheadReader)(self._source, self._film.end)
        self._container = self._closing.enter_context(open_container(reader))
        stream = self._container.streams[self._film.number]
        assert isinstance(stream, VideoStream)
        discard_other_streams(self._container, stream)
        reader.fetch_ahead(self._ranges)
        self._stream, self._context = stream, _decoder_of(stream)
        threads = self._threads or choose_threads(_picture_bytes(self._context))
        self._context.thread_type = ThreadType.NONE if threads == 1 else ThreadType.FRAME
        self._context.thread_count = threads
        # A picture in the middle of the film may be larger than the film says.
        self._context.options = {"max_pixels": str(MOST_PICTURE_PIXELS)}
        # Open it now, while no picture is skipped: dav1d keeps the settings it is opened with.
        try:
            self._context.open(strict=False)
        except av.error.FFmpegError as error:
            raise VideoUnreadable(
                self._source.uri,
                f"its decoder, {self._context.name}, cannot be opened ({error.strerror}); "
                "re-encode the film, for example as H.264 in MP4.",
            ) from error
        self._converter = PixelConverter(stream.sample_aspect_ratio)
        self._packets: Iterator[tuple[int, Packet[VideoStream]]] = enumerate(
            demux_packets(self._container, stream)
        )
        self._next_row = 0

    @property
    def picture_size(self) -> tuple[int, int, Fraction | None]:
        """Coded width and height in pixels, and the shape of a pixel, as the film's head says."""
        return self._context.width, self._context.height, self._stream.sample_aspect_ratio

    @property
    def is_intra_only(self) -> bool:
        """Whether the codec codes every picture by itself."""
        return self._context.codec.intra_only

    @property
    def codec(self) -> str:
        """Name of the decoder."""
        return self._context.name

    def decode_planned(self, plan: Sequence[Stretch]) -> Iterator[DecodedFrame]:
        """Decode a plan and yield its wanted pictures in the decoder's order.

        Raises DecodingError at the first damage: a damaged picture, or one that is missing at the
        end of its stretch. Raises NoKeyframeError where a stretch begins at no keyframe.
        """
        try:
            for stretch in plan:
                missing = set(stretch.wanted)
                entered = stretch.entry < 0
                for frame in self._decode_stretch(stretch):
                    if frame.is_damaged:
                        raise DecodingError(f"the picture in row {frame.row} is damaged")
                    entered = entered or self._is_entry(frame, stretch.entry)
                    if not entered and frame.row in {stretch.entry, *missing}:
                        raise NoKeyframeError(f"the picture in row {stretch.entry} is no keyframe")
                    if frame.row in missing:
                        missing.remove(frame.row)
                        yield frame
                    del frame  # 25 MB at 4K that the decoder can reuse
                if missing:
                    raise DecodingError(f"the picture in row {min(missing)} is missing")
        except av.error.FFmpegError as error:
            raise DecodingError(str(error.strerror)) from error

    def _is_entry(self, frame: DecodedFrame, row: int) -> bool:
        """Return whether a frame is that of a row, and decoding may begin with it.

        Containers flag other packets as keyframes, too, and decoders give a picture for them.
        """
        return frame.row == row and (frame.is_keyframe or self.is_intra_only)

    def decode_all(self, rows: range) -> Iterator[DecodedFrame]:
        """Decode some rows and yield every picture; packets that cannot be decoded are skipped."""
        self._seek_to(rows.start)
        self._context.skip_frame = "DEFAULT"
        for packet in self._readable_packets(rows):
            try:
                frames = self._context.decode(packet)
            except av.error.FFmpegError as error:
                log.debug("%s: a packet cannot be decoded: %s", self._source.uri, error)
                continue
            for frame in frames:
                yield DecodedFrame(frame, self._converter)

    def _decode_stretch(self, stretch: Stretch) -> Iterator[DecodedFrame]:
        self._seek_to(stretch.rows[0])
        for row in stretch.rows:
            packet = self._packet(row)
            if packet is None:
                raise DecodingError(f"the container ends before row {row}")
            comes_out = row in stretch.wanted or row == stretch.entry
            self._context.skip_frame = "DEFAULT" if comes_out else "NONREF"
            yield from self._decode(packet)
        yield from self._decode(None)
        self._context.flush_buffers()

    def _decode(self, packet: Packet[VideoStream] | None) -> Iterator[DecodedFrame]:
        """Yield the frames of a packet, without keeping references to them."""
        for frame in self._context.decode(packet):
            yield DecodedFrame(frame, self._converter)

    def _readable_packets(self, rows: range) -> Iterator[Packet[VideoStream] | None]:
        """Yield the readable packets of some rows, then None, which drains the decoder."""
        for row in rows:
            try:
                packet = self._packet(row)
            except av.error.FFmpegError as error:
                log.warning("%s: reading stopped early: %s", self._source.uri, error)
                break
            if packet is None:
                break
            yield packet
        yield None

    def _seek_to(self, row: int) -> None:
        """Skip to a row, unless reading up to it costs no more.

        A container may seek to the wrong place; then it is read from its start, and this pass seeks
        no more.
        """
        places = self._places
        if places is None or self._bytes_before(row, places) <= WORTH_A_JUMP:
            return
        try:
            if self._seek(row, places):
                return
        except av.error.FFmpegError as error:
            log.info("%s: cannot seek to packet %d: %s", self._source.uri, row, error)
        self._closing.close()
        self._places = None
        self._open()

    def _seek(self, row: int, places: PacketPlaces) -> bool:
        """Seek to the packet of a row; False when it is not found."""
        if self._container.format.name == "mpegts":
            self._container.seek(places.position[row], unsupported_byte_offset=True)
        else:
            self._container.seek(places.pts[row], stream=self._stream)
        following = demux_packets(self._container, self._stream)
        for packet in islice(following, SEARCHED_PACKETS):
            if (packet.pos, packet.size) == (places.position[row], places.size[row]):
                self._packets = chain([(row, packet)], enumerate(following, start=row + 1))
                self._next_row = row
                return True
        return False

    def _bytes_before(self, row: int, places: PacketPlaces) -> int:
        return places.position[row] - places.position[min(self._next_row, row)]

    def _packet(self, wanted: int) -> Packet[VideoStream] | None:
        """Return the packet of a row, None at the container's end; rows are requested in order."""
        for row, packet in self._packets:
            self._next_row = row + 1
            if row == wanted:
                packet.pts = packet.dts = wanted
                return packet
        return None


def _decoder_of(stream: VideoStream) -> VideoCodecContext:
    """Return the decoder of a film; that of WebM with alpha decodes its second, alpha picture."""
    context = stream.codec_context
    if stream.metadata.get("alpha_mode") != "1" or context.name not in WITH_ALPHA_PICTURES:
        return context
    decoder = CodecContext.create(WITH_ALPHA_PICTURES[context.name], "r")
    assert isinstance(decoder, VideoCodecContext)
    decoder.width, decoder.height = context.width, context.height
    return decoder


def _picture_bytes(context: VideoCodecContext) -> int:
    """Return the bytes of a coded picture; with an unknown format, those of 8-bit RGB."""
    bits = context.format.padded_bits_per_pixel if context.format else 24
    return max(1, context.width * context.height * bits // 8)
