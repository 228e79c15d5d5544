"""The reference: decode every frame in the plainest way, and note who is on screen when.

It shares nothing with the planned decode but the conversion of a frame to a picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
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


def full_decode(path: Path, interval: Fraction, stream_index: int = 0) -> list[Reference]:
    """Samples of a film whose frames have rising pts, by decoding all of it in one thread."""
    with av.open(str(path)) as container:
        stream = container.streams.video[stream_index]
        assert stream.time_base is not None
        converter = PixelConverter(stream.sample_aspect_ratio)
        samples: list[Reference] = []
        for frame, leaves in with_end(every_frame(stream)):
            if not samples:
                start = frame.pts
            picture = None
            while start + len(samples) * interval / stream.time_base < leaves:
                picture = converted(converter, frame) if picture is None else picture
                samples.append(Reference(len(samples), frame.pts, picture))
        return samples


def with_end(frames: Iterator[VideoFrame]) -> Iterator[tuple[VideoFrame, int]]:
    """Each frame with the pts at which it leaves the screen."""
    current = next(frames)
    for following in frames:
        yield current, following.pts
        current = following
    yield current, current.pts + max(current.duration or 0, 1)


def converted(converter: PixelConverter, frame: VideoFrame) -> np.ndarray:
    """The picture that a frame shows."""
    coded = converter.picture(frame)
    return shown(coded.rgb, coded.transfer, coded.sample_aspect, coded.matrix)


def every_frame(stream: VideoStream) -> Iterator[VideoFrame]:
    """All frames that a single-threaded decoder shows, damaged packets passed over."""
    stream.codec_context.thread_type = "NONE"
    for packet in stream.container.demux(stream):
        try:
            yield from packet.decode()
        except av.error.InvalidDataError:
            continue
