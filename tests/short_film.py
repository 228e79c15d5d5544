"""A few seconds of the sample film: frames drawn by its own code, each shown for a second."""

from __future__ import annotations

from pathlib import Path

import av

from sample_film.camera import FPS, HEIGHT, WIDTH
from sample_film.reel import frame_at

#: Seconds of the sample film in which its characters are well visible, one or more in each.
SECONDS = (5, 8, 10, 13, 17, 20, 24, 27, 30, 33, 36, 39, 42, 45, 48, 51)


def short_film(path: Path, seconds: tuple[int, ...] = SECONDS) -> Path:
    """An H.264 film of 4 frames a second; second n shows the sample film's second seconds[n]."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=4, options={"crf": "18"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for second in seconds:
            pixels = frame_at(round(second * FPS)).pixels
            for _ in range(4):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="bgr24")))
        container.mux(stream.encode())
    return path
