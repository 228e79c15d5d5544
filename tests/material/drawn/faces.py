"""Two drawn people whose faces OpenCV's cascades find, and scenes that they stand in.

They let tests say who is where, without footage of real people.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Colour = tuple[int, int, int]  # RGB
Picture = NDArray[np.uint8]  # (H, W, 3) RGB


@dataclass(frozen=True)
class Look:
    """What tells one person from another."""

    skin: Colour
    hair: Colour
    coat: Colour
    wide: float  # of the face


ANA = Look(skin=(236, 196, 164), hair=(150, 60, 30), coat=(30, 120, 160), wide=0.85)
BEN = Look(skin=(196, 150, 112), hair=(24, 22, 40), coat=(200, 170, 40), wide=1.08)
PEOPLE = {"ana": ANA, "ben": BEN}


def face(look: Look, side: int = 240, ground: Colour = (170, 160, 150)) -> Picture:
    """A face from the front, in the middle of a square picture."""
    canvas = np.full((240, 240, 3), ground, np.uint8)
    shade = _scaled(look.skin, 0.55)
    _ellipse(canvas, (120, 105), (62 * look.wide + 6, 85), look.hair)
    _ellipse(canvas, (120, 120), (60 * look.wide, 80), look.skin)
    _ellipse(canvas, (120, 50), (54 * look.wide, 26), look.hair)
    for way in (-1, 1):
        eye = (120 + way * 26 * look.wide, 106)
        _ellipse(canvas, (eye[0], eye[1] + 2), (17, 12), shade)
        _ellipse(canvas, eye, (11, 6), (240, 240, 240))
        _ellipse(canvas, eye, (6, 6), (20, 20, 30))
        _ellipse(canvas, (eye[0], eye[1] - 17), (16, 4), look.hair)
    _ellipse(canvas, (120, 128), (4, 14), _scaled(look.skin, 1.12))
    _ellipse(canvas, (120, 141), (9, 5), shade)
    _ellipse(canvas, (120, 162), (22, 7), (150, 70, 70))
    smooth = cv2.GaussianBlur(canvas, (0, 0), 2)
    return np.asarray(cv2.resize(smooth, (side, side), interpolation=cv2.INTER_AREA), np.uint8)


def scene(*people: tuple[Look, int, int, int], width: int = 640, height: int = 360) -> Picture:
    """A frame with people in it, each given by look, left, top and side of the head's square."""
    frame = np.linspace((120, 160, 205), (110, 150, 90), height).astype(np.uint8)
    frame = np.repeat(frame[:, None], width, axis=1)
    for look, left, top, side in people:
        middle = left + side // 2
        _ellipse(frame, (middle, top + 2.1 * side), (0.75 * side, 1.3 * side), look.coat)
        square = face(look, side, tuple(int(v) for v in frame[top, left]))
        mask = np.zeros((side, side), np.uint8)
        _ellipse(mask, (side / 2, 0.46 * side), (0.31 * side, 0.4 * side), 255)
        part = frame[top : top + side, left : left + side]
        part[mask > 0] = square[mask > 0]
    return frame


def _ellipse(
    canvas: Picture, centre: tuple[float, float], axes: tuple[float, float], colour: Colour | int
) -> None:
    middle, half = (round(centre[0]), round(centre[1])), (round(axes[0]), round(axes[1]))
    cv2.ellipse(canvas, middle, half, 0, 0, 360, colour, -1, cv2.LINE_AA)


def _scaled(colour: Colour, factor: float) -> Colour:
    red, green, blue = (min(255, round(factor * value)) for value in colour)
    return red, green, blue
