"""One pass of decoding over a film: chosen packets in, pictures out, each known by its row.

Every packet carries its row through the decoder in place of its pts, so a picture that comes out
is known whatever the container's time stamps are worth.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain, islice
from types import TracebackType

import av
import numpy as np
import numpy.typing as npt
from av.codec.context import ThreadType
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from storyboard_ops.domain.error_tree import VideoUnreadable
from storyboard_ops.domain.sampling.coded_packets import PacketPlaces, Stretch
from storyboard_ops.gateways.sampling.byte_source import ByteSource
from storyboard_ops.gateways.sampling.frame_pixels import CodedPicture, PixelConverter
from storyboard_ops.gateways.sampling.index import coded_packets, leave_out_others, opened
from storyboard_ops.gateways.sampling.range_reader import AheadReader, PlannedReader

log = logging.getLogger(__name__)

#: Every thread holds pictures of its own, so they share this; and so many suffice.
THREADS_SHARE = 28_000_000  # bytes
MOST_THREADS = 4


def suited_threads(picture_bytes: int) -> int:
    """Decoding threads for a film that is sampled alone on the machine.

    ``picture_bytes``: of a picture as it is coded. Two 4K pictures of 8 bits share, not of 10.
    """
    return max(1, min(MOST_THREADS, os.cpu_count() or 1, THREADS_SHARE // picture_bytes))


#: What lies between two packets is passed over where it is longer than this, and read otherwise.
WORTH_A_JUMP = 2 * 1024 * 1024  # bytes
#: After a jump, the packet is looked for among so many.
LOOKED_THROUGH = 256


class DecodingError(Exception):
    """A wanted picture did not come out clean: the film is damaged here."""


@dataclass(frozen=True)
class FilmStream:
    """What a pass has to know of a film."""

    number: int  # of the video stream in its container
    skipped: int  # packets before row 0
    hollow: bool  # bytes of packets that are not wanted need not be read
    end: int  # bytes from the file's beginning that can be read
    places: PacketPlaces | None = None  # where it can be entered, if it is not hollow


class DecodedFrame:
    """A picture that came out of the decoder; it is converted only when asked for."""

    def __init__(self, frame: VideoFrame, converter: PixelConverter) -> None:
        self._frame = frame
        self._converter = converter
        #: -1 where one packet gave several pictures, and this is not the first of them.
        self.row = -1 if frame.pts is None else frame.pts
        self.is_damaged = frame.is_corrupt

    def picture(self) -> CodedPicture:
        """The picture as RGB."""
        return self._converter.picture(self._frame)

    def thumbnail(self, width: int, height: int) -> npt.NDArray[np.uint8]:
        """A small BGR version, shape (height, width, 3); it is neither turned nor stretched."""
        return self._converter.thumbnail(self._frame, width, height)


class DecodingPass:
    """A film opened for decoding, once, from front to back. A context manager.

    ``ranges``: the bytes that will be needed, as (first, end) offsets. ``threads``: 0 for as
    many as suit the size; with 1 the result is repeatable on damaged films too.
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
        self._container = self._closing.enter_context(opened(reader))
        stream = self._container.streams[self._film.number]
        assert isinstance(stream, VideoStream)
        leave_out_others(self._container, stream)
        reader.follow(self._ranges)
        self._stream, self._context = stream, stream.codec_context
        threads = self._threads or suited_threads(_picture_bytes(self._context))
        self._context.thread_type = ThreadType.NONE if threads == 1 else ThreadType.FRAME
        self._context.thread_count = threads
        # Now, while no picture is skipped: dav1d holds on to what it is told when it is opened.
        try:
            self._context.open(strict=False)
        except av.error.FFmpegError as error:
            raise VideoUnreadable(
                self._source.uri,
                f"its decoder, {self._context.name}, cannot be opened ({error.strerror}); code "
                "the film anew, for example as H.264 in MP4.",
            ) from error
        self._converter = PixelConverter(stream.sample_aspect_ratio)
        self._packets: Iterator[tuple[int, Packet[VideoStream]]] = enumerate(
            coded_packets(self._container, stream), start=-self._film.skipped
        )
        self._next_row = 0

    @property
    def codec(self) -> str:
        """Name of the decoder."""
        return self._context.name

    def planned(self, plan: Sequence[Stretch]) -> Iterator[DecodedFrame]:
        """The wanted pictures of a plan, as they come out of the decoder.

        Raises DecodingError on the first sign of damage: a broken picture, or one that is missing
        when its stretch ends.
        """
        try:
            for stretch in plan:
                missing = set(stretch.wanted)
                for frame in self._stretch(stretch):
                    if frame.is_damaged:
                        raise DecodingError(f"the picture in row {frame.row} is damaged")
                    if frame.row in missing:
                        missing.remove(frame.row)
                        yield frame
                    del frame  # 25 MB at 4K, which the decoder needs for the next
                if missing:
                    raise DecodingError(f"the picture in row {min(missing)} did not come out")
        except av.error.FFmpegError as error:
            raise DecodingError(str(error.strerror)) from error

    def everything(self, rows: range) -> Iterator[DecodedFrame]:
        """Every picture that the decoder shows; packets that cannot be decoded are passed over."""
        self._go_to(rows.start)
        self._context.skip_frame = "DEFAULT"
        for packet in self._readable_packets(rows):
            try:
                frames = self._context.decode(packet)
            except av.error.FFmpegError as error:
                log.debug("%s: a packet cannot be decoded: %s", self._source.uri, error)
                continue
            for frame in frames:
                yield DecodedFrame(frame, self._converter)

    def _stretch(self, stretch: Stretch) -> Iterator[DecodedFrame]:
        self._go_to(stretch.rows[0])
        for row in stretch.rows:
            packet = self._packet(row)
            if packet is None:
                raise DecodingError(f"the container ends before row {row}")
            self._context.skip_frame = "DEFAULT" if row in stretch.wanted else "NONREF"
            yield from self._decoded(packet)
        yield from self._decoded(None)
        self._context.flush_buffers()

    def _decoded(self, packet: Packet[VideoStream] | None) -> Iterator[DecodedFrame]:
        """The frames that come out; once they are taken, none of them is held here."""
        for frame in self._context.decode(packet):
            yield DecodedFrame(frame, self._converter)

    def _readable_packets(self, rows: range) -> Iterator[Packet[VideoStream] | None]:
        """The packets of some rows as far as the container gives them, then the draining None."""
        for row in rows:
            try:
                packet = self._packet(row)
            except av.error.FFmpegError as error:
                log.warning("%s: reading breaks off: %s", self._source.uri, error)
                break
            if packet is None:
                break
            yield packet
        yield None

    def _go_to(self, row: int) -> None:
        """Pass over what lies before a row, unless reading through it is as good.

        A container may take one somewhere else than where it was asked to; then it is read from
        its beginning, and not asked again.
        """
        places = self._places
        if places is None or self._bytes_before(row, places) <= WORTH_A_JUMP:
            return
        try:
            if self._has_entered(row, places):
                return
        except av.error.FFmpegError as error:
            log.info("%s: cannot be entered at packet %d: %s", self._source.uri, row, error)
        self._closing.close()
        self._places = None
        self._open()

    def _has_entered(self, row: int, places: PacketPlaces) -> bool:
        """Whether the container has led to the packet of a row."""
        if self._container.format.name == "mpegts":
            self._container.seek(places.position[row], unsupported_byte_offset=True)
        else:
            self._container.seek(places.pts[row], stream=self._stream)
        following = coded_packets(self._container, self._stream)
        for packet in islice(following, LOOKED_THROUGH):
            if (packet.pos, packet.size) == (places.position[row], places.size[row]):
                self._packets = chain([(row, packet)], enumerate(following, start=row + 1))
                self._next_row = row
                return True
        return False

    def _bytes_before(self, row: int, places: PacketPlaces) -> int:
        return places.position[row] - places.position[min(self._next_row, row)]

    def _packet(self, wanted: int) -> Packet[VideoStream] | None:
        """The packet of a row, or None at the container's end; rows are asked for in order."""
        for row, packet in self._packets:
            self._next_row = row + 1
            if row == wanted:
                packet.pts = packet.dts = wanted
                return packet
        return None


def _picture_bytes(context: VideoCodecContext) -> int:
    """Bytes of a picture as it is coded; of one with 8 bits of red, green and blue if unknown."""
    bits = context.format.padded_bits_per_pixel if context.format else 24
    return max(1, context.width * context.height * bits // 8)
