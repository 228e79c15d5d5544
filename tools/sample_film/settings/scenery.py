"""Scenery that several settings share: skies, ridges, trees, clouds, houses, grass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import cos, sin

import cv2
import numpy as np

from tools.sample_film.paper.canvas import Canvas, Extent, mix
from tools.sample_film.paper.images import FloatImage
from tools.sample_film.paper.outline import (
    Outline,
    Point,
    bezier,
    brush,
    circle,
    ellipse,
    polygon,
    rectangle,
    smooth,
    star,
    stroke,
)
from tools.sample_film.staging.camera import HEIGHT, WIDTH
from tools.sample_film.staging.stage import Layer, always, at_rest

TRAVEL = 920.0  # how far a camera may move to the right of its first framing, in stage units
MARGIN = 60.0
Line = Callable[[float], float]  # y by x


def plane(parallax: float, top: float = -MARGIN, bottom: float = HEIGHT + MARGIN) -> Extent:
    """What a travelling camera can see of a plane."""
    return Extent(-MARGIN, top, WIDTH + TRAVEL * parallax + MARGIN, bottom)


def layer(
    name: str,
    parallax: float,
    draw: Callable[[Canvas], None],
    *,
    extent: Extent | None = None,
    soften: float = 0.0,
    drift: Callable[[float], Point] = at_rest,
    strength: Callable[[float], float] = always,
) -> Layer:
    """Draw one plane. soften: blur in pixels for what stands close to the lens."""
    seen = extent or plane(parallax)
    canvas = Canvas(seen)
    draw(canvas)
    if soften:
        canvas.pixels = cv2.GaussianBlur(canvas.pixels, (0, 0), soften).astype(np.float32)
    image = canvas.bytes()
    x, y, width, height = cv2.boundingRect(image.max(axis=2))
    used = np.ascontiguousarray(image[y : y + height, x : x + width])
    return Layer(name, used, seen.left + x, seen.top + y, parallax, drift=drift, strength=strength)


def ridge(tops: Sequence[Point], bottom: float = 900.0) -> Outline:
    """Land whose upper edge runs smoothly through the points, from left to right."""
    first, last = tops[0], tops[-1]
    beyond = [(first[0] - 200, first[1]), *tops, (last[0] + 200, last[1])]
    curve = smooth([*beyond, (last[0] + 200, bottom), (first[0] - 200, bottom)])
    upper = curve[: 12 * (len(beyond) - 1) + 1]
    return np.concatenate([upper, polygon([(last[0] + 400, bottom), (first[0] - 400, bottom)])])


def waves(
    left: float, right: float, level: float, height: float, seed: int, pitch: float = 260.0
) -> list[Point]:
    """Points of a gently rolling line for `ridge`."""
    rng = np.random.default_rng(seed)
    places = np.arange(left, right + pitch, pitch)
    return [(float(x), level + height * rng.uniform(-1, 1)) for x in places]


def sun(canvas: Canvas, centre: Point, radius: float, colour: str, halo: str) -> None:
    """A paper disc with rings of light."""
    for ring, opacity in ((2.7, 0.10), (2.1, 0.14), (1.55, 0.2)):
        canvas.cut(circle(centre, radius * ring), halo, lift=0, shade=0, edge=0.3, opacity=opacity)
    canvas.cut(circle(centre, radius), colour, lift=2, shade=0.05)


def cloud(canvas: Canvas, centre: Point, size: float, colour: str, seed: int) -> None:
    """A flat-bottomed heap of discs in two sheets."""
    rng = np.random.default_rng(seed)
    x, y = centre
    for sheet, drop, narrow in ((mix(colour, "#7f8fb0", 0.16), -14.0, 0.8), (colour, 0.0, 1.0)):
        base = y + drop * size
        sky = rectangle(x - 300 * size, base - 300 * size, x + 300 * size, base)
        for reach, radius in ((-78, 24), (82, 26), (-38, 40), (44, 38), (2, 52)):
            r = radius * size * rng.uniform(0.88, 1.12)
            puff = ellipse((x + reach * narrow * size, base - 0.25 * r), 1.12 * r, r)
            canvas.cut(puff, sheet, lift=1.6, shade=0.05, edge=0.5, inside=sky)


def clouds(canvas: Canvas, colour: str, heaps: Sequence[tuple[float, float, float]]) -> None:
    """Clouds of one colour; a heap is x, y and size."""
    for seed, (x, y, size) in enumerate(heaps, 1):
        cloud(canvas, (x, y), size, colour, seed)


def wind(speed: float) -> Callable[[float], Point]:
    """A drift to the right, in units a second."""
    return lambda t: (speed * t, 0.0)


def rolling(level: float, height: float, length: float) -> Line:
    """The line of gently rolling ground."""
    return lambda x: level + height * sin(x / length)


def land(canvas: Canvas, line: Line, pitch: int, colour: str, lift: float, shade: float) -> None:
    """Ground below a line, all along a plane that the camera travels."""
    tops = [(x, line(x)) for x in range(-100, 2400, pitch)]
    canvas.cut(ridge(tops), colour, lift=lift, shade=shade)


def sea(canvas: Canvas, waters: Sequence[tuple[float, str]], seed: int, shade: float) -> None:
    """Sheets of water, each before and over the last; a water is the level and the colour."""
    for i, (level, colour) in enumerate(waters):
        water = ridge(waves(-100, 1700, level, 3.0 + i, seed + i, 90))
        canvas.cut(water, colour, lift=4 if i else 0, shade=shade)


def shine(
    canvas: Canvas, beams: Sequence[Outline], blur: float, fade: FloatImage, colour: FloatImage
) -> None:
    """Add light without covering anything: beams softened by `blur` pixels, times the fade.

    fade: shares that broadcast to the canvas's (height, width). colour: BGR, times its strength.
    """
    mask = Canvas(canvas.extent, grain=0.0)
    for beam in beams:
        mask.mark(beam, "#ffffff")
    soft = cv2.GaussianBlur(mask.pixels[..., 3], (0, 0), blur) * fade
    canvas.pixels[..., :3] += soft[..., None] * colour


def round_trees(
    canvas: Canvas, leaf: str, trunk: str, seed: int, trees: Sequence[tuple[float, float, float]]
) -> None:
    """Crowns of overlapping leaf sheets on stems; a tree is x and y of its foot and its height."""
    for number, (x, y, height) in enumerate(trees, seed):
        rng = np.random.default_rng(number)
        stem = stroke([(x, y), (x + 4, y - 0.5 * height)], 0.1 * height, 0.06 * height)
        canvas.cut(stem, trunk, lift=2)
        for i in range(5):
            spot = (x + rng.uniform(-0.16, 0.16) * height, y - height * (0.52 + 0.085 * i))
            size = height * (0.27 - 0.03 * i)
            tone = mix(leaf, "#fff2c0", 0.07 * i)
            canvas.cut(leafy(spot, size, number + i), tone, lift=3, shade=0.16)


def leafy(centre: Point, radius: float, seed: int) -> Outline:
    """A disc with a scalloped edge."""
    rng = np.random.default_rng(seed)
    points = []
    for i in range(14):
        a = 2 * np.pi * i / 14
        r = radius * (1.0 + 0.09 * (-1) ** i + rng.uniform(-0.05, 0.05))
        points.append((centre[0] + r * cos(a), centre[1] + 0.9 * r * sin(a)))
    return smooth(points, steps=6)


def pine(canvas: Canvas, foot: Point, height: float, colour: str) -> None:
    x, y = foot
    stem = rectangle(x - 0.03 * height, y - 0.2 * height, x + 0.03 * height, y)
    canvas.cut(stem, mix(colour, "#2a1a12", 0.5), lift=1)
    for i in range(4):
        base = y - height * (0.12 + 0.2 * i)
        half = height * (0.24 - 0.045 * i)
        bend, tip = -0.17 * height, (0, -0.34 * height)
        right = [(0.3 * half, bend), (half, 0), (0, 0.03 * height)]
        tier = smooth([(-half, 0), (-0.3 * half, bend), tip, *right], (x, base), steps=6)
        canvas.cut(tier, mix(colour, "#ffffff", 0.04 * i), lift=3, shade=0.2)


def grass(
    canvas: Canvas,
    right: float,
    level: Line,
    colours: Sequence[str],
    seed: int,
    height: float,
    pitch: float,
) -> None:
    """A fringe of curved blades along a line."""
    rng = np.random.default_rng(seed)
    x = -60.0
    while x < right:
        tall, lean = height * rng.uniform(0.5, 1.15), rng.uniform(-16, 16)
        y = level(x)
        bend, tip = (x + 0.2 * lean, y - 0.5 * tall), (x + lean, y - tall)
        blade = stroke([(x, y + 10), bend, tip], 8, 1.2)
        canvas.cut(blade, rng.choice(colours), lift=1, shade=0.1, edge=0.6)
        x += pitch * rng.uniform(0.6, 1.5)


def flower(canvas: Canvas, root: Point, height: float, petal: str) -> None:
    x, y = root
    stem = stroke([(x, y), (x + 5, y - 0.5 * height), (x, y - height)], 3.4, 2.4)
    canvas.cut(stem, "#3f7a4e", lift=1)
    for i in range(6):
        a = 2 * np.pi * i / 6
        spot = (x + 9 * cos(a), y - height + 8 * sin(a))
        canvas.cut(ellipse(spot, 7, 4.6, 60.0 * i), petal, lift=1, shade=0.05)
    canvas.cut(circle((x, y - height), 5), "#f7c948", lift=1)


def stars(canvas: Canvas, region: Extent, count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    for _ in range(count):
        x, y = rng.uniform(region.left, region.right), rng.uniform(region.top, region.bottom)
        size, opacity = rng.uniform(1.0, 3.2), rng.uniform(0.35, 0.95)
        if size > 2.7:
            sparkle = star((x, y), 2.6 * size, 4, 0.36)
            canvas.cut(sparkle, "#fff4cf", lift=0, edge=0, opacity=opacity)
        else:
            canvas.mark(circle((x, y), size), "#fdf6e0", opacity)


def moon(canvas: Canvas, centre: Point, radius: float) -> None:
    sun(canvas, centre, radius, "#fbf0cd", "#8fa3d8")
    for dx, dy, r in ((-0.3, -0.2, 0.2), (0.28, 0.3, 0.26), (0.2, -0.38, 0.12)):
        spot = (centre[0] + dx * radius, centre[1] + dy * radius)
        canvas.cut(circle(spot, r * radius), "#e9d9a8", lift=0, shade=0, edge=0.5, opacity=0.7)


def glitter(canvas: Canvas, x: float, top: float, colour: str, seed: int) -> None:
    """The path of light that a low sun or moon lays on water."""
    rng = np.random.default_rng(seed)
    y = top
    while y < 640:
        share = (y - top) / (640 - top)
        half = (18 + 70 * share) * rng.uniform(0.5, 1.1)
        middle = x + rng.uniform(-1, 1) * 26 * (0.3 + share)
        dash = stroke([(middle - half, y), (middle, y + 2), (middle + half, y)], 2 + 4 * share)
        canvas.cut(dash, colour, lift=0, shade=0, edge=0.4, opacity=0.75 - 0.3 * share)
        y += 9 + 11 * share


def fern(canvas: Canvas, root: Point, height: float, colour: str, lean: float) -> None:
    spine = bezier(polygon([(0, 0), (0.2 * lean, -0.7), (lean, -1)], root, height), 14)
    canvas.cut(brush(spine, 5, 1.5), colour, lift=1, edge=0.4)
    for i in range(2, 14):
        reach = 0.3 * height * (1 - i / 15)
        for side in (-1, 1):
            tip = spine[i] + (side * reach, 0.35 * reach - 0.2 * height * (i / 14) * 0.4)
            bend = (spine[i] + tip) / 2 + (0, -6)
            leaf = stroke([spine[i], bend, tip], 0.055 * height, 2)
            canvas.cut(leaf, colour, lift=1, shade=0.05, edge=0.4)
