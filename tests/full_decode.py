"""The reference: decode every frame in the plainest way, then look up who is on screen when.

It shares nothing with the planned decode but the conversion of a frame to a picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from storyboard_ops.core.picture_shape import shown
from storyboard_ops.gateways.frame_pixels import PixelConverter


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
        stream.codec_context.thread_type = "NONE"
        assert stream.time_base is not None
        converter = PixelConverter(stream.sample_aspect_ratio)
        frames: list[tuple[int, int, np.ndarray]] = []
        for packet in container.demux(stream):
            try:
                decoded = packet.decode()
            except av.error.InvalidDataError:
                continue
            for frame in decoded:
                coded = converter.picture(frame)
                picture = shown(coded.rgb, coded.transfer, coded.sample_aspect, coded.matrix)
                frames.append((frame.pts, frame.duration or 0, picture))
        time_base = stream.time_base
    start, (last, lasting, _) = frames[0][0], frames[-1]
    samples: list[Reference] = []
    while True:
        time = Fraction(start) + len(samples) * interval / time_base
        if time > last and time >= last + lasting:
            return samples
        pts, _, picture = max((f for f in frames if f[0] <= time), key=lambda f: f[0])
        samples.append(Reference(len(samples), pts, picture))
