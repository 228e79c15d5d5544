"""The harbour at dusk: houses with lit windows, boats, a wooden pier, a dark lighthouse far off."""

from __future__ import annotations

from math import sin

import numpy as np

from tools.sample_film.paper.canvas import Canvas, Extent, mix
from tools.sample_film.paper.outline import (
    bezier,
    brush,
    ellipse,
    polygon,
    rectangle,
    rounded,
    stroke,
)
from tools.sample_film.settings.buildings import house, lighthouse, sail_boat
from tools.sample_film.settings.scenery import (
    cloud,
    glitter,
    layer,
    ridge,
    sea,
    stars,
    sun,
    wind,
)
from tools.sample_film.staging.stage import Layer, Light, Setting

LIGHT = Light(
    tint="#f6dcd8",
    rim="#ffb070",
    rim_from=1.0,
    rim_strength=0.6,
    glow=0.5,
    bloom=0.08,
    vignette=0.28,
)


def build() -> tuple[Layer, ...]:
    return (
        layer("sky", 0.0, _sky),
        layer("clouds", 0.08, _clouds, drift=wind(5.0)),
        layer("sea", 0.15, _sea),
        layer("headland", 0.25, _headland),
        layer("boats", 0.5, _boats, drift=lambda t: (0.0, 3.0 * sin(1.4 * t))),
        layer("houses", 0.7, _houses),
        layer("pier", 1.0, _pier),
        layer("pier edge", 1.0, _pier_edge),
        layer("ropes", 1.4, _ropes, soften=2.6),
    )


def _sky(canvas: Canvas) -> None:
    above = [(0.0, "#3b3a70"), (0.25, "#7a4a80"), (0.45, "#d46a72"), (0.58, "#ffab66")]
    canvas.wash([*above, (0.62, "#ffc980"), (1.0, "#ffc980")])
    stars(canvas, Extent(0, -40, 1300, 160), 34, 51)
    sun(canvas, (830, 405), 70, "#ffe3a3", "#ffd08a")


def _clouds(canvas: Canvas) -> None:
    for x, y, size, colour, seed in (
        (260, 240, 1.3, "#f29a86", 1),
        (640, 170, 0.9, "#c9738a", 2),
        (1080, 270, 1.4, "#f8ad86", 3),
        (1300, 150, 1.0, "#b06488", 4),
    ):
        cloud(canvas, (x, y), size, colour, seed)


def _sea(canvas: Canvas) -> None:
    far = [(430, "#e88f78"), (462, "#c3727f"), (505, "#8c5a86")]
    sea(canvas, [*far, (560, "#5e4a80"), (630, "#443d70")], 60, shade=0.1)
    glitter(canvas, 840, 438, "#ffd68f", 66)


def _headland(canvas: Canvas) -> None:
    tops = [(1020, 470), (1120, 420), (1210, 372), (1330, 352), (1420, 360), (1700, 350)]
    canvas.cut(ridge(tops, 478), "#5b3d68", lift=5, shade=0.2)
    lighthouse(canvas, (1270, 368), 190, lit=False, dim=0.42)


def _boats(canvas: Canvas) -> None:
    sail_boat(canvas, (980, 540), 0.8, "#a63d3f", "#ffe2b8")
    sail_boat(canvas, (1420, 560), 1.0, "#2f5672", "#ffd3a6")
    sail_boat(canvas, (700, 520), 0.55, "#4b3358", "#f3b79a")


def _houses(canvas: Canvas) -> None:
    quay = polygon([(-200, 560), (700, 560), (740, 600), (740, 760), (-200, 760)])
    canvas.cut(quay, "#4c3a5c", lift=6, shade=0.2)
    rows = (
        (40, 130, 230, "#b5564f", "#5b3048"),
        (175, 112, 290, "#d99a5b", "#6b3a4a"),
        (295, 124, 220, "#6f8f96", "#3f3558"),
        (425, 118, 260, "#c77a63", "#57304a"),
        (545, 112, 200, "#e0b377", "#6f4050"),
        (650, 96, 160, "#8c6a8e", "#3f2f55"),
    )
    for x, width, height, wall, roof in rows:
        house(canvas, (x, 560), width, height, mix(wall, "#5a3a70", 0.22), roof)
    for x in (110, 360, 600):
        _street_lamp(canvas, x)


def _street_lamp(canvas: Canvas, x: float) -> None:
    canvas.cut(rectangle(x - 3, 440, x + 3, 566), "#33253f", lift=2)
    canvas.cut(rounded(x - 10, 414, x + 10, 442, 5), "#ffe09a", lift=1, shade=0)
    canvas.cut(polygon([(x - 14, 416), (x, 400), (x + 14, 416)]), "#33253f", lift=1)
    canvas.glow((x, 430), 70, "#ffb860", 0.4)


def _pier(canvas: Canvas) -> None:
    canvas.cut(rectangle(-200, 612, 2500, 800), "#7d4f48", lift=8, shade=0.3)
    rng = np.random.default_rng(71)
    for i in range(46):
        x = -60 + 52.0 * i
        tone = mix("#8f5b50", "#6b4346", rng.random())
        aside = -0.06 * (640 - x)
        plank = polygon([(0, 612), (49, 612), (49 + aside, 720), (aside, 720)], (x, 0))
        canvas.cut(plank, tone, lift=1.2, shade=0.12)
    for x in (150.0, 960.0, 1560.0, 2080.0):
        canvas.cut(rounded(x - 19, 552, x + 19, 640, 9), "#523244", lift=5)
        canvas.cut(ellipse((x, 556), 21, 8), "#6f4654", lift=1)
    for start, end in ((150, 960), (960, 1560), (1560, 2080)):
        rope = bezier([(start, 572), ((start + end) / 2, 626), (end, 572)], 40)
        canvas.cut(brush(rope, 6, 6), "#c79a6a", lift=3)


def _pier_edge(canvas: Canvas) -> None:
    canvas.cut(rectangle(-200, 700, 2500, 800), "#4a2d40", lift=6, shade=0.1)
    for x, colour in ((420, "#8a4a3c"), (492, "#7a5a48"), (1830, "#8a4a3c")):
        _crate(canvas, x, colour)


def _crate(canvas: Canvas, x: float, colour: str) -> None:
    canvas.cut(rounded(x - 44, 628, x + 44, 712, 4), colour, lift=6, shade=0.2)
    for y in (650, 680):
        canvas.cut(rectangle(x - 44, y, x + 44, y + 4), mix(colour, "#2a1a2a", 0.4), lift=0, edge=0)
    canvas.cut(stroke([(x - 36, 704), (x + 36, 636)], 9), mix(colour, "#ffd9a8", 0.15), lift=1)


def _ropes(canvas: Canvas) -> None:
    for x in (40.0, 900.0, 2480.0):
        canvas.cut(rounded(x - 40, 520, x + 40, 820, 18), "#2c1d33", lift=6)
        for y in (590, 612, 634):
            canvas.cut(stroke([(x - 44, y), (x, y + 16), (x + 44, y)], 16), "#6f4a4a", lift=3)


HARBOUR = Setting("harbour", LIGHT, build)
