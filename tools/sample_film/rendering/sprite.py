"""Lit pictures of characters, drawn once per pose and size."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from tools.sample_film.characters import CAST
from tools.sample_film.characters.pose import Held, Pose
from tools.sample_film.characters.props import LANTERN_GLOW, STAR_GOLD, draw_held, light_of
from tools.sample_film.paper.canvas import Canvas, bgr
from tools.sample_film.paper.images import ByteImage, FloatImage
from tools.sample_film.paper.light import falloff
from tools.sample_film.paper.outline import Point
from tools.sample_film.staging.stage import Light

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
    hand = character.draw(canvas, pose.facing_right())
    draw_held(canvas, pose.held, hand)
    place, radius = light_of(pose.held, hand)
    lamp = ((place[0] - extent.left) * scale, (place[1] - extent.top) * scale)
    sole = (-extent.left * scale, -extent.top * scale)
    if pose.mirrored:
        width = canvas.pixels.shape[1]
        canvas.pixels = np.ascontiguousarray(canvas.pixels[:, ::-1])
        lamp, sole = (width - lamp[0], lamp[1]), (width - sole[0], sole[1])
    left, top = _trim(canvas)
    lamp, sole = (lamp[0] - left, lamp[1] - top), (sole[0] - left, sole[1] - top)
    _shine(canvas.pixels, light, scale)
    if radius:
        _warm(canvas.pixels, lamp, radius * scale, GLOW_COLOUR[pose.held], light.glow)
    return Sprite(canvas.bytes(), sole, lamp, radius * scale)


def _trim(canvas: Canvas) -> tuple[int, int]:
    """Keep only the rows and columns that are drawn on; returns how many went left and above."""
    left, top, width, height = cv2.boundingRect((canvas.pixels[..., 3] > 0).astype(np.uint8))
    canvas.pixels = canvas.pixels[top : top + height, left : left + width].copy()
    return left, top


def _shine(pixels: FloatImage, light: Light, scale: float) -> None:
    """Tint by the setting's light and brighten the outline on the lit side."""
    alpha = pixels[..., 3]
    width = alpha.shape[1]
    pixels[..., :3] *= bgr(light.tint)
    side = np.linspace(-1, 1, width, dtype=np.float32)[None, :, None] * light.rim_from
    pixels[..., :3] *= 1 + 0.10 * side
    rim = np.clip(alpha - _seen_from_behind(alpha, light, 7.0 * scale), 0, 1) * alpha
    pixels[..., :3] += (bgr(light.rim) - pixels[..., :3]) * (light.rim_strength * rim)[..., None]


def _seen_from_behind(alpha: FloatImage, light: Light, reach: float) -> FloatImage:
    """The outline, softened and moved away from the light; what it leaves free is the rim."""
    height, width = alpha.shape
    small = cv2.resize(alpha, (-(-width // 2), -(-height // 2)), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), max(0.5, 0.25 * reach))
    away = np.array([[2.0, 0.0, -light.rim_from * reach], [0.0, 2.0, 0.6 * reach]])
    moved = cv2.warpAffine(soft, away, (width, height), flags=cv2.INTER_LINEAR)
    return moved.astype(np.float32, copy=False)


def _warm(pixels: FloatImage, lamp: Point, radius: float, colour: str, strength: float) -> None:
    """Light the character by what it holds."""
    lit = np.float32(strength) * falloff(pixels.shape[:2], lamp, radius, 2.2)[..., None]
    pixels[..., :3] *= 1 + 0.42 * lit * bgr(colour)
    np.minimum(pixels[..., :3], pixels[..., 3:], out=pixels[..., :3])
