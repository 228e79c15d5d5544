"""One way of sampling a film, in a process of its own: prints its time and what it saw.

    python bench/sampling/methods.py time|look METHOD FILM

CPU and wall time start after the imports. `time` prints a checksum of every 16th row of every
frame, which costs next to nothing. `look` adds a checksum of the whole frame and a thumbnail, by
which frames of different converters can be compared; its times include that work. The file stands
alone, because the interpreter of the peers does not have the product.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

Frames = Iterator[np.ndarray]
ROOT = Path(__file__).resolve().parents[2]


def planned(film: str, threads: int = 0) -> Frames:
    """The product's sampler."""
    decoder, clock = opened(film, threads)
    for sample in decoder.samples(clock, 0, clock.count):
        yield sample.picture
        del sample


def planned_by_one_thread(film: str) -> Frames:
    """The product's sampler, single-threaded."""
    return planned(film, threads=1)


def planned_half(film: str, half: int) -> Frames:
    """The samples of one half, as the worker of one of two shards decodes them."""
    decoder, clock = opened(film, threads=1)
    edges = (0, clock.count // 2, clock.count)
    for sample in decoder.samples(clock, *edges[half : half + 2]):
        yield sample.picture
        del sample


def opened(film: str, threads: int) -> tuple[Any, Any]:
    """The product's decoder of a film, and the clock of one sample a second."""
    from storyboard_ops.gateways.sampling.byte_source import FileBytes
    from storyboard_ops.steps.sampling.film_decoder import open_film

    decoder = open_film(FileBytes(Path(film)), threads)
    return decoder, decoder.clock(Fraction(1))


def floor(film: str) -> Frames:
    """Only the frames that references need, known in advance, without any other work."""
    import av

    from storyboard_ops.core.sampling.index import VideoIndex
    from storyboard_ops.core.sampling.plan import decode_plan, on_screen, sample_clock
    from storyboard_ops.gateways.sampling.frame_pixels import PixelConverter

    index = Path(f"{film}.index")
    table = VideoIndex.from_bytes(index.read_bytes()).table
    clock = sample_clock(table, Fraction(1))
    plan = iter(decode_plan(table, on_screen(table, clock, 0, clock.count)))
    start_clocks()
    with av.open(film) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        context.thread_count = 1
        converter = PixelConverter(None)
        stretch = next(plan)
        rows, last = set(stretch.rows), stretch.rows[-1]
        wanted = {int(table.pts[row]) for row in stretch.wanted}
        for row, packet in enumerate(container.demux(stream)):
            if row not in rows:
                continue
            context.skip_frame = "DEFAULT" if row in stretch.wanted else "NONREF"
            frames = context.decode(packet)
            if row == last:
                frames += context.decode(None)
                context.flush_buffers()
            for frame in frames:
                if frame.pts in wanted:
                    yield shown_picture(converter, frame)
            if row == last:
                stretch = next(plan, stretch)
                rows, last = set(stretch.rows), stretch.rows[-1]
                wanted = {int(table.pts[row]) for row in stretch.wanted}


def full_decode(film: str) -> Frames:
    """PyAV decodes every frame and converts the requested ones: the reference."""
    import av
    from av.video.frame import VideoFrame

    from storyboard_ops.gateways.sampling.frame_pixels import PixelConverter

    with av.open(film) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_type = "FRAME"
        converter = PixelConverter(None)
        assert stream.time_base is not None
        due, step, end = 0, round(1 / stream.time_base), 0
        current: VideoFrame | None = None
        for frame in container.decode(stream):
            assert frame.pts is not None
            while current is not None and due < frame.pts:
                yield shown_picture(converter, current)
                due += step
            current, end = frame, frame.pts + frame.duration
        while current is not None and due < end:
            yield shown_picture(converter, current)
            due += step


def shown_picture(converter: Any, frame: Any) -> np.ndarray:
    """The picture of a frame, as the product shows it."""
    from storyboard_ops.core.pictures.shape import shown

    coded = converter.picture(frame)
    return shown(coded.rgb, coded.transfer, coded.sample_aspect, coded.matrix, coded.alpha)


def ffmpeg(film: str) -> Frames:
    """`ffmpeg -vf fps=1:round=up` writes raw RGB into a pipe."""
    width, height = size_of(film)
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", film, "-vf", "fps=1:round=up"]
    command += ["-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    size = width * height * 3
    while len(body := process.stdout.read(size)) == size:
        yield np.frombuffer(body, np.uint8).reshape(height, width, 3)
    process.wait()


def opencv_grab(film: str) -> Frames:
    """OpenCV grabs every frame and retrieves the requested ones (constant frame rate)."""
    import cv2

    video = cv2.VideoCapture(film)
    rate = round(video.get(cv2.CAP_PROP_FPS))
    number = 0
    while video.grab():
        if number % rate == 0:
            yield cv2.cvtColor(video.retrieve()[1], cv2.COLOR_BGR2RGB)
        number += 1


def opencv_read(film: str) -> Frames:
    """OpenCV reads every frame (constant frame rate)."""
    import cv2

    video = cv2.VideoCapture(film)
    rate = round(video.get(cv2.CAP_PROP_FPS))
    number = 0
    while True:
        there, frame = video.read()
        if not there:
            return
        if number % rate == 0:
            yield cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
        number += 1


def decord(film: str) -> Frames:
    """decord reads the requested frames (constant frame rate)."""
    from decord import VideoReader

    reader = VideoReader(film)
    rate = round(reader.get_avg_fps())
    for number in range(0, len(reader), rate):
        yield reader[number].asnumpy()


def torchcodec(film: str) -> Frames:
    """torchcodec returns the frames played at the requested seconds."""
    from torchcodec.decoders import VideoDecoder

    reader = VideoDecoder(film, dimension_order="NHWC", seek_mode="exact")
    seconds = [float(second) for second in range(int(np.ceil(reader.metadata.duration_seconds)))]
    for frame in reader.get_frames_played_at(seconds).data:
        yield frame.numpy()


def size_of(film: str) -> tuple[int, int]:
    """Width and height in pixels."""
    command = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries"]
    command += ["stream=width,height", "-of", "csv=p=0", film]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    width, height = map(int, answer.stdout.strip().split(",")[:2])
    return width, height


METHODS: dict[str, Callable[[str], Frames]] = {
    "planned": planned,
    "planned, one thread": planned_by_one_thread,
    "planned, first half": partial(planned_half, half=0),
    "planned, second half": partial(planned_half, half=1),
    "floor": floor,
    "PyAV, full decode": full_decode,
    "ffmpeg fps=1:round=up": ffmpeg,
    "OpenCV grab and retrieve": opencv_grab,
    "OpenCV read": opencv_read,
    "decord": decord,
    "torchcodec": torchcodec,
}

_start: dict[str, float] = {}


def cpu_seconds() -> float:
    """CPU seconds of this process and of the children it has waited for."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def start_clocks() -> None:
    """Start the clocks: earlier work does not count."""
    _start.update(cpu=cpu_seconds(), wall=time.perf_counter())


def thumbnail(frame: np.ndarray) -> list[int]:
    """Mean luma of 16 x 9 tiles."""
    height, width = frame.shape[0] // 9 * 9, frame.shape[1] // 16 * 16
    sparse = frame[:height:4, :width:4].mean(axis=2)
    rows, columns = (sparse.shape[0] // 9 * 9, sparse.shape[1] // 16 * 16)
    tiles = sparse[:rows, :columns].reshape(9, rows // 9, 16, columns // 16)
    return [round(value) for value in tiles.mean(axis=(1, 3)).ravel()]


def import_for(method: str) -> None:
    """Import what the method needs, so that it does not count."""
    if method.startswith("planned") or method in ("floor", "PyAV, full decode"):
        sys.path.insert(0, str(ROOT / "plugins"))
        import storyboard_ops.steps.sampling.film_decoder  # noqa: F401
    elif method.startswith("OpenCV"):
        import cv2  # noqa: F401
    elif method in ("decord", "torchcodec"):
        __import__(method)


def glimpse(frame: np.ndarray) -> int:
    """Checksum of every 16th row: cheap enough to be timed with the method."""
    return zlib.crc32(np.ascontiguousarray(frame[::16]).data)


def look(frame: np.ndarray) -> tuple[int, int, list[int]]:
    """The glimpse, the checksum of the whole frame, and a thumbnail."""
    return glimpse(frame), zlib.crc32(np.ascontiguousarray(frame).data), thumbnail(frame)


TASKS: dict[str, Callable[[np.ndarray], Any]] = {"time": glimpse, "look": look}


def main(task: str, method: str, film: str) -> None:
    """Run the method and print its figures as JSON."""
    import_for(method)
    start_clocks()
    seen = list(map(TASKS[task], METHODS[method](film)))
    result = {
        "cpu": cpu_seconds() - _start["cpu"],
        "wall": time.perf_counter() - _start["wall"],
        "peak_mb": max(
            resource.getrusage(who).ru_maxrss / 1024
            for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        ),
        "seen": seen,
    }
    sys.stdout.write(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
