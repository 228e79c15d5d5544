"""Cut paper: the film's only drawing material.

A `Canvas` collects cut-outs. Each one casts a soft shadow on what already lies below it,
carries the fibre of its sheet and shows a thin lit and a thin shaded edge, as thick paper does.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from tools.sample_film.paper.images import ByteImage, FloatImage
from tools.sample_film.paper.light import falloff
from tools.sample_film.paper.outline import Outline, Point

FIBRE_TILE = 1024
FIBRE_SEED = 7
SHADOW_TINT = np.array([0.80, 0.95, 1.0], dtype=np.float32)  # BGR: shadows keep some blue


@dataclass(frozen=True)
class Extent:
    """The part of drawing space that a canvas shows, in drawing units, y down."""

    left: float
    top: float
    right: float
    bottom: float

    def pixels(self, scale: float) -> tuple[int, int]:
        """Width and height of the canvas at `scale` pixels per unit."""
        return (
            int(np.ceil((self.right - self.left) * scale)),
            int(np.ceil((self.bottom - self.top) * scale)),
        )


def bgr(colour: str) -> FloatImage:
    """`#rrggbb` as float BGR in 0..1."""
    return np.array([int(colour[i : i + 2], 16) / 255 for i in (5, 3, 1)], dtype=np.float32)


def mix(first: str, second: str, share: float) -> str:
    """The colour `share` of the way from the first to the second."""
    blend = bgr(first) * (1 - share) + bgr(second) * share
    blue, green, red = (round(float(v) * 255) for v in blend)
    return f"#{red:02x}{green:02x}{blue:02x}"


@lru_cache(maxsize=1)
def fibre() -> FloatImage:
    """One tile of paper fibre, about 0 +- 1, of shape (1024, 1024), the same in every run."""
    rng = np.random.default_rng(FIBRE_SEED)
    noise = rng.standard_normal((FIBRE_TILE, FIBRE_TILE)).astype(np.float32)
    grain = _soft_tile(noise, 0.8, 0.8)
    strands = _soft_tile(noise, 5.0, 0.9) + _soft_tile(noise.T, 1.2, 7.0)
    clouds = _soft_tile(noise, 24.0, 24.0)
    total = np.zeros_like(noise)
    for share, part in ((0.5, grain), (0.42, strands), (0.28, clouds)):
        total += np.float32(share) * part / part.std()
    return total


def _soft_tile(noise: FloatImage, sigma_x: float, sigma_y: float) -> FloatImage:
    """Blur a tile as if it repeated without end, so that its seams do not show."""
    pad = 96
    wide = np.pad(noise, pad, mode="wrap")
    soft = cv2.GaussianBlur(wide, (0, 0), sigmaX=sigma_x, sigmaY=sigma_y)
    return soft[pad:-pad, pad:-pad].astype(np.float32)


class Canvas:
    """Premultiplied BGRA in float32, 0..1, shape (height, width, 4)."""

    def __init__(self, extent: Extent, scale: float = 1.0, grain: float = 0.035) -> None:
        width, height = extent.pixels(scale)
        self.extent = extent
        self.scale = scale
        self.pixels: FloatImage = np.zeros((height, width, 4), dtype=np.float32)
        repeats = (-(-height // FIBRE_TILE), -(-width // FIBRE_TILE))
        tiled = np.tile(fibre(), repeats)[:height, :width]
        self._fibre: FloatImage = np.float32(1.0) + np.float32(grain) * tiled

    def cut(
        self,
        outline: Outline,
        colour: str,
        *,
        lift: float = 3.0,
        shade: float = 0.14,
        edge: float = 1.0,
        opacity: float = 1.0,
        inside: Outline | None = None,
    ) -> None:
        """Lay one cut-out on the canvas.

        lift: height above the paper below, in units; it sets the shadow. 0 casts none.
        shade: how much darker the foot of the cut-out is than its head, as a fraction.
        edge: strength of the lit and shaded rim; 0 for ink-like marks.
        inside: keep only what falls inside this outline (a stripe on a sleeve).
        """
        window = self._window(outline, 3.2 * lift + 2.0)
        if window is None:
            return
        mask = self._coverage(outline, window)
        if inside is not None:
            mask = mask * self._coverage(inside, window)
        self.press(mask * np.float32(opacity), window, colour, lift, shade, edge)

    def mark(
        self, outline: Outline, colour: str, opacity: float = 1.0, inside: Outline | None = None
    ) -> None:
        """Lay an ink mark: no thickness, no shadow."""
        self.cut(outline, colour, lift=0, shade=0, edge=0, opacity=opacity, inside=inside)

    def press(
        self,
        mask: FloatImage,
        window: tuple[slice, slice],
        colour: str,
        lift: float,
        shade: float,
        edge: float,
    ) -> None:
        """Lay a cut-out that is given as coverage (0..1) of a window of the canvas."""
        ground = self.pixels[window]
        if lift > 0:
            self._cast_shadow(mask, ground, lift * self.scale)
        sheet = self._sheet(mask, colour, shade) * self._fibre[window][..., None]
        if edge > 0:
            sheet *= self._rim(mask, edge)[..., None]
        solid = mask[..., None]
        ground[..., :3] = np.clip(sheet, 0, 1) * solid + ground[..., :3] * (1 - solid)
        ground[..., 3] = mask + ground[..., 3] * (1 - mask)

    def glow(self, centre: Point, radius: float, colour: str, strength: float) -> None:
        """Add light without covering anything (premultiplied colour of zero alpha)."""
        x, y = (float(v) for v in self._to_pixels(np.asarray([centre]))[0])
        light = falloff(self.pixels.shape[:2], (x, y), radius * self.scale, 3.0)
        self.pixels[..., :3] += np.float32(strength) * light[..., None] * bgr(colour)

    def wash(self, stops: list[tuple[float, str]]) -> None:
        """Cover the whole canvas with a vertical gradient of stops (share from the top, colour)."""
        y = np.linspace(0.0, 1.0, self.pixels.shape[0])
        places = [place for place, _ in stops]
        colours = np.stack([bgr(colour) for _, colour in stops])
        ramp = np.stack([np.interp(y, places, colours[:, i]) for i in range(3)], axis=1)
        self.pixels[..., :3] = ramp[:, None].astype(np.float32) * (
            0.5 + 0.5 * self._fibre[..., None]
        )
        self.pixels[..., 3] = 1.0

    def bytes(self) -> ByteImage:
        """Premultiplied BGRA, uint8, dithered so that long gradients show no bands."""
        height, width = self.pixels.shape[:2]
        dither = np.random.default_rng(FIBRE_SEED).random((height, width, 1), dtype=np.float32)
        return np.clip(self.pixels * 255 + dither * 0.98, 0, 255).astype(np.uint8)

    def _to_pixels(self, points: Outline) -> Outline:
        shifted: Outline = (points - np.array([self.extent.left, self.extent.top])) * self.scale
        return shifted

    def _window(self, outline: Outline, margin: float) -> tuple[slice, slice] | None:
        points, pad = self._to_pixels(outline), margin * self.scale
        low = np.floor(points.min(axis=0) - pad).astype(int)
        high = np.ceil(points.max(axis=0) + pad).astype(int) + 1
        height, width = self.pixels.shape[:2]
        columns = slice(max(low[0], 0), min(high[0], width))
        rows = slice(max(low[1], 0), min(high[1], height))
        empty = columns.start >= columns.stop or rows.start >= rows.stop
        return None if empty else (rows, columns)

    def _coverage(self, outline: Outline, window: tuple[slice, slice]) -> FloatImage:
        """Area of each pixel inside the outline, 0..1, from a twofold supersampled fill."""
        rows, columns = window
        size = (rows.stop - rows.start, columns.stop - columns.start)
        fine = np.zeros((2 * size[0], 2 * size[1]), dtype=np.uint8)
        local = (self._to_pixels(outline) - np.array([columns.start, rows.start])) * 2 - 0.5
        fixed = np.round(local * 16).astype(np.int32)
        cv2.fillPoly(fine, [fixed], 255, cv2.LINE_AA, shift=4)
        half = cv2.resize(fine, (size[1], size[0]), interpolation=cv2.INTER_AREA)
        return np.multiply(half, 1 / 255, dtype=np.float32)

    @staticmethod
    def _cast_shadow(mask: FloatImage, ground: FloatImage, lift: float) -> None:
        fallen = _shifted(mask, 0.35 * lift, 0.8 * lift)
        soft = cv2.GaussianBlur(fallen, (0, 0), max(0.6, 0.8 * lift)) * (1 - mask)
        ground[..., :3] *= 1 - 0.36 * soft[..., None] * SHADOW_TINT

    @staticmethod
    def _sheet(mask: FloatImage, colour: str, shade: float) -> FloatImage:
        covered = np.flatnonzero(mask.max(axis=1) > 0)
        rows = np.arange(mask.shape[0], dtype=np.float32)
        top, bottom = (covered[0], covered[-1]) if len(covered) else (0, 1)
        depth = np.clip((rows - top) / max(bottom - top, 1), 0, 1)
        ramp = (1 + shade * 0.35 - shade * depth)[:, None, None]
        sheet: FloatImage = np.empty((*mask.shape, 3), dtype=np.float32)
        sheet[...] = bgr(colour) * ramp
        return sheet

    def _rim(self, mask: FloatImage, strength: float) -> FloatImage:
        width = min(max(1.0, 1.6 * self.scale), 4.0)
        lit = np.clip(mask - _shifted(mask, 0.5 * width, width), 0, 1)
        shaded = np.clip(mask - _shifted(mask, -0.5 * width, -width), 0, 1)
        rim: FloatImage = (1 + strength * (0.16 * lit - 0.17 * shaded)).astype(np.float32)
        return rim


def _shifted(mask: FloatImage, dx: float, dy: float) -> FloatImage:
    """The mask moved by a fraction of a pixel or more; what leaves the window is lost."""
    matrix = np.array([[1.0, 0.0, dx], [0.0, 1.0, dy]])
    height, width = mask.shape
    return cv2.warpAffine(mask, matrix, (width, height), flags=cv2.INTER_LINEAR).astype(np.float32)
