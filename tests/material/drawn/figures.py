"""Drawn figures from head to foot, with or without a face, in front of a landscape.

They let tests say what a picture shows: where the mouth is, how much of the figure is seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from storyboard_ops.domain.image_records import Box

Colour = tuple[int, int, int]  # RGB
Picture = NDArray[np.uint8]  # (H, W, 3) RGB


@dataclass(frozen=True)
class Figure:
    """A figure by its colours and proportions; the head is ``head`` of its height."""

    skin: Colour = (240, 205, 175)
    hair: Colour = (70, 40, 30)
    coat: Colour = (200, 60, 50)
    legs: Colour = (50, 60, 110)
    head: float = 0.24
    eyes: bool = True  # else it shows the back of its head

    def painted(self, colour: Colour) -> Figure:
        """The same figure in one colour, as against the light."""
        return replace(self, skin=colour, hair=colour, coat=colour, legs=colour, eyes=False)


#: Ten figures: children with large heads, adults with small ones, dark and light skin and clothes.
CAST = (
    Figure(),
    Figure(head=0.45, coat=(90, 180, 90), hair=(200, 90, 40)),
    Figure(head=0.38, skin=(150, 100, 70), hair=(40, 25, 20), coat=(150, 150, 150)),
    Figure(head=0.3, skin=(120, 80, 60), coat=(240, 200, 60)),
    Figure(head=0.18, coat=(60, 110, 170), legs=(90, 80, 70)),
    Figure(head=0.5, skin=(255, 225, 200), hair=(250, 220, 90), coat=(120, 70, 150)),
    Figure(head=0.33, skin=(170, 210, 150), hair=(60, 110, 60), coat=(110, 80, 50)),
    Figure(head=0.27, skin=(200, 200, 215), hair=(230, 230, 235), coat=(50, 50, 60)),
    Figure(head=0.21, coat=(235, 235, 230), legs=(150, 40, 60)),
    Figure(head=0.42, skin=(220, 160, 120), hair=(20, 20, 30), coat=(40, 150, 160)),
)
#: Ten grounds, from night to noon: the colours of sky and earth.
GROUNDS: tuple[tuple[Colour, Colour], ...] = (
    ((150, 190, 230), (110, 160, 90)),
    ((250, 190, 130), (120, 90, 110)),
    ((225, 225, 235), (190, 190, 180)),
    ((130, 140, 190), (80, 90, 110)),
    ((250, 220, 160), (170, 140, 90)),
    ((190, 215, 200), (90, 130, 100)),
    ((235, 170, 170), (140, 110, 90)),
    ((170, 170, 175), (125, 120, 115)),
    ((205, 185, 225), (120, 130, 150)),
    ((240, 235, 200), (160, 170, 110)),
)


def landscape(number: int, width: int = 960, height: int = 720) -> Picture:
    """A sky above hills and trees."""
    sky, earth = GROUNDS[number % len(GROUNDS)]
    dice = np.random.default_rng(number)
    shade = np.linspace(0.85, 1.05, height)[:, None, None]
    painted = np.clip(np.full((height, width, 3), sky) * shade, 0, 255)
    canvas = np.ascontiguousarray(painted, np.uint8)
    horizon = 0.72 * height
    for _ in range(14):
        x, rise = dice.uniform(0, width), dice.uniform(0.05, 0.25) * height
        red, green, blue = (min(255, int(v * dice.uniform(0.75, 1.1))) for v in earth)
        leaf = (red, green, blue)
        _ellipse(canvas, (x, horizon - rise), (0.05 * width, 0.07 * height), leaf)
        cv2.line(canvas, (round(x), round(horizon - rise)), (round(x), height), leaf, 6)
    _ellipse(canvas, (width / 2, 1.3 * height), (0.9 * width, 0.55 * height), earth)
    return canvas


def standing(
    figure: Figure, ground: Picture, middle: float = 0.5, top: float = 0.12, share: float = 0.8
) -> tuple[Picture, Box]:
    """Draw a figure of ``share`` of the height on a copy of a ground; returns it and its box.

    ``middle`` and ``top`` are shares of the width and height. What is beyond a border is cut off,
    and the box ends there.
    """
    canvas = ground.copy()
    height, width = canvas.shape[:2]
    tall = share * height
    x, y, head = middle * width, top * height, figure.head * tall
    shoulders = max(0.17 * tall, 0.45 * head)
    neck, hip = y + 0.95 * head, y + head + 0.55 * (tall - head)
    for side in (-1, 1):
        _line(canvas, (x + 0.4 * side * shoulders, hip), (x + 0.4 * side * shoulders, y + tall),
              0.4 * shoulders, figure.legs)  # fmt: skip
        _line(canvas, (x + 0.8 * side * shoulders, neck + 0.15 * shoulders),
              (x + 0.95 * side * shoulders, hip), 0.34 * shoulders, figure.coat)  # fmt: skip
        _ellipse(canvas, (x + 0.95 * side * shoulders, hip), [0.18 * shoulders] * 2, figure.skin)
    body = [(x - 0.7 * shoulders, neck), (x + 0.7 * shoulders, neck),
            (x + 0.9 * shoulders, hip), (x - 0.9 * shoulders, hip)]  # fmt: skip
    cv2.fillPoly(canvas, [np.round(body).astype(np.int32)], figure.coat, cv2.LINE_AA)
    _head(canvas, figure, x, y, head)
    half = max(1.17 * shoulders, 0.5 * head)
    box = Box.clamped((x - half) / width, y / height, (x + half) / width, (y + tall) / height)
    assert box is not None
    return cv2.GaussianBlur(canvas, (0, 0), 0.8).astype(np.uint8), box


def mouth_of(figure: Figure, box: Box) -> float:
    """The height of the mouth of a whole figure in its box, as a share of the picture's height."""
    return box.y + 0.78 * figure.head * box.h


def _head(canvas: Picture, figure: Figure, x: float, y: float, head: float) -> None:
    _ellipse(canvas, (x, y + head / 2), (0.42 * head, 0.5 * head), figure.hair)
    if not figure.eyes:
        return
    _ellipse(canvas, (x, y + 0.6 * head), (0.36 * head, 0.38 * head), figure.skin)
    for side in (-1, 1):
        _ellipse(canvas, (x + 0.15 * side * head, y + 0.55 * head), (0.04 * head, 0.055 * head),
                 (25, 20, 25))  # fmt: skip
    _ellipse(canvas, (x, y + 0.78 * head), (0.1 * head, 0.025 * head), (150, 60, 60))


def _line(
    canvas: Picture,
    start: tuple[float, float],
    end: tuple[float, float],
    thick: float,
    colour: Colour,
) -> None:
    first, last = ((round(x), round(y)) for x, y in (start, end))
    cv2.line(canvas, first, last, colour, max(1, round(thick)), cv2.LINE_AA)


def _ellipse(
    canvas: Picture, centre: tuple[float, float], axes: Sequence[float], colour: Colour
) -> None:
    middle, half = (round(centre[0]), round(centre[1])), (round(axes[0]), round(axes[1]))
    cv2.ellipse(canvas, middle, half, 0, 0, 360, colour, -1, cv2.LINE_AA)
