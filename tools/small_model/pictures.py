"""Pictures that the base weights are trained on: frames of the sample film and its drawings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from tools.sample_film.paper.images import ByteImage

INCLUDE = Path(__file__).parents[2] / "include"
FILM = INCLUDE / "sample_film" / "paper-lantern.mp4"
DRAWINGS = INCLUDE / "productions" / "paper-lantern" / "references"

EVERY = 6  # frames of the film from one that is used to the next
HEIGHTS = (144, 208, 304)  # px that frames are reduced to: far, medium and close views
#: Least sides of the reduced drawings, in px.
SIDES = (132, 181, 230)


def write_pictures(folder: Path) -> list[Path]:
    """Write frames (film_*.png) and drawings (drawn_*.png), each at several sizes.

    Raises OSError when film or drawings cannot be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, picture in (*_frames(), *_drawings()):
        path = folder / f"{name}.png"
        if not cv2.imwrite(str(path), picture):
            raise OSError(f"{path}: could not be written; check that the folder is writable")
        written.append(path)
    return written


def _frames() -> Iterator[tuple[str, ByteImage]]:
    reader = cv2.VideoCapture(str(FILM))
    number = 0
    while reader.grab():
        if number % EVERY == 0:
            _, frame = reader.retrieve()
            for height in HEIGHTS:
                yield f"film_{number:04d}_{height}", _reduced(frame, height / frame.shape[0])
        number += 1
    if not number:
        raise OSError(f"{FILM}: no frame could be read; check that the file is a film")


def _drawings() -> Iterator[tuple[str, ByteImage]]:
    for path in sorted(DRAWINGS.glob("*.png")):
        drawing = cv2.imread(str(path))
        if drawing is None:
            raise OSError(f"{path}: the picture could not be read")
        for side in SIDES:
            yield f"drawn_{path.stem}_{side}", _reduced(drawing, side / min(drawing.shape[:2]))


def _reduced(picture: np.ndarray, scale: float) -> ByteImage:
    size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
