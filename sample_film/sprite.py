"""Lit pictures of characters, drawn once per pose and size."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from .characters import CAST
from .outline import Point
from .paper import ByteImage, Canvas, FloatImage, bgr
from .pose import Held, Pose
from .props import LANTERN_GLOW, STAR_GOLD, light_of
from .stage import Light

GLOW_COLOUR = {Held.STAR: STAR_GOLD, Held.LANTERN: LANTERN_GLOW}


@dataclass(frozen=True)
class Sprite:
    """image: premultiplied BGRA, uint8. sole: pixel of the drawing's origin.

    lamp: pixel and radius in pixels of the light that a held thing sheds; radius 0 for none.
    """

    image: ByteImage
    sole: Point
    lamp: Point
    lamp_radius: float


@lru_cache(maxsize=96)
def sprite(character_id: str, pose: Pose, scale: float, light: Light) -> Sprite:
    """Draw one pose at `scale` pixels per unit."""
    character = CAST[character_id]
    extent = character.extent
    canvas = Canvas(extent, scale)
    drawing = character.draw(canvas, pose.facing_right())
    place, radius = light_of(pose.held, drawing.hand)
    lamp = ((place[0] - extent.left) * scale, (place[1] - extent.top) * scale)
    sole = (-extent.left * scale, -extent.top * scale)
    if pose.mirrored:
        width = canvas.pixels.shape[1]
        canvas.pixels = np.ascontiguousarray(canvas.pixels[:, ::-1])
        lamp, sole = (width - lamp[0], lamp[1]), (width - sole[0], sole[1])
    _shine(canvas.pixels, light, scale)
    if radius:
        _warm(canvas.pixels, lamp, radius * scale, GLOW_COLOUR[pose.held], light.glow)
    return Sprite(canvas.bytes(), sole, lamp, radius * scale)


def _shine(pixels: FloatImage, light: Light, scale: float) -> None:
    """Tint by the setting's light and brighten the outline on the lit side."""
    alpha = pixels[..., 3]
    height, width = alpha.shape
    pixels[..., :3] *= bgr(light.tint)
    side = np.linspace(-1, 1, width, dtype=np.float32)[None, :, None] * light.rim_from
    pixels[..., :3] *= 1 + 0.10 * side
    reach = 7.0 * scale
    away = np.array([[1.0, 0.0, -light.rim_from * reach], [0.0, 1.0, 0.6 * reach]])
    covered = cv2.warpAffine(alpha, away, (width, height), flags=cv2.INTER_LINEAR)
    soft = cv2.GaussianBlur(covered, (0, 0), max(0.8, 0.5 * reach))
    rim = np.clip(alpha - soft, 0, 1) * alpha * light.rim_strength
    pixels[..., :3] += (bgr(light.rim) - pixels[..., :3]) * rim[..., None]


def _warm(pixels: FloatImage, lamp: Point, radius: float, colour: str, strength: float) -> None:
    """Light the character by what it holds."""
    rows, columns = np.ogrid[: pixels.shape[0], : pixels.shape[1]]
    squared = ((rows - lamp[1]) ** 2 + (columns - lamp[0]) ** 2) / radius**2
    lit = (strength * np.exp(-2.2 * squared)).astype(np.float32)[..., None]
    pixels[..., :3] *= 1 + 0.55 * lit * bgr(colour)
    np.minimum(pixels[..., :3], pixels[..., 3:], out=pixels[..., :3])
