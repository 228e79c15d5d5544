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
from av.codec.codec import Codec, UnknownCodecError
from av.error import FFmpegError
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


Part = tuple[Iterable[NDArray[np.uint8]], NDArray[np.int16]]


def write_animatic(
    path: Path, size: tuple[int, int], frame_rate: Fraction, parts: Iterable[Part]
) -> None:
    """Write an MP4 of (width, height), both even.

    ``parts``: pictures, (H, W, 3) RGB, one for each frame, and the mono samples at SAMPLE_RATE that
    are heard from the first of them on. Sound that is shorter than its pictures is followed by
    silence; what is longer is cut off. Memory stays flat: nothing is kept but what the encoders
    need. The index is at the beginning of the file, so that it plays while it is loaded. Raises
    BadInput when this build of PyAV cannot encode it, or the disk is full.
    """
    try:
        with _AnimaticFile(path, size, frame_rate) as film:
            for pictures, sound in parts:
                film.add(pictures, sound)
    except FFmpegError as error:
        raise BadInput(
            f"The animatic cannot be encoded: {error}. Look at the disk of this machine, and "
            "install the wheels of the package av."
        ) from error


def find_encoder() -> str:
    """Return the H.264 encoder of this PyAV; "" when it has none."""
    return next(filter(_can_encode, ENCODERS), "")


def _can_encode(name: str) -> bool:
    try:
        Codec(name, "w")
    except UnknownCodecError:
        return False
    return True


class _AnimaticFile:
    """The file while it is written: a context manager, at whose end it is complete."""

    def __init__(self, path: Path, size: tuple[int, int], frame_rate: Fraction) -> None:
        encoder = find_encoder()
        if not encoder:
            raise BadInput(
                "This build of PyAV has no encoder for H.264, so no animatic is made; install the "
                "wheels of the package av."
            )
        self._frames = self._samples = 0
        self._samples_per_frame = SAMPLE_RATE / frame_rate
        self._container = av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"})
        self._video = self._add_video(encoder, size, frame_rate)
        self._audio: AudioStream = self._container.add_stream(
            "aac", rate=SAMPLE_RATE, layout="mono", bit_rate=96_000
        )

    def _add_video(self, encoder: str, size: tuple[int, int], frame_rate: Fraction) -> VideoStream:
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
        """Append pictures, and what is heard with them."""
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

    def __enter__(self) -> _AnimaticFile:
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
