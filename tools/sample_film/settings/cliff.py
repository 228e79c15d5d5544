"""The cliff at night: sea, moon, the lighthouse, first dark and then lit."""

from __future__ import annotations

import numpy as np

from tools.sample_film.paper.canvas import Canvas, Extent, bgr, mix
from tools.sample_film.paper.outline import polygon
from tools.sample_film.settings.buildings import lighthouse
from tools.sample_film.settings.scenery import (
    clouds,
    glitter,
    grass,
    land,
    layer,
    moon,
    pine,
    ridge,
    rolling,
    sea,
    shine,
    stars,
    wind,
)
from tools.sample_film.staging.camera import ease
from tools.sample_film.staging.stage import Layer, Light, Setting

LIGHT = Light(
    tint="#9fa8d8",
    rim="#c4d2ff",
    rim_from=-1.0,
    rim_strength=0.5,
    glow=0.95,
    bloom=0.12,
    vignette=0.34,
)
TOWER = (1180.0, 520.0)
TOWER_HEIGHT = 430.0


def build() -> tuple[Layer, ...]:
    return (
        layer("sky", 0.0, _sky),
        layer("clouds", 0.06, _clouds, drift=wind(4.0)),
        layer("sea", 0.15, _sea),
        layer("islands", 0.25, _islands),
        layer("pines", 0.5, _pines),
        layer("beam", 0.7, _beam, strength=_switched_on),
        layer("dark tower", 0.7, _dark_tower),
        layer("lit tower", 0.7, _lit_tower, strength=_switched_on),
        layer("cliff", 1.0, _cliff),
        layer("edge", 1.0, _edge),
        layer("blades", 1.45, _blades, soften=2.8),
    )


def _switched_on(t: float) -> float:
    """The light comes on in the first seconds of the shot that shows it."""
    return ease(t, 0.6, 1.5)


def _sky(canvas: Canvas) -> None:
    canvas.wash(
        [(0.0, "#0f1740"), (0.4, "#24366e"), (0.62, "#46589a"), (0.66, "#5a68a8"), (1.0, "#2a3870")]
    )
    stars(canvas, Extent(-40, -40, 1320, 420), 130, 91)
    moon(canvas, (300, 165), 58)


def _clouds(canvas: Canvas) -> None:
    heaps = [(470, 250, 1.2), (660, 318, 0.8), (1240, 300, 1.2), (90, 320, 0.9)]
    clouds(canvas, "#5565a4", heaps)


def _sea(canvas: Canvas) -> None:
    waters = [(452, "#3d4f92"), (486, "#324384"), (530, "#283872"), (590, "#1f2d60")]
    sea(canvas, waters, 92, shade=0.12)
    glitter(canvas, 310, 462, "#e6e2c4", 97)


def _islands(canvas: Canvas) -> None:
    canvas.cut(ridge([(600, 470), (700, 440), (800, 430), (880, 462)], 480), "#27336a", lift=3)


def _pines(canvas: Canvas) -> None:
    tops = [(-100, 520), (160, 560), (420, 600), (700, 640), (1200, 660), (2000, 640)]
    canvas.cut(ridge(tops), "#1d2a58", lift=6, shade=0.15)
    left = [(30, 540, 230), (120, 552, 180), (190, 566, 210), (290, 584, 150)]
    for x, y, height in (*left, (1560, 640, 240), (1680, 640, 190)):
        pine(canvas, (x, y), height, "#20336a")


def _rock(canvas: Canvas) -> None:
    climb = [(720, 640), (860, 590), (960, 540), (1080, 518)]
    tops = [*climb, (1200, 514), (1330, 520), (1700, 560), (2100, 600)]
    canvas.cut(ridge(tops), "#28305f", lift=7, shade=0.2)
    for x in (900, 1010, 1290, 1420):
        crack = polygon([(0, 575), (30, 548), (70, 600), (40, 660), (-10, 640)], at=(x, 0))
        canvas.cut(crack, "#1f2750", lift=1, edge=0.6, opacity=0.8)


def _dark_tower(canvas: Canvas) -> None:
    _rock(canvas)
    lighthouse(canvas, TOWER, TOWER_HEIGHT, lit=False, dim=0.46)


def _lit_tower(canvas: Canvas) -> None:
    _rock(canvas)
    lamp = lighthouse(canvas, TOWER, TOWER_HEIGHT, lit=True, dim=0.2)
    canvas.glow(lamp, 230, "#ffbe5c", 0.42)
    canvas.glow(lamp, 80, "#ffe9b0", 0.5)


def _beam(canvas: Canvas) -> None:
    """Two cones of light from the lamp."""
    x, y = TOWER[0], TOWER[1] - 0.83 * TOWER_HEIGHT
    cones = [
        polygon([(0, -8), (reach, -60 - spread), (reach, -60 + spread), (0, 8)], (x, y))
        for reach, spread in ((-1400, 150), (900, 110))
    ]
    columns = np.arange(canvas.pixels.shape[1], dtype=np.float32) + canvas.extent.left
    shine(canvas, cones, 7, np.exp(-np.abs(columns - x) / 620)[None, :], 0.46 * bgr("#ffe6a6"))


def _cliff(canvas: Canvas) -> None:
    ground = rolling(618, 10, 240)
    land(canvas, ground, 140, "#2c4a68", lift=7, shade=0.35)
    grass(canvas, 2260, ground, ("#355878", "#2f5070", "#3f6484"), 98, height=24, pitch=13)


def _edge(canvas: Canvas) -> None:
    land(canvas, rolling(680, 7, 120), 110, "#1d3350", lift=6, shade=0.3)
    blades = ("#24405e", "#1d3350", "#2a4a68")
    grass(canvas, 2260, rolling(682, 7, 120), blades, 99, height=34, pitch=9)


def _blades(canvas: Canvas) -> None:
    colours = ("#101c38", mix("#101c38", "#24405e", 0.5))
    grass(canvas, 2700, lambda x: 744.0, colours, 100, height=74, pitch=17)


CLIFF = Setting("cliff", LIGHT, build)
