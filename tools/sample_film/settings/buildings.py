"""Things that people built: houses, a lighthouse, sailing boats."""

from __future__ import annotations

from tools.sample_film.paper.canvas import Canvas, mix
from tools.sample_film.paper.outline import Outline, Point, circle, polygon, rectangle, smooth

FRAME = "#f4e6cc"
LAMPLIGHT = "#ffd27a"


def house(canvas: Canvas, foot: Point, width: float, height: float, wall: str, roof: str) -> None:
    """A narrow harbour house with lit windows, its gable to the viewer."""
    x, y = foot
    left, right, eaves = x - width / 2, x + width / 2, y - height
    canvas.cut(rectangle(left, eaves, right, y + 30), wall, lift=4, shade=0.2)
    peak = eaves - 0.62 * width
    chimney = rectangle(right - 0.34 * width, peak + 0.04 * width, right - 0.18 * width, eaves)
    canvas.cut(chimney, mix(roof, "#20182a", 0.25), lift=2)
    gable = polygon([(left - 10, eaves + 6), (x, peak), (right + 10, eaves + 6)])
    canvas.cut(gable, roof, lift=4, shade=0.16)
    for floor in range(max(1, int(height // 74))):
        for side in (-1, 1):
            pane = (x + side * 0.23 * width, eaves + 40 + floor * 70)
            _window(canvas, pane, 0.13 * width, 22)
    canvas.cut(circle((x, eaves - 0.2 * width), 0.085 * width), LAMPLIGHT, lift=0, edge=0.5)


def _window(canvas: Canvas, centre: Point, half: float, tall: float) -> None:
    canvas.cut(_box(centre, half + 3, tall + 3), FRAME, lift=1.5, shade=0)
    canvas.cut(_box(centre, half, tall), LAMPLIGHT, lift=0, shade=-0.15, edge=0)
    for bar in (_box(centre, 1.5, tall), _box(centre, half, 1.5)):
        canvas.cut(bar, FRAME, lift=0.6, shade=0, edge=0)


def _box(centre: Point, half: float, tall: float) -> Outline:
    x, y = centre
    return rectangle(x - half, y - tall, x + half, y + tall)


def lighthouse(canvas: Canvas, foot: Point, height: float, lit: bool, dim: float) -> Point:
    """A striped tower; returns the centre of its lamp room. dim: share of night in its colours."""
    cream, red, dark, glass = (
        mix(by_day, "#20264c", dim) for by_day in ("#f6ead2", "#c9443c", "#3a2f45", "#7d8aa8")
    )
    x, neck = foot[0], foot[1] - 0.74 * height
    shaft = polygon([(-0.13, 0), (-0.085, -0.74), (0.085, -0.74), (0.13, 0)], foot, height)
    canvas.cut(shaft, cream, lift=4, shade=0.12)
    for i in range(3):
        top = neck + (0.1 + 0.26 * i) * 0.74 * height
        band = rectangle(x - 0.13 * height, top, x + 0.13 * height, top + 0.1 * height)
        canvas.cut(band, red, lift=0, shade=0.05, edge=0.5, inside=shaft)
    door = smooth([(-0.03, 0), (-0.03, -0.09), (0, -0.115), (0.03, -0.09), (0.03, 0)], foot, height)
    canvas.cut(door, dark, lift=1)

    half, floor, ceiling = 0.085 * height, neck - 0.03 * height, neck - 0.15 * height
    canvas.cut(rectangle(x - 1.35 * half, floor, x + 1.35 * half, neck), dark, lift=3)
    window = rectangle(x - 0.75 * half, ceiling, x + 0.75 * half, floor)
    canvas.cut(window, "#fff1b0" if lit else glass, lift=1, shade=0)
    for bar in (x - 0.4 * half, x, x + 0.4 * half):
        canvas.cut(rectangle(bar - 1.2, ceiling, bar + 1.2, floor), dark, lift=0, edge=0)
    dome = [(-0.0425, -0.2), (0, -0.25), (0.0425, -0.2)]
    roof = smooth([(-0.085, -0.145), *dome, (0.085, -0.145)], (x, neck), height, steps=6)
    canvas.cut(roof, red, lift=2)
    return (x, neck - 0.09 * height)


def sail_boat(canvas: Canvas, keel: Point, size: float, hull: str, sail: str) -> None:
    x, y = keel
    mast = rectangle(x - 2.5 * size, y - 150 * size, x + 2.5 * size, y - 20 * size)
    canvas.cut(mast, "#4a3038", lift=1)
    canvas.cut(polygon([(6, -146), (74, -34), (6, -34)], keel, size), sail, lift=3)
    jib = polygon([(-6, -128), (-50, -34), (-6, -34)], keel, size)
    canvas.cut(jib, mix(sail, "#b58a6a", 0.25), lift=3)
    deck, bottom = [(-84, -28), (0, -22), (92, -30)], [(62, 8), (0, 12), (-62, 8)]
    canvas.cut(smooth([*deck, *bottom], keel, size, steps=8), hull, lift=3, shade=0.2)
