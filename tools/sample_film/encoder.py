"""H.264 in MP4 through PyAV: encode shots separately, join them without encoding again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
from av.video.reformatter import Colorspace

from tools.sample_film.paper.images import ByteImage
from tools.sample_film.staging.camera import FPS, HEIGHT, WIDTH

BT709 = 1  # the number that H.264 gives to the primaries, transfer and matrix of BT.709
LIMITED_RANGE = 1
GROUP_OF_PICTURES = 48
OPTIONS = {"preset": "veryfast", "crf": "21", "tune": "animation", "profile": "high"}


def encode(pictures: Iterable[ByteImage], path: Path) -> None:
    """Encode BGR uint8 pictures of shape (720, 1280, 3); the same pictures give the same bytes."""
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=FPS, options=OPTIONS)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.gop_size = GROUP_OF_PICTURES
        stream.time_base = Fraction(1, FPS)
        context = stream.codec_context
        context.thread_count = 1  # threads change x264's decisions, hence the bytes
        context.color_primaries = context.color_trc = context.colorspace = BT709
        context.color_range = LIMITED_RANGE
        for pts, picture in enumerate(pictures):
            frame = coded_frame(picture)
            frame.pts, frame.time_base = pts, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def coded_frame(picture: ByteImage) -> av.VideoFrame:
    """The picture as YUV 4:2:0 of BT.709, which is what the encoder is given."""
    frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
    return frame.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709)


def join(parts: Sequence[Path], lengths: Sequence[int], path: Path) -> None:
    """Join encoded parts in order; `lengths` are their numbers of frames.

    The index is at the front of the file, so that a player can begin before it has all of it.
    """
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        stream = None
        start = Fraction(0)
        for part, length in zip(parts, lengths, strict=True):
            with av.open(str(part)) as source:
                template = source.streams.video[0]
                if stream is None:
                    stream = container.add_stream_from_template(template)
                for packet in source.demux(template):
                    if packet.dts is None or packet.pts is None or packet.time_base is None:
                        continue
                    offset = int(start / packet.time_base)
                    packet.pts += offset
                    packet.dts += offset
                    packet.stream = stream
                    container.mux(packet)
            start += Fraction(length, FPS)
