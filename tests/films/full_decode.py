"""The reference: decode every frame in the plainest way, and note who is on screen when.

It shares nothing with the planned decode but the conversion of a frame to a picture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from operator import attrgetter
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from storyboard_ops.core.pictures.shape import shown
from storyboard_ops.gateways.sampling.frame_pixels import PixelConverter


@dataclass(frozen=True, eq=False)
class Reference:
    """A sample as a full decode gives it."""

    k: int
    pts: int
    picture: np.ndarray


#: When a frame is on screen: at its pts or, in AVI, when it comes out of the decoder.
by_pts, by_arrival = attrgetter("pts"), attrgetter("dts")


def full_decode(
    path: Path,
    interval: Fraction,
    stream_index: int = 0,
    time_of: Callable[[VideoFrame], int | None] = by_pts,
) -> list[Reference]:
    """Samples of a film whose frames have rising times, by decoding all of it in one thread.

    A frame without a time follows the one before.
    """
    with av.open(str(path)) as container:
        stream = container.streams.video[stream_index]
        assert stream.time_base is not None
        converter = PixelConverter(stream.sample_aspect_ratio)
        samples: list[Reference] = []
        for frame, pts, leaves in with_times(every_frame(stream), time_of):
            if not samples:
                start = pts
            picture = None
            while start + len(samples) * interval / stream.time_base < leaves:
                picture = converted(converter, frame) if picture is None else picture
                samples.append(Reference(len(samples), pts, picture))
        return samples


def with_times(
    frames: Iterator[VideoFrame], time_of: Callable[[VideoFrame], int | None]
) -> Iterator[tuple[VideoFrame, int, int]]:
    """Each frame with its time, and that at which it leaves the screen."""
    current = next(frames)
    pts = time_of(current) or 0
    for following in frames:
        known = time_of(following)
        leaves = pts + max(current.duration or 0, 1) if known is None else known
        yield current, pts, leaves
        current, pts = following, leaves
    yield current, pts, pts + max(current.duration or 0, 1)


def converted(converter: PixelConverter, frame: VideoFrame) -> np.ndarray:
    """The picture that a frame shows."""
    coded = converter.picture(frame)
    return shown(coded.rgb, coded.transfer, coded.sample_aspect, coded.matrix, coded.alpha)


def every_frame(stream: VideoStream) -> Iterator[VideoFrame]:
    """All frames that a single-threaded decoder shows, damaged packets passed over."""
    stream.codec_context.thread_type = "NONE"
    for packet in stream.container.demux(stream):
        try:
            yield from packet.decode()
        except av.error.InvalidDataError:
            continue
