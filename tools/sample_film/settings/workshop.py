"""Orso's workshop: lamplight, shelves, a window on the blue evening, a table in front."""

from __future__ import annotations

import numpy as np

from tools.sample_film.characters.props import draw_lantern
from tools.sample_film.paper.canvas import Canvas, Extent, mix
from tools.sample_film.paper.outline import (
    Outline,
    circle,
    ellipse,
    polygon,
    rectangle,
    rounded,
    stroke,
)
from tools.sample_film.settings.buildings import lighthouse
from tools.sample_film.settings.scenery import layer, ridge, stars
from tools.sample_film.staging.stage import Layer, Light, Setting

LIGHT = Light(
    tint="#ffe9cf",
    rim="#ffcf8a",
    rim_from=-1.0,
    rim_strength=0.45,
    glow=0.6,
    bloom=0.07,
    vignette=0.42,
)


def build() -> tuple[Layer, ...]:
    return (
        layer("outside", 0.3, _outside),
        layer("wall", 0.7, _wall),
        layer("shelves", 0.75, _shelves),
        layer("floor", 1.0, _floor),
        layer("table", 1.1, _table),
        layer("lamp", 1.15, _hanging_lamp),
        layer("jars", 2.0, _jars),
    )


def _outside(canvas: Canvas) -> None:
    canvas.wash([(0.0, "#243064"), (0.5, "#4d4f92"), (0.7, "#8a6aa0"), (1.0, "#3a3c70")])
    stars(canvas, Extent(300, 60, 1100, 330), 40, 81)
    tops = [(300, 400), (520, 372), (760, 340), (900, 352), (1100, 390)]
    canvas.cut(ridge(tops), "#2b2a55", lift=3)
    lighthouse(canvas, (770, 346), 130, lit=False, dim=0.6)


def _wall(canvas: Canvas) -> None:
    """Planks all over, but for the window."""
    canvas.cut(rectangle(-100, -100, 2200, 900), "#8a5a44", lift=0, shade=0.25, edge=0)
    rng = np.random.default_rng(82)
    for x in range(-60, 2100, 82):
        tone = mix("#96624a", "#7a4c3c", rng.random())
        canvas.cut(rectangle(x, -80, x + 79, 800), tone, lift=1.4, shade=0.25)
    window = rounded(560, 130, 900, 410, 14)
    canvas.cut(rounded(536, 106, 924, 434, 18), "#5a3628", lift=5)
    _open(canvas, window)
    for bar in (rectangle(724, 130, 736, 410), rectangle(560, 264, 900, 276)):
        canvas.cut(bar, "#6b4230", lift=3)
    canvas.cut(rounded(520, 428, 940, 452, 6), "#754a36", lift=5)
    _curtain(canvas, 540, 1)
    _curtain(canvas, 920, -1)
    canvas.glow((430, 210), 620, "#ffb866", 0.14)


def _open(canvas: Canvas, outline: Outline) -> None:
    """Cut a hole, so that the plane behind shows through."""
    hole = Canvas(canvas.extent, grain=0.0)
    hole.mark(outline, "#ffffff")
    canvas.pixels *= 1 - hole.pixels[..., 3:]


def _curtain(canvas: Canvas, x: float, side: int) -> None:
    for i in range(4):
        left = x + side * 22 * i
        bend, foot = (left + side * 8, 250), (left - side * (14 * i - 6), 440)
        fold = stroke([(left, 104), bend, foot], 27, 32)
        canvas.cut(fold, mix("#b8483c", "#8f3434", 0.3 * (i % 2)), lift=3, shade=0.15)
    rail = rectangle(min(x, x + side * 90) - 14, 96, max(x, x + side * 90) + 6, 108)
    canvas.cut(rail, "#4a2c22", lift=2)


def _shelves(canvas: Canvas) -> None:
    rng = np.random.default_rng(83)
    beside_the_window = [(60, 440, 230), (60, 440, 360), (1040, 1420, 200), (1040, 1420, 330)]
    for left, right, level in (*beside_the_window, (1560, 1900, 270)):
        x = left + 24.0
        while x < right - 20:
            x += _shelf_thing(canvas, x, level, rng)
        canvas.cut(rectangle(left, level, right, level + 15), "#5f3a2a", lift=5)
        for at in (left + 26, right - 36):
            bracket = polygon([(0, 15), (12, 15), (0, 46)], (at, level))
            canvas.cut(bracket, "#4c2d20", lift=2)
    for x, y in ((1180, 420), (1290, 450)):
        draw_lantern(canvas, (x, y - 20), 0.7, lit=False)


