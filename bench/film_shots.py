"""Which shot a moment of a film belongs to, by looking at every frame of it.

Reference pictures are often cut from the film that a model is then asked about. Frames of the same
shot look like them, so that figures over all frames flatter; the frames outside those shots do not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

FADE_FRAMES = 12
CUT_DIFFERENCE = 16.0
FADE_DIFFERENCE = 40.0
"""Mean difference of levels, 0..255, between frames (cuts) and over 12 frames (fades)."""

NEIGHBOURHOOD_S = 0.75


def frames_at(path: Path, times: Sequence[float]) -> Iterator[tuple[float, int, np.ndarray]]:
    """Time, number of the shot and BGR pixels of the first frame at or after each time."""
    wanted = deque(sorted(times))
    shot, recent = 0, deque[np.ndarray](maxlen=FADE_FRAMES)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        time_base = stream.time_base or Fraction(1)
        first = (stream.start_time or 0) * time_base
        for decoded in container.decode(stream):
            pixels = decoded.to_ndarray(format="bgr24")
            thumbnail = cv2.resize(pixels, (64, 36), interpolation=cv2.INTER_AREA).astype(float)
            recent.append(thumbnail)
            cut = np.abs(thumbnail - recent[max(0, len(recent) - 2)]).mean() > CUT_DIFFERENCE
            if cut or np.abs(thumbnail - recent[0]).mean() > FADE_DIFFERENCE:
                shot += 1
                recent.clear()
            seconds = float((decoded.pts or 0) * time_base - first)
            while wanted and seconds >= wanted[0] - 1e-6:
                yield wanted.popleft(), shot, pixels


def reference_shots(
    moments: Iterable[tuple[float, int]], reference_seconds: Collection[float]
) -> set[int]:
    """The shots that a reference picture was cut from; `moments` are times with their shots."""
    return {
        shot
        for seconds, shot in moments
        for reference in reference_seconds
        if abs(seconds - reference) <= NEIGHBOURHOOD_S
    }
