"""Faces: features placed on a ball, so that one description serves every view."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin

from tools.sample_film.characters.pose import Eyes, Mouth, Pose
from tools.sample_film.paper.canvas import Canvas
from tools.sample_film.paper.outline import (
    Outline,
    Point,
    Points,
    ellipse,
    polygon,
    smooth,
    stroke,
    turned,
)

INK = "#2a1f2d"
FACE_TURN = 0.76  # a face turns less than its body, so that a profile still shows an eye


@dataclass(frozen=True)
class Head:
    """A ball seen under a yaw, tilted about its neck; cuts go through it onto the canvas."""

    canvas: Canvas
    centre: Point
    radius: float
    pose: Pose
    neck: Point

    def at(
        self, azimuth: float, elevation: float, reach: float = 1.0
    ) -> tuple[float, float, float]:
        """x, y and horizontal foreshortening of a place on the ball, angles in degrees."""
        across = radians(azimuth + FACE_TURN * min(abs(self.pose.yaw), 90.0))
        up = radians(elevation)
        x = self.centre[0] + reach * self.radius * cos(up) * sin(across)
        y = self.centre[1] - reach * self.radius * sin(up)
        return x, y, max(0.0, cos(across))

    def cut(
        self, outline: Outline, colour: str, *, inside: Outline | None = None, **style: float
    ) -> None:
        """Lay a cut-out as `Canvas.cut` does, tilted with the head."""
        within = None if inside is None else self._tilted(inside)
        self.canvas.cut(self._tilted(outline), colour, inside=within, **style)

    def mark(self, outline: Outline, colour: str = INK, opacity: float = 1.0) -> None:
        """Lay an ink mark: no thickness, no shadow."""
        self.canvas.mark(self._tilted(outline), colour, opacity)

    def line(self, points: Points, width: float, colour: str = INK) -> None:
        self.mark(stroke(points, width), colour)

    def _tilted(self, outline: Outline) -> Outline:
        return turned(outline, self.pose.head_tilt, self.neck)


@dataclass(frozen=True)
class EyeStyle:
    """Sizes in units of the head's radius, angles in degrees."""

    azimuth: float = 24.0
    elevation: float = 4.0
    width: float = 0.13
    height: float = 0.19
    white: float = 0.0
    brow_height: float = 0.36
    brow_width: float = 0.07
    ink: str = INK
    brow_ink: str = INK


def draw_eyes(head: Head, style: EyeStyle) -> None:
    for side in (-1, 1):
        x, y, squeeze = head.at(side * style.azimuth, style.elevation)
        if squeeze < 0.22:
            continue
        _draw_eye(head, style, (x, y), max(squeeze, 0.5))
        _draw_brow(head, style, (x, y), max(squeeze, 0.6), side)


def _draw_eye(head: Head, style: EyeStyle, at: Point, squeeze: float) -> None:
    r, (x, y) = head.radius, at
    wide, tall = style.width * r * squeeze, style.height * r
    match head.pose.eyes:
        case Eyes.CLOSED:
            head.line([(x - 1.4 * wide, y), (x, y + 0.7 * tall), (x + 1.4 * wide, y)], 0.055 * r)
        case Eyes.HAPPY:
            low, high = y + 0.35 * tall, y - 0.9 * tall
            head.line([(x - 1.5 * wide, low), (x, high), (x + 1.5 * wide, low)], 0.065 * r)
        case open_eye:
            grow = 1.22 if open_eye is Eyes.WIDE else 1.0
            _draw_open_eye(head, style, at, wide * grow, tall * grow)


def _draw_open_eye(head: Head, style: EyeStyle, at: Point, wide: float, tall: float) -> None:
    (x, y), (aside, up) = at, head.pose.look
    if style.white:
        white = ellipse(at, wide * style.white, tall * style.white)
        head.cut(white, "#fffaf0", lift=0.8, shade=0.05, edge=0.6)
    px, py = x + aside * wide * 0.55, y - up * tall * 0.4
    head.mark(ellipse((px, py), wide, tall), style.ink)
    head.mark(ellipse((px + 0.32 * wide, py - 0.38 * tall), 0.34 * wide, 0.28 * tall), "#ffffff")
    gleam = ellipse((px - 0.3 * wide, py + 0.42 * tall), 0.18 * wide, 0.13 * tall)
    head.mark(gleam, "#ffffff", 0.6)


def _draw_brow(head: Head, style: EyeStyle, at: Point, squeeze: float, side: int) -> None:
    r, (x, y) = head.radius, at
    raised = y - (style.brow_height + 0.07 * head.pose.brow) * r
    half = style.width * r * 1.5 * squeeze
    slant = side * 0.07 * r * head.pose.brow
    start, end = (x - half, raised - slant), (x + half, raised + slant)
    wide = style.brow_width * r
    head.mark(stroke([start, (x, raised - 0.09 * r), end], wide, wide * 0.8), style.brow_ink)


def draw_cheeks(head: Head, colour: str, azimuth: float = 44.0, elevation: float = -20.0) -> None:
    for side in (-1, 1):
        x, y, squeeze = head.at(side * azimuth, elevation)
        if squeeze > 0.2:
            wide, tall = 0.19 * head.radius * squeeze, 0.13 * head.radius
            for share in (1.0, 0.8, 0.6):
                head.mark(ellipse((x, y), wide * share, tall * share), colour, 0.26)


def draw_mouth(head: Head, at: Point, half_width: float, colour: str = INK) -> None:
    """`half_width` in drawing units, foreshortening included."""
    (x, y), w, thick = at, half_width, 0.05 * head.radius
    match head.pose.mouth:
        case Mouth.SMILE:
            head.line(polygon([(-1, -0.12), (0, 0.8), (1, -0.12)], at, w), thick, colour)
        case Mouth.FLAT:
            head.line(polygon([(-0.7, 0.1), (0, 0), (0.7, 0.16)], at, w), thick, colour)
        case Mouth.ROUND:
            head.mark(ellipse((x, y + 0.15 * w), 0.36 * w, 0.46 * w), colour)
        case Mouth.OPEN:
            lips = smooth(
                [(-1, -0.2), (0, -0.02), (1, -0.2), (0.62, 0.62), (0, 0.86), (-0.62, 0.62)], at, w
            )
            head.mark(lips, "#6b2331")
            tongue = ellipse((x, y + 0.8 * w), 0.5 * w, 0.34 * w)
            head.cut(tongue, "#e8776f", lift=0, shade=0, edge=0, inside=lips)
