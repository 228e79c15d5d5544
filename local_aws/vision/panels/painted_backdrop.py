"""Backdrops of panels: soft painted layers of paper in the colours of the training crops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from local_aws.vision.picture_codec import Floats, Pixels

Colours = Floats
"""Colours (n, 3) or a picture (height, width, 3), BGR, 0..255."""

INDOOR_WORDS = frozenset(
    [
        "indoors",
        "inside",
        "room",
        "kitchen",
        "house",
        "hall",
        "corridor",
        "office",
        "bedroom",
        "workshop",
        "hut",
        "classroom",
        "library",
        "cafe",
        "shop",
        "studio",
        "attic",
        "cellar",
    ]
)
DARK_WORDS = frozenset(
    ["night", "midnight", "dark", "moon", "moonlight", "evening", "dusk", "stars", "starry"]
)
WARM_WORDS = frozenset(
    ["sunset", "sunrise", "dawn", "golden", "autumn", "fire", "campfire", "lantern", "warm"]
)
COLD_WORDS = frozenset(
    [
        "snow",
        "snowy",
        "winter",
        "ice",
        "icy",
        "frost",
        "rain",
        "rainy",
        "storm",
        "fog",
        "foggy",
        "misty",
    ]
)
MOST_COLOURS = 5
DEFAULT_COLOURS = np.array([[214, 196, 178], [188, 206, 200], [150, 176, 160]], np.float32)
"""Pale blue, pale sand and sage, BGR: for models without usable background colours."""


@dataclass(frozen=True)
class Backdrop:
    """A painted backdrop: `behind` (height, width, 3) BGR; `front` (height, width) 0..1, how much
    of it covers the feet of the figures; `ground` the y of the ground in pixels."""

    behind: Pixels
    front: Floats
    ground: int


def paint_backdrop(
    generator: Generator, height: int, width: int, colours: Colours, words: frozenset[str]
) -> Backdrop:
    """Return a room for words such as "kitchen", else hills; night, warm and cold words tint it."""
    painter = _paint_room if words & INDOOR_WORDS else _paint_hills
    picture, front, ground = painter(generator, height, width, _make_ramp(colours))
    if words & DARK_WORDS and not words & INDOOR_WORDS:
        picture = _add_moon(generator, picture)
    return Backdrop(np.clip(_tint(picture, words), 0, 255).astype(np.uint8), front, ground)


def palette_of(pixels: Pixels, where: NDArray[np.bool_]) -> Colours:
    """Return the main colours of the chosen pixels, float32 (n <= 5, 3), BGR, large first."""
    samples = pixels[where].astype(np.float32)
    samples = samples[:: max(1, len(samples) // 2000)]
    if len(samples) < 4 * MOST_COLOURS:
        return np.zeros((0, 3), np.float32)
    cv2.setRNGSeed(0)
    first = np.zeros((len(samples), 1), np.int32)
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 12, 1.0)
    _, labels, centres = cv2.kmeans(
        samples, MOST_COLOURS, first, criteria, 1, cv2.KMEANS_PP_CENTERS
    )
    return centres[np.argsort(-np.bincount(labels.ravel(), minlength=MOST_COLOURS), kind="stable")]


def _make_ramp(colours: Colours) -> list[Colours]:
    """Return five muted colours from light (far) to dark (near)."""
    source = colours if len(colours) >= 2 else DEFAULT_COLOURS
    luma = source @ np.array([0.114, 0.587, 0.299], np.float32)
    ordered = source[np.argsort(-luma)]
    places = np.linspace(0, len(ordered) - 1, 5)
    ramp = np.stack(
        [np.interp(places, np.arange(len(ordered)), ordered[:, channel]) for channel in range(3)],
        axis=1,
    ).astype(np.float32)
    lightness = np.linspace(232, 128, 5, dtype=np.float32)
    pale = ramp + (lightness - ramp @ np.array([0.114, 0.587, 0.299], np.float32))[:, None]
    grey = pale.mean(axis=1, keepdims=True)
    return list(np.clip(grey + 0.75 * (pale - grey), 20, 250))


def _paint_hills(
    generator: Generator, height: int, width: int, ramp: Sequence[Colours]
) -> tuple[Colours, Floats, int]:
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    picture = np.repeat(ramp[0] * (1 - 0.6 * down) + ramp[1] * 0.6 * down, width, axis=1)
    picture = picture + _add_mist(generator, height, width)[:, :, None]
    horizon = generator.uniform(0.42, 0.52)
    for layer, colour in enumerate(ramp[2:]):
        ridge = _draw_ridge(generator, width, height * (horizon + 0.16 * layer), height * 0.05)
        cover = _fill_below(ridge, height, softness=1.0 + 1.5 * (2 - layer))
        shade = 1.0 - 0.16 * np.clip((np.arange(height)[:, None] - ridge) / height, 0, 1)
        picture = (
            picture * (1 - cover[:, :, None]) + (colour * shade[:, :, None]) * cover[:, :, None]
        )
    front_line = _draw_ridge(generator, width, height * 0.925, height * 0.012)
    return picture, _fill_below(front_line, height, softness=1.5), round(0.95 * height)


def _paint_room(
    generator: Generator, height: int, width: int, ramp: Sequence[Colours]
) -> tuple[Colours, Floats, int]:
    floor = round(height * generator.uniform(0.74, 0.8))
    across = np.linspace(-1, 1, width, dtype=np.float32)[None, :, None]
    picture = np.repeat(ramp[1] * (1.0 - 0.10 * np.abs(across)), height, axis=0)
    picture[floor:] = ramp[3] * (1.0 - 0.10 * np.abs(across))
    canvas = np.ascontiguousarray(picture, np.float32)
    _draw_window(generator, canvas, floor, ramp)
    cv2.line(canvas, (0, floor), (width, floor), (0.8 * ramp[4]).tolist(), max(2, height // 160))
    for board in range(-8, 9):
        start = (width // 2 + board * width // 10, floor)
        end = (width // 2 + board * width // 4, height)
        cv2.line(canvas, start, end, (0.93 * ramp[3]).tolist(), max(1, height // 400), cv2.LINE_AA)
    return canvas, np.zeros((height, width), np.float32), round(0.97 * height)


def _draw_window(
    generator: Generator, canvas: Colours, floor: int, ramp: Sequence[Colours]
) -> None:
    height, width = canvas.shape[:2]
    left = round(width * generator.choice([0.10, 0.62]))
    top, right, bottom = (
        round(0.14 * height),
        left + round(0.26 * width),
        round(0.5 * floor + 0.1 * height),
    )
    cv2.rectangle(canvas, (left, top), (right, bottom), ramp[0].tolist(), -1)
    frame, weight = (0.75 * ramp[4]).tolist(), max(2, height // 110)
    cv2.rectangle(canvas, (left, top), (right, bottom), frame, weight, cv2.LINE_AA)
    middle = ((left + right) // 2, (top + bottom) // 2)
    cv2.line(canvas, (middle[0], top), (middle[0], bottom), frame, weight, cv2.LINE_AA)
    cv2.line(canvas, (left, middle[1]), (right, middle[1]), frame, weight, cv2.LINE_AA)


def _add_moon(generator: Generator, picture: Colours) -> Colours:
    height, width = picture.shape[:2]
    glow = np.zeros((height, width), np.float32)
    centre = (round(width * generator.uniform(0.15, 0.85)), round(height * 0.16))
    cv2.circle(glow, centre, height // 16, 1.0, -1, cv2.LINE_AA)
    halo = cv2.GaussianBlur(glow, (0, 0), height / 18)
    return picture + 60.0 * np.maximum(glow, halo)[:, :, None]


def _tint(picture: Colours, words: frozenset[str]) -> Colours:
    if words & DARK_WORDS:
        return picture * np.array([0.72, 0.56, 0.5], np.float32)
    if words & WARM_WORDS:
        return picture * np.array([0.84, 0.97, 1.06], np.float32)
    if words & COLD_WORDS:
        return 0.75 * picture + 0.25 * np.array([240, 234, 228], np.float32)
    return picture


def _add_mist(generator: Generator, height: int, width: int) -> Floats:
    noise = generator.normal(0, 1, (4, 6)).astype(np.float32)
    return 9.0 * cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)


def _draw_ridge(generator: Generator, width: int, level: float, swing: float) -> Floats:
    across = np.linspace(0, 2 * np.pi, width, dtype=np.float32)
    waves = [
        np.sin(across * generator.uniform(0.4, 0.9) * wave + generator.uniform(0, 6.3)) / wave
        for wave in (1, 2, 4)
    ]
    ridge: Floats = (level + swing * sum(waves))[None, :]
    return ridge


def _fill_below(ridge: Floats, height: int, softness: float) -> Floats:
    share: Floats = np.clip(
        (np.arange(height, dtype=np.float32)[:, None] - ridge) / softness + 0.5, 0, 1
    )
    return share
