"""Hills in the morning: a windmill, a path, flowers, and the place where the star fell."""

from __future__ import annotations

import numpy as np

from tools.sample_film.characters.props import draw_star
from tools.sample_film.paper.canvas import Canvas, mix
from tools.sample_film.paper.outline import bezier, brush, circle, polygon
from tools.sample_film.settings.scenery import (
    cloud,
    flower,
    grass,
    layer,
    ridge,
    round_tree,
    sun,
    waves,
)
from tools.sample_film.staging.stage import Layer, Light, Setting

LIGHT = Light(
    tint="#fffaf0", rim="#fff6d8", rim_from=1.0, rim_strength=0.32, glow=0.32, bloom=0.035
)
STAR_SPOT = (1010.0, 640.0)


def build() -> tuple[Layer, ...]:
    return (
        layer("sky", 0.0, _sky),
        layer("clouds", 0.12, _clouds, drift=lambda t: (7.0 * t, 0.0)),
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
    for x, y, size, seed in (
        (180, 150, 1.2, 1),
        (520, 230, 0.8, 2),
        (760, 110, 1.0, 3),
        (1240, 250, 1.3, 4),
    ):
        cloud(canvas, (x, y), size, "#fffaf0", seed)


def _far_hills(canvas: Canvas) -> None:
    canvas.cut(ridge(waves(-100, 1700, 410, 42, 11, 240)), "#a3cbb6", lift=5, shade=0.1)
    canvas.cut(ridge(waves(-100, 1700, 455, 34, 12, 210)), "#8fc3a8", lift=5, shade=0.12)


def _mill_hill(canvas: Canvas) -> None:
    canvas.cut(
        ridge(
            [(-100, 540), (200, 500), (520, 420), (760, 470), (1100, 520), (1500, 440), (1900, 500)]
        ),
        "#72b183",
        lift=6,
        shade=0.16,
    )
    for x, y, h, seed in (
        (300, 482, 84, 5),
        (360, 468, 64, 6),
        (690, 452, 72, 7),
        (1320, 478, 92, 8),
        (1390, 462, 70, 9),
    ):
        round_tree(canvas, (x, y), h, "#4f9670", "#7a5540", seed)
    _windmill(canvas)


def _windmill(canvas: Canvas) -> None:
    x, y = 530.0, 428.0
    canvas.cut(
        polygon([(x - 27, y + 6), (x - 17, y - 96), (x + 17, y - 96), (x + 27, y + 6)]),
        "#f7ead0",
        lift=4,
        shade=0.12,
    )
    canvas.cut(polygon([(x - 23, y - 94), (x, y - 124), (x + 23, y - 94)]), "#c65a46", lift=3)
    canvas.cut(
        polygon([(x - 7, y + 4), (x - 7, y - 20), (x + 7, y - 20), (x + 7, y + 4)]),
        "#7a4a3a",
        lift=1,
    )
    hub = np.array([x, y - 88])
    for angle in (20, 110, 200, 290):
        a = np.deg2rad(angle)
        along, across = np.array([np.cos(a), np.sin(a)]), np.array([-np.sin(a), np.cos(a)])
        tip = hub + 82 * along
        canvas.cut(brush(bezier([tuple(hub), tuple(tip)]), 4, 3), "#6b4636", lift=2)
        sail = np.stack([hub + 22 * along, tip, tip + 19 * across, hub + 22 * along + 19 * across])
        canvas.cut(sail, "#fdf4e0", lift=2, shade=0.05)
    canvas.cut(circle((x, y - 88), 6), "#6b4636", lift=1)


def _near_hill(canvas: Canvas) -> None:
    canvas.cut(
        ridge(
            [(-100, 560), (260, 590), (620, 545), (980, 520), (1300, 560), (1700, 530), (2100, 560)]
        ),
        "#559d72",
        lift=6,
        shade=0.2,
    )
    for x, y, h, seed in (
        (120, 580, 170, 21),
        (1420, 560, 200, 22),
        (1560, 560, 140, 23),
        (1860, 560, 190, 24),
    ):
        round_tree(canvas, (x, y), h, "#3d8560", "#6b4836", seed)


def _ground(x: float) -> float:
    return 622 + 12 * float(np.sin(x / 210))


def _meadow(canvas: Canvas) -> None:
    canvas.cut(
        ridge([(x, _ground(x)) for x in range(-100, 2400, 140)]), "#3f8a62", lift=7, shade=0.3
    )
    grass(canvas, -60, 2260, _ground, ("#4a9a6c", "#5aa878", "#3f8a62"), 31, height=24, pitch=13)
    rng = np.random.default_rng(32)
    for _ in range(44):
        x = float(rng.uniform(-40, 2240))
        petal = ("#ffffff", "#f7b7c2", "#fbe38e", "#c9b6ea")[int(rng.integers(4))]
        flower(
            canvas, (x, _ground(x) + float(rng.uniform(6, 26))), float(rng.uniform(18, 34)), petal
        )


def _fallen_star(canvas: Canvas) -> None:
    canvas.glow(STAR_SPOT, 110, "#ffb84a", 0.42)
    draw_star(canvas, (STAR_SPOT[0], STAR_SPOT[1] - 4), 27)


def _front_grass(canvas: Canvas) -> None:
    canvas.cut(
        ridge([(x, 676 + 8 * float(np.sin(x / 130))) for x in range(-100, 2400, 110)]),
        "#2f7355",
        lift=6,
        shade=0.3,
    )
    grass(
        canvas,
        -60,
        2260,
        lambda x: 676 + 8 * float(np.sin(x / 130)),
        ("#37805e", "#2f7355", "#46906a"),
        33,
        height=34,
    )


def _foreground(canvas: Canvas) -> None:
    deep = mix("#24584a", "#1a3040", 0.25)
    grass(canvas, -60, 2600, lambda x: 742.0, (deep, "#2b6650"), 35, height=64, pitch=16)
    rng = np.random.default_rng(36)
    for _ in range(12):
        x = float(rng.uniform(0, 2500))
        flower(
            canvas,
            (x, 745),
            float(rng.uniform(60, 100)),
            ("#f49a8a", "#fff2d8")[int(rng.integers(2))],
        )


HILLS = Setting("hills", LIGHT, build)