def _shelf_thing(canvas: Canvas, x: float, level: float, rng: np.random.Generator) -> float:
    """One jar, book or box; returns the room it takes."""
    colours = ("#c9643f", "#3f7f7a", "#d9a548", "#6b4f86", "#ead7b2", "#8f3a3a")
    colour, kind, tall = rng.choice(colours), rng.integers(3), rng.uniform(48, 84)
    if kind == 0:
        canvas.cut(rounded(x, level - tall, x + 22, level, 3), colour, lift=2.5)
        label = rectangle(x + 3, level - 0.8 * tall, x + 19, level - 0.7 * tall)
        canvas.cut(label, "#f2e3c2", lift=0, edge=0)
        return 26
    if kind == 1:
        top, glass = level - 0.7 * tall, mix(colour, "#dfe9e4", 0.35)
        canvas.cut(rounded(x, top, x + 40, level, 10), glass, lift=2.5, opacity=0.94)
        canvas.cut(rounded(x + 5, top - 9, x + 35, top + 3, 3), "#8a5b3a", lift=1.5)
        return 50
    canvas.cut(rounded(x, level - 0.5 * tall, x + 56, level, 4), colour, lift=2.5)
    canvas.cut(circle((x + 28, level - 0.25 * tall), 5), "#f2e3c2", lift=1)
    return 66


def _floor(canvas: Canvas) -> None:
    canvas.cut(rectangle(-200, 600, 2400, 900), "#5a3628", lift=6, shade=0.2)
    for y in (612, 640, 676):
        canvas.cut(rectangle(-200, y, 2400, y + 3), "#43261d", lift=0, edge=0)


def _table(canvas: Canvas) -> None:
    canvas.cut(rectangle(150, 618, 1330, 830), "#6f4230", lift=8, shade=0.25)
    canvas.cut(rounded(110, 582, 1370, 626, 10), "#a8693f", lift=7, shade=0.12)
    canvas.cut(rectangle(130, 590, 1350, 593), "#c58a55", lift=0, edge=0, opacity=0.7)
    _tools(canvas)


def _tools(canvas: Canvas) -> None:
    canvas.cut(rounded(236, 546, 318, 584, 4), "#d9c49a", lift=3)
    canvas.cut(stroke([(330, 580), (400, 572)], 7, 5), "#c9443c", lift=2)
    canvas.cut(stroke([(424, 582), (480, 576)], 6), "#e8d7b0", lift=2)
    canvas.cut(ellipse((1130, 574), 34, 12), "#3f7f7a", lift=3)
    canvas.cut(rounded(1108, 534, 1152, 576, 8), "#4a918a", lift=3)
    for foot, tip, colour in (
        (1124, 1112, "#8a5b3a"),
        (1128, 1128, "#c9a06a"),
        (1132, 1146, "#5f3a2a"),
    ):
        canvas.cut(stroke([(foot, 540), (tip, 480)], 5, 4), colour, lift=1.5)


def _hanging_lamp(canvas: Canvas) -> None:
    canvas.cut(rectangle(428, -80, 432, 60), "#2f1d1a", lift=0)
    canvas.cut(polygon([(372, 112), (408, 56), (452, 56), (488, 112)]), "#3f6f6a", lift=4)
    canvas.cut(ellipse((430, 113), 46, 12), "#ffe9b0", lift=0, shade=0, edge=0.4)
    canvas.glow((430, 130), 230, "#ffc070", 0.26)


def _jars(canvas: Canvas) -> None:
    """The lantern in front of the lens, where the focus lies first."""
    canvas.cut(rounded(-60, 720, 3400, 900, 8), "#3a221c", lift=0)
    for x, colour in ((40, "#3f6a64"), (1660, "#6b3a2f")):
        canvas.cut(rounded(x - 92, 470, x + 92, 742, 36), mix(colour, "#1d1418", 0.35), lift=6)
        canvas.cut(rounded(x - 60, 442, x + 60, 484, 10), "#4a2f25", lift=4)
    canvas.glow((1010, 520), 300, "#ffb050", 0.3)
    draw_lantern(canvas, (1010, 356), 2.7)


WORKSHOP = Setting("workshop", LIGHT, build)
