"""Closed outlines to cut from paper.

An outline is a float array of shape (n, 2): x, y in drawing units, y down, the last point
joined to the first. Every function here is pure and returns a new outline.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Outline = NDArray[np.float64]
Point = tuple[float, float]
Points = Sequence[Point | NDArray[np.float64]] | Outline
ORIGIN = (0.0, 0.0)


def polygon(points: Points, at: Point = ORIGIN, scale: float = 1.0) -> Outline:
    """Straight edges between the points; `at` and `scale` place a shape drawn about its origin."""
    placed: Outline = np.asarray(points, dtype=np.float64) * scale + at
    return placed


def smooth(points: Points, at: Point = ORIGIN, scale: float = 1.0, *, steps: int = 12) -> Outline:
    """A closed Catmull-Rom curve through the points, placed as `polygon` places them."""
    p1 = polygon(points, at, scale)
    p0, p2, p3 = np.roll(p1, 1, axis=0), np.roll(p1, -1, axis=0), np.roll(p1, -2, axis=0)
    t = np.linspace(0.0, 1.0, steps, endpoint=False)[None, :, None]
    curve = 0.5 * (
        2 * p1[:, None]
        + (p2 - p0)[:, None] * t
        + (2 * p0 - 5 * p1 + 4 * p2 - p3)[:, None] * t**2
        + (3 * p1 - p0 - 3 * p2 + p3)[:, None] * t**3
    )
    result: Outline = curve.reshape(-1, 2)
    return result


def ellipse(centre: Point, rx: float, ry: float, tilt: float = 0.0, steps: int = 64) -> Outline:
    """An ellipse turned by `tilt` degrees, clockwise on screen."""
    a = np.linspace(0.0, 2 * np.pi, steps, endpoint=False)
    flat = np.stack([rx * np.cos(a), ry * np.sin(a)], axis=1)
    result: Outline = turned(flat, tilt) + np.asarray(centre)
    return result


def circle(centre: Point, radius: float) -> Outline:
    return ellipse(centre, radius, radius)


def rectangle(left: float, top: float, right: float, bottom: float) -> Outline:
    return polygon([(left, top), (right, top), (right, bottom), (left, bottom)])


def rounded(left: float, top: float, right: float, bottom: float, radius: float) -> Outline:
    """A rectangle with quarter-circle corners."""
    a = np.linspace(0.0, np.pi / 2, 8)
    corners = [
        (right - radius, bottom - radius, 0.0),
        (left + radius, bottom - radius, np.pi / 2),
        (left + radius, top + radius, np.pi),
        (right - radius, top + radius, 3 * np.pi / 2),
    ]
    arcs = [
        np.stack([x + radius * np.cos(a + start), y + radius * np.sin(a + start)], axis=1)
        for x, y, start in corners
    ]
    return np.concatenate(arcs)


def bezier(points: Points, steps: int = 24) -> Outline:
    """The open quadratic or cubic Bézier curve of three or four control points."""
    t = np.linspace(0.0, 1.0, steps)[:, None]
    curves = [np.broadcast_to(np.asarray(p, dtype=np.float64), (steps, 2)) for p in points]
    while len(curves) > 1:
        curves = [a * (1 - t) + b * t for a, b in pairwise(curves)]
    return np.asarray(curves[0])


def brush(spine: Outline, start_width: float, end_width: float) -> Outline:
    """A stroke along an open curve, its width running from start to end, with round ends."""
    tangent, normal = _frame(spine)
    end_cap = _cap(spine[-1], normal[-1], tangent[-1], end_width / 2)
    start_cap = _cap(spine[0], -normal[0], -tangent[0], start_width / 2)
    there, back = np.split(ribbon(spine, start_width, end_width), 2)
    return np.concatenate([there, end_cap, back, start_cap])


def stroke(points: Points, start_width: float, end_width: float | None = None) -> Outline:
    """A stroke along the Bézier curve of the points, as wide at its end as at its start."""
    return brush(bezier(points), start_width, start_width if end_width is None else end_width)


def ribbon(spine: Outline, start_width: float, end_width: float) -> Outline:
    """A stroke along an open curve with ends cut straight."""
    _, normal = _frame(spine)
    half = np.linspace(start_width, end_width, len(spine))[:, None] / 2
    return np.concatenate([spine + normal * half, (spine - normal * half)[::-1]])


def _frame(spine: Outline) -> tuple[Outline, Outline]:
    """Unit tangent and unit normal at every point of an open curve."""
    tangent = np.gradient(spine, axis=0)
    tangent = tangent / np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-9)
    return tangent, np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)


def _cap(
    centre: NDArray[np.float64],
    side: NDArray[np.float64],
    ahead: NDArray[np.float64],
    radius: float,
) -> Outline:
    a = np.linspace(0.0, np.pi, 10)[1:-1, None]
    return centre + radius * (np.cos(a) * side + np.sin(a) * ahead)


def star(centre: Point, radius: float, points: int = 5, inner: float = 0.52) -> Outline:
    """A star with soft points."""
    corners = []
    for i in range(2 * points):
        r = radius * (1.0 if i % 2 == 0 else inner)
        a = -np.pi / 2 + np.pi * i / points
        corners.append((centre[0] + r * np.cos(a), centre[1] + r * np.sin(a)))
    return rounded_corners(polygon(corners), 0.28)


def rounded_corners(outline: Outline, share: float) -> Outline:
    """Cut each corner with a quadratic curve that begins `share` of the edge before it."""
    before = outline + (np.roll(outline, 1, axis=0) - outline) * share
    after = outline + (np.roll(outline, -1, axis=0) - outline) * share
    t = np.linspace(0.0, 1.0, 8)[None, :, None]
    arcs = (
        before[:, None] * (1 - t) ** 2 + 2 * outline[:, None] * t * (1 - t) + after[:, None] * t**2
    )
    result: Outline = arcs.reshape(-1, 2)
    return result


def turned(outline: Outline, degrees: float, about: Point = (0.0, 0.0)) -> Outline:
    """Turn clockwise on screen about a point."""
    a = np.deg2rad(degrees)
    matrix = np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]])
    result: Outline = (outline - np.asarray(about)) @ matrix + np.asarray(about)
    return result


def unit(vector: Outline) -> Outline:
    """The direction of a vector, of length 1."""
    direction: Outline = vector / max(float((vector**2).sum()) ** 0.5, 1e-9)
    return direction


def moved(outline: Outline, dx: float, dy: float) -> Outline:
    result: Outline = outline + np.array([dx, dy])
    return result
