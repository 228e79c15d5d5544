"""A few seconds of the sample film: frames of it, each shown for a second."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import av

from launcher.state.layout import Project

#: Seconds of the sample film in which its characters are well visible, one or more in each.
SECONDS = (5, 8, 10, 13, 17, 20, 24, 27, 30, 33, 36, 39, 42, 45, 48, 51)
RATE = 4  # frames a second


def short_film(path: Path, seconds: Sequence[float] = SECONDS) -> Path:
    """An H.264 film of 4 frames a second; second n shows the sample film's second seconds[n]."""
    with (
        av.open(str(Project().sample_film)) as source,
        av.open(str(path), "w") as container,
    ):
        video = source.streams.video[0]
        stream = container.add_stream("libx264", rate=RATE, options={"crf": "18"})
        stream.width, stream.height, stream.pix_fmt = video.width, video.height, "yuv420p"
        for second in seconds:
            picture = frame_at(source, second).to_ndarray(format="bgr24")
            for _ in range(RATE):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode())
    return path


def frame_at(source: av.container.InputContainer, second: float) -> av.VideoFrame:
    """The first frame that is shown at or after `second`."""
    source.seek(int(second * 1_000_000))
    return next(frame for frame in source.decode(video=0) if frame.time >= second - 1e-6)
