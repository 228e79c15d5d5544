"""Random pictures without characters, drawn from a seed, as negatives for templates."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from local_aws.vision.picture_codec import Floats, Pixels

Palette = NDArray[np.uint8]

PALETTE_SHARE = 0.6
MOST_SHAPES = 14


def draw_random_scene(generator: Generator, height: int, width: int, palette: Palette) -> Pixels:
    """Return a picture of gradients, clouds, shapes and letters.

    `palette` is uint8 (n, 3), BGR: most colours come from it, so that colour alone never
    distinguishes a scene from a character.
    """
    scene = _draw_gradient(generator, height, width, palette) + _draw_clouds(
        generator, height, width
    )
    pixels: Pixels = np.clip(scene, 0, 255).astype(np.uint8)
    for _ in range(generator.integers(0, MOST_SHAPES)):
        _draw_shape(generator, pixels, _choose_colour(generator, palette))
    if generator.random() < 0.5:
        pixels = cv2.GaussianBlur(pixels, (0, 0), float(generator.uniform(0.5, 3.0)))
    return pixels


def relight(generator: Generator, pixels: Pixels) -> Pixels:
    """Return the picture under a slightly different light: gain, offset and tint."""
    gain = generator.uniform(0.75, 1.2) * (1.0 + generator.normal(0.0, 0.05, 3))
    return np.clip(pixels * gain + generator.uniform(-12.0, 12.0), 0, 255).astype(np.uint8)


def _choose_colour(generator: Generator, palette: Palette) -> tuple[int, int, int]:
    if generator.random() < PALETTE_SHARE:
        chosen = palette[generator.integers(len(palette))]
    else:
        chosen = generator.integers(0, 256, 3)
    return int(chosen[0]), int(chosen[1]), int(chosen[2])


def _draw_gradient(generator: Generator, height: int, width: int, palette: Palette) -> Floats:
    top, bottom = (np.array(_choose_colour(generator, palette), np.float32) for _ in range(2))
    share = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    return np.broadcast_to(top * (1 - share) + bottom * share, (height, width, 3))


def _draw_clouds(generator: Generator, height: int, width: int) -> Floats:
    total = np.zeros((height, width, 3), np.float32)
    grey = generator.random() < 0.7
    for waves in (1, 3, 6, 12):
        if generator.random() < 0.6:
            rows, columns = (side * waves // 64 + 2 for side in (height, width))
            noise = generator.normal(0, 1, (rows, columns, 3)).astype(np.float32)
            if grey:
                noise = np.repeat(noise.mean(axis=2, keepdims=True), 3, axis=2)
            smooth = cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
            total += smooth * generator.uniform(4.0, 40.0)
    return total


def _draw_shape(generator: Generator, pixels: Pixels, colour: tuple[int, int, int]) -> None:
    height, width = pixels.shape[:2]
    x, y = int(generator.integers(0, width)), int(generator.integers(0, height))
    size = int(generator.integers(4, 70))
    kind = generator.choice(["ellipse", "polygon", "line", "letters"])
    if kind == "ellipse":
        axes = (size, max(2, int(size * generator.uniform(0.2, 1.0))))
        turn = float(generator.uniform(0, 180))
        cv2.ellipse(pixels, (x, y), axes, turn, 0, 360, colour, -1, cv2.LINE_AA)
    elif kind == "polygon":
        offsets = generator.normal(0, size, (generator.integers(3, 7), 2))
        cv2.fillPoly(pixels, [(offsets + np.array([x, y])).astype(np.int32)], colour, cv2.LINE_AA)
    elif kind == "line":
        end = int(generator.integers(0, width)), int(generator.integers(0, height))
        cv2.line(pixels, (x, y), end, colour, int(generator.integers(1, 10)), cv2.LINE_AA)
    else:
        text = "".join(generator.choice(list("AEKMORSTW"), 4))
        weight = int(generator.integers(1, 8))
        scale = float(generator.uniform(0.5, 3.0))
        cv2.putText(pixels, text, (x - 30, y), 0, scale, colour, weight, cv2.LINE_AA)
