"""The camera and the curves that things move along."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

WIDTH, HEIGHT = 1280, 720
FPS = 24


@dataclass(frozen=True)
class Camera:
    """Looks at (x, y) of the main plane, whose units are pixels at zoom 1."""

    x: float = WIDTH / 2
    y: float = HEIGHT / 2
    zoom: float = 1.0

    def scale(self, parallax: float) -> float:
        """Pixels per unit on a plane; 0 is infinitely far, 1 the main plane, more is nearer."""
        return float(self.zoom**parallax)

    def project(self, x: float, y: float, parallax: float) -> tuple[float, float]:
        """Pixel on which a place of a plane falls."""
        scale = self.scale(parallax)
        return (
            WIDTH / 2 + (x - WIDTH / 2 - parallax * (self.x - WIDTH / 2)) * scale,
            HEIGHT / 2 + (y - HEIGHT / 2 - parallax * (self.y - HEIGHT / 2)) * scale,
        )


def ease(t: float, start: float, end: float) -> float:
    """0 before `start`, 1 after `end`, with a slow departure and arrival between."""
    if end <= start:
        return float(t >= end)
    u = min(max((t - start) / (end - start), 0.0), 1.0)
    return u * u * u * (u * (6 * u - 15) + 10)


def between(first: float, second: float, share: float) -> float:
    return first + (second - first) * share


def still(camera: Camera) -> Callable[[float], Camera]:
    return lambda t: camera


def glide(first: Camera, second: Camera, start: float, end: float) -> Callable[[float], Camera]:
    """Move from the first to the second framing between two seconds of the shot."""

    def at(t: float) -> Camera:
        share = ease(t, start, end)
        return Camera(
            between(first.x, second.x, share),
            between(first.y, second.y, share),
            between(first.zoom, second.zoom, share),
        )

    return at
