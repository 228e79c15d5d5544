"""Hills in the morning: a windmill, a path, flowers, and the place where the star fell."""

from __future__ import annotations

import numpy as np

from tools.sample_film.characters.props import draw_star
from tools.sample_film.paper.canvas import Canvas, mix
from tools.sample_film.paper.outline import circle, polygon, rectangle, stroke
from tools.sample_film.settings.scenery import (
    clouds,
    flower,
    grass,
    land,
    layer,
    ridge,
    rolling,
    round_trees,
    sun,
    waves,
    wind,
)
from tools.sample_film.staging.stage import Layer, Light, Setting

LIGHT = Light(
    tint="#fffaf0", rim="#fff6d8", rim_from=1.0, rim_strength=0.32, glow=0.32, bloom=0.035
)
STAR_SPOT = (1010.0, 640.0)


def build() -> tuple[Layer, ...]:
    return (
        layer("sky", 0.0, _sky),
        layer("clouds", 0.12, _clouds, drift=wind(7.0)),
        layer("far hills", 0.22, _far_hills),
        layer("mill hill", 0.45, _mill_hill),
        layer("near hill", 0.7, _near_hill),
        layer("meadow", 1.0, _meadow),
        layer("star", 1.0, _fallen_star),
        layer("grass", 1.0, _front_grass),
        layer("flowers", 1.35, _foreground, soften=2.2),
    )


def _sky(canvas: Canvas) -> None:
    canvas.wash([(0.0, "#6db4c6"), (0.3, "#a5d3d0"), (0.55, "#f6e3b8"), (1.0, "#ffd9a0")])
    sun(canvas, (960, 190), 62, "#fff6d5", "#fff3c4")


def _clouds(canvas: Canvas) -> None:
    heaps = [(180, 150, 1.2), (520, 230, 0.8), (760, 110, 1.0), (1240, 250, 1.3)]
    clouds(canvas, "#fffaf0", heaps)


def _far_hills(canvas: Canvas) -> None:
    canvas.cut(ridge(waves(-100, 1700, 410, 42, 11, 240)), "#a3cbb6", lift=5, shade=0.1)
    canvas.cut(ridge(waves(-100, 1700, 455, 34, 12, 210)), "#8fc3a8", lift=5, shade=0.12)


def _mill_hill(canvas: Canvas) -> None:
    tops = [(-100, 540), (200, 500), (520, 420), (760, 470), (1100, 520), (1500, 440), (1900, 500)]
    canvas.cut(ridge(tops), "#72b183", lift=6, shade=0.16)
    trees = [(300, 482, 84), (360, 468, 64), (690, 452, 72), (1320, 478, 92), (1390, 462, 70)]
    round_trees(canvas, "#4f9670", "#7a5540", 5, trees)
    _windmill(canvas, 530.0, 428.0)


def _windmill(canvas: Canvas, x: float, y: float) -> None:
    tower = polygon([(-27, 6), (-17, -96), (17, -96), (27, 6)], (x, y))
    canvas.cut(tower, "#f7ead0", lift=4, shade=0.12)
    canvas.cut(polygon([(-23, -94), (0, -124), (23, -94)], (x, y)), "#c65a46", lift=3)
    canvas.cut(rectangle(x - 7, y - 20, x + 7, y + 4), "#7a4a3a", lift=1)
    hub = np.array([x, y - 88])
    for angle in (20, 110, 200, 290):
        a = np.deg2rad(angle)
        along, across = np.array([np.cos(a), np.sin(a)]), np.array([-np.sin(a), np.cos(a)])
        tip = hub + 82 * along
        canvas.cut(stroke([hub, tip], 4, 3), "#6b4636", lift=2)
        sail = np.stack([hub + 22 * along, tip, tip + 19 * across, hub + 22 * along + 19 * across])
        canvas.cut(sail, "#fdf4e0", lift=2, shade=0.05)
    canvas.cut(circle((x, y - 88), 6), "#6b4636", lift=1)


def _near_hill(canvas: Canvas) -> None:
    tops = [(-100, 560), (260, 590), (620, 545), (980, 520), (1300, 560), (1700, 530), (2100, 560)]
    canvas.cut(ridge(tops), "#559d72", lift=6, shade=0.2)
    trees = [(120, 580, 170), (1420, 560, 200), (1560, 560, 140), (1860, 560, 190)]
    round_trees(canvas, "#3d8560", "#6b4836", 21, trees)


def _meadow(canvas: Canvas) -> None:
    ground = rolling(622, 12, 210)
    land(canvas, ground, 140, "#3f8a62", lift=7, shade=0.3)
    grass(canvas, 2260, ground, ("#4a9a6c", "#5aa878", "#3f8a62"), 31, height=24, pitch=13)
    rng = np.random.default_rng(32)
    for _ in range(44):
        x = rng.uniform(-40, 2240)
        petal = rng.choice(("#ffffff", "#f7b7c2", "#fbe38e", "#c9b6ea"))
        flower(canvas, (x, ground(x) + rng.uniform(6, 26)), rng.uniform(18, 34), petal)


def _fallen_star(canvas: Canvas) -> None:
    canvas.glow(STAR_SPOT, 110, "#ffb84a", 0.42)
    draw_star(canvas, (STAR_SPOT[0], STAR_SPOT[1] - 4), 27)


def _front_grass(canvas: Canvas) -> None:
    ground = rolling(676, 8, 130)
    land(canvas, ground, 110, "#2f7355", lift=6, shade=0.3)
    grass(canvas, 2260, ground, ("#37805e", "#2f7355", "#46906a"), 33, height=34, pitch=9)


def _foreground(canvas: Canvas) -> None:
    deep = mix("#24584a", "#1a3040", 0.25)
    grass(canvas, 2600, lambda x: 742.0, (deep, "#2b6650"), 35, height=64, pitch=16)
    rng = np.random.default_rng(36)
    for _ in range(12):
        root, height = (rng.uniform(0, 2500), 745), rng.uniform(60, 100)
        flower(canvas, root, height, rng.choice(("#f49a8a", "#fff2d8")))


HILLS = Setting("hills", LIGHT, build)
