"""The cliff at night: sea, moon, the lighthouse, first dark and then lit."""

from __future__ import annotations

import cv2
import numpy as np

from tools.sample_film.paper.canvas import Canvas, Extent, bgr, mix
from tools.sample_film.paper.outline import polygon
from tools.sample_film.settings.buildings import lighthouse
from tools.sample_film.settings.scenery import (
    cloud,
    glitter,
    grass,
    layer,
    moon,
    pine,
    ridge,
    stars,
    waves,
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
        layer("clouds", 0.06, _clouds, drift=lambda t: (4.0 * t, 0.0)),
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
    for x, y, size, seed in (
        (470, 250, 1.2, 1),
        (660, 318, 0.8, 2),
        (1240, 300, 1.2, 3),
        (90, 320, 0.9, 4),
    ):
        cloud(canvas, (x, y), size, "#5565a4", seed)


def _sea(canvas: Canvas) -> None:
    for i, (level, colour) in enumerate(
        ((452, "#3d4f92"), (486, "#324384"), (530, "#283872"), (590, "#1f2d60"))
    ):
        canvas.cut(
            ridge(waves(-100, 1700, level, 3.0 + i, 92 + i, 90)),
            colour,
            lift=4 if i else 0,
            shade=0.12,
        )
    glitter(canvas, 310, 462, 640, "#e6e2c4", 97)


def _islands(canvas: Canvas) -> None:
    canvas.cut(ridge([(600, 470), (700, 440), (800, 430), (880, 462)], 480), "#27336a", lift=3)


def _pines(canvas: Canvas) -> None:
    canvas.cut(
        ridge([(-100, 520), (160, 560), (420, 600), (700, 640), (1200, 660), (2000, 640)]),
        "#1d2a58",
        lift=6,
        shade=0.15,
    )
    for x, y, h in (
        (30, 540, 230),
        (120, 552, 180),
        (190, 566, 210),
        (290, 584, 150),
        (1560, 640, 240),
        (1680, 640, 190),
    ):
        pine(canvas, (x, y), h, "#20336a")


def _rock(canvas: Canvas) -> None:
    canvas.cut(
        ridge(
            [
                (720, 640),
                (860, 590),
                (960, 540),
                (1080, 518),
                (1200, 514),
                (1330, 520),
                (1700, 560),
                (2100, 600),
            ]
        ),
        "#28305f",
        lift=7,
        shade=0.2,
    )
    for x in (900, 1010, 1290, 1420):
        crack = polygon([(x, 575), (x + 30, 548), (x + 70, 600), (x + 40, 660), (x - 10, 640)])
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
    """Two cones of light: colour without coverage."""
    lamp_x, lamp_y = TOWER[0], TOWER[1] - 0.83 * TOWER_HEIGHT
    cones = Canvas(canvas.extent, grain=0.0)
    for reach, spread in ((-1400, 150), (900, 110)):
        far = (lamp_x + reach, lamp_y - 60)
        cone = polygon(
            [
                (lamp_x, lamp_y - 8),
                (far[0], far[1] - spread),
                (far[0], far[1] + spread),
                (lamp_x, lamp_y + 8),
            ]
        )
        cones.cut(cone, "#ffffff", lift=0, shade=0, edge=0)
    columns = np.arange(cones.pixels.shape[1], dtype=np.float32) + canvas.extent.left
    fade = np.exp(-np.abs(columns - lamp_x) / 620)[None, :]
    soft = cv2.GaussianBlur(cones.pixels[..., 3], (0, 0), 7) * fade
    canvas.pixels[..., :3] += 0.46 * soft[..., None] * bgr("#ffe6a6")


def _ground(x: float) -> float:
    return 618 + 10 * float(np.sin(x / 240))


def _cliff(canvas: Canvas) -> None:
    canvas.cut(
        ridge([(x, _ground(x)) for x in range(-100, 2400, 140)]), "#2c4a68", lift=7, shade=0.35
    )
    grass(canvas, -60, 2260, _ground, ("#355878", "#2f5070", "#3f6484"), 98, height=24, pitch=13)


def _edge(canvas: Canvas) -> None:
    line = [(x, 680 + 7 * float(np.sin(x / 120))) for x in range(-100, 2400, 110)]
    canvas.cut(ridge(line), "#1d3350", lift=6, shade=0.3)
    grass(
        canvas,
        -60,
        2260,
        lambda x: 682 + 7 * float(np.sin(x / 120)),
        ("#24405e", "#1d3350", "#2a4a68"),
        99,
        height=34,
    )


def _blades(canvas: Canvas) -> None:
    grass(
        canvas,
        -60,
        2700,
        lambda x: 744.0,
        ("#101c38", mix("#101c38", "#24405e", 0.5)),
        100,
        height=74,
        pitch=17,
    )


CLIFF = Setting("cliff", LIGHT, build)
