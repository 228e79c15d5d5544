"""An MP4 that is written frame by frame: H.264 with a constant frame rate, and AAC sound."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, cast

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream
from numpy.typing import NDArray

from storyboard_ops.domain.error_tree import BadInput

#: Samples per second of the sound, which is mono.
SAMPLE_RATE = 48_000
#: Encoders of H.264 that builds of FFmpeg have, and what makes each quick on still pictures.
ENCODERS: dict[str, dict[str, str]] = {
    "libx264": {"preset": "superfast", "tune": "stillimage", "crf": "20", "bf": "0"},
    "libopenh264": {},
    "h264_videotoolbox": {},
}
_BT709 = 1


def find_encoder() -> str:
    """Return the H.264 encoder of this PyAV; "" when it has none."""
    return next((name for name in ENCODERS if name in av.codecs_available), "")


class AnimaticFile:
    """Writes an MP4 to a path; a context manager, at whose end the file is complete.

    Memory stays flat: nothing is kept but what the encoders need. The index is at the beginning of
    the file, so that it plays while it is loaded.
    """

    def __init__(self, path: Path, size: tuple[int, int], frame_rate: Fraction) -> None:
        self._frames = self._samples = 0
        self._samples_per_frame = SAMPLE_RATE / frame_rate
        self._container = av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"})
        self._video = self._add_video(size, frame_rate)
        self._audio: AudioStream = self._container.add_stream(
            "aac", rate=SAMPLE_RATE, layout="mono", bit_rate=96_000
        )

    def _add_video(self, size: tuple[int, int], frame_rate: Fraction) -> VideoStream:
        encoder = find_encoder()
        if not encoder:
            raise BadInput(
                "This build of PyAV has no encoder for H.264, so no animatic is made; install the "
                "wheels of the package av."
            )
        options = dict(ENCODERS[encoder])
        video = cast(VideoStream, self._container.add_stream(encoder, frame_rate, options))
        context: Any = video.codec_context
        context.width, context.height = size
        context.pix_fmt = "yuv420p"
        context.time_base = 1 / frame_rate
        context.colorspace = context.color_primaries = context.color_trc = _BT709
        context.color_range = ColorRange.MPEG
        return video

    def add(self, frames: Iterable[NDArray[np.uint8]], sound: NDArray[np.int16]) -> None:
        """Append pictures, (H, W, 3) RGB, and what is heard with them, from their first one on.

        Sound that is shorter is followed by silence; what is longer is cut off.
        """
        heard = 0
        for picture in frames:
            self._encode_picture(picture)
            until = round(self._frames * self._samples_per_frame)
            count = until - self._samples
            part = sound[heard : heard + count]
            heard += count
            self._encode_sound(np.pad(part, (0, count - len(part))))

    def _encode_picture(self, picture: NDArray[np.uint8]) -> None:
        frame = VideoFrame.from_ndarray(picture, format="rgb24").reformat(
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
        )
        frame.pts, frame.time_base = self._frames, self._video.codec_context.time_base
        self._frames += 1
        self._container.mux(self._video.encode(frame))

    def _encode_sound(self, samples: NDArray[np.int16]) -> None:
        if not len(samples):
            return
        frame = AudioFrame.from_ndarray(samples[np.newaxis], format="s16", layout="mono")
        frame.sample_rate, frame.time_base = SAMPLE_RATE, Fraction(1, SAMPLE_RATE)
        frame.pts = self._samples
        self._samples += len(samples)
        self._container.mux(self._audio.encode(frame))

    def __enter__(self) -> AnimaticFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                self._container.mux(self._video.encode(None))
                self._container.mux(self._audio.encode(None))
        finally:
            self._container.close()
