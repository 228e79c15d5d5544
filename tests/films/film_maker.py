"""Tiny films with a known answer: every picture carries its own number as a row of bars.

The number survives lossy coding, scaling and turning back, so a test can say "the frame on screen
is number 17" without trusting any part of the decoder that it tests.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

BITS = 10
WIDTH, HEIGHT = 160, 48


def numbered(number: int, width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """(height, width, 3) RGB: ten bars, bright for a one, most significant bit first."""
    bits = [(number >> (BITS - 1 - place)) & 1 for place in range(BITS)]
    columns = np.repeat(np.array(bits, dtype=np.uint8) * 160 + 40, width // BITS)
    row = np.pad(columns, (0, width - len(columns)), constant_values=120)
    return np.repeat(np.repeat(row[None, :, None], height, axis=0), 3, axis=2)


def number_in(picture: np.ndarray) -> int:
    """The number that a picture carries."""
    luma = picture.astype(float).mean(axis=(0, 2))
    bar = len(luma) // BITS
    bits = [luma[place * bar : (place + 1) * bar].mean() > 120 for place in range(BITS)]
    return int("".join(str(int(bit)) for bit in bits), 2)


def make_film(
    path: Path,
    count: int = 0,
    *,
    codec: str = "libx264",
    rate: int = 25,
    pixels: str = "yuv420p",
    options: dict[str, str] | None = None,
    times: Sequence[int] | None = None,
    time_base: Fraction | None = None,
    picture: Callable[[int], np.ndarray] = numbered,
    container: str | None = None,
    container_options: dict[str, str] | None = None,
    prepare: Callable[[Any], None] | None = None,
) -> Path:
    """Write a film of ``count`` numbered pictures, or one for each of ``times``.

    ``times`` are pts in units of ``time_base`` (default: one frame each). ``prepare`` gets the
    stream before the first picture, for what has no argument here.
    """
    times = range(count) if times is None else times
    first = picture(0)
    with av.open(str(path), "w", format=container, options=container_options or {}) as film:
        stream: Any = film.add_stream(codec, rate=rate, options=options or {})
        stream.height, stream.width = first.shape[:2]
        stream.pix_fmt = pixels
        base = time_base or Fraction(1, rate)
        stream.codec_context.time_base = base
        if prepare is not None:
            prepare(stream)
        for number, pts in enumerate(times):
            frame = av.VideoFrame.from_ndarray(picture(number), format="rgb24")
            frame.pts, frame.time_base = pts, base
            for packet in stream.encode(frame):
                film.mux(packet)
        for packet in stream.encode(None):
            film.mux(packet)
    return path
