"""Finds the shot of a moment by comparing every frame of a film with the frames before it.

References are often cut from the film that is then examined. Frames of the same shot look like
them, so figures over all frames flatter; figures over the frames outside those shots do not.
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
#: Mean difference of levels, 0..255, between frames (cuts) and over 12 frames (fades).
CUT_DIFFERENCE = 16.0
FADE_DIFFERENCE = 40.0
NEIGHBOURHOOD_S = 0.75


def shots_at(path: Path, times: Sequence[float]) -> Iterator[tuple[float, int]]:
    """Yield each time with the shot number of the first frame at or after it."""
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
                yield wanted.popleft(), shot


def reference_shots(
    moments: Iterable[tuple[float, int]], reference_seconds: Collection[float]
) -> set[int]:
    """The shots that references were cut from; `moments` are times with their shot numbers."""
    return {
        shot
        for seconds, shot in moments
        for reference in reference_seconds
        if abs(seconds - reference) <= NEIGHBOURHOOD_S
    }
