"""A film of two drawn figures, Ann in red and Bob in green, in two shots of other colours."""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np

from storyboard_ops.core.pictures.arrays import Picture
from storyboard_ops.domain.image_records import Box

WIDTH, HEIGHT, SECONDS = 640, 360, 8
#: Seconds of the first shot.
FIRST = 4
#: The ground of each shot: colours at its top and at its bottom, RGB.
GROUNDS = (((150, 200, 240), (190, 225, 250)), ((245, 225, 190), (225, 200, 160)))
ANN = ((190, 30, 40), (90, 20, 60))  # coat and trousers
BOB = ((30, 130, 60), (40, 50, 30))
SKIN, HAIR = (235, 190, 160), (50, 35, 30)


def ground(shot: int) -> Picture:
    """A ground without anybody, (HEIGHT, WIDTH, 3) RGB, with the grain that films have."""
    top, bottom = (np.array(colour, np.float32) for colour in GROUNDS[shot])
    share = np.linspace(0, 1, HEIGHT, dtype=np.float32)[:, None, None]
    grain = np.random.default_rng(7).normal(0, 3, (HEIGHT, WIDTH, 1))
    plain = np.broadcast_to(top + (bottom - top) * share, (HEIGHT, WIDTH, 3))
    return np.clip(plain + grain, 0, 255).astype(np.uint8)


def add_figure(picture: Picture, left: int, look: tuple[tuple[int, int, int], ...]) -> Box:
    """Draw a standing figure whose box begins ``left`` pixels from the border; return the box."""
    coat, trousers = look
    top, wide, high = 70, 90, 230
    middle = left + wide // 2
    cv2.rectangle(picture, (left + 22, top + 150), (left + wide - 22, top + high), trousers, -1)
    cv2.rectangle(picture, (left, top + 60), (left + wide, top + 160), coat, -1)
    cv2.circle(picture, (middle, top + 32), 32, SKIN, -1)
    cv2.ellipse(picture, (middle, top + 22), (32, 24), 0, 180, 360, HAIR, -1)
    for eye in (middle - 12, middle + 12):
        cv2.circle(picture, (eye, top + 34), 4, HAIR, -1)
    return Box(x=left / WIDTH, y=top / HEIGHT, w=wide / WIDTH, h=high / HEIGHT)


def drawn(second: int) -> tuple[Picture, dict[str, Box]]:
    """The frame of a second, and where Ann and Bob are in it."""
    shot = int(second >= FIRST)
    picture = ground(shot)
    step = 24 * (second % FIRST)
    places = (110 + step, 430 - step) if shot == 0 else (400 - step, 90 + step)
    boxes = [add_figure(picture, at, look) for at, look in zip(places, (ANN, BOB), strict=True)]
    return picture, dict(zip(("ann", "bob"), boxes, strict=True))


def cast_film(path: Path, seconds: range = range(SECONDS), *, people: bool = True) -> Path:
    """Write an H.264 film of 10 frames a second; without ``people``, of the grounds alone."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"crf": "16"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for second in seconds:
            shown = drawn(second)[0] if people else ground(int(second >= FIRST))
            for _ in range(10):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(shown, format="rgb24")))
        container.mux(stream.encode())
    return path
