"""A birch wood on an autumn afternoon, with shafts of low light."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tools.sample_film.paper.canvas import Canvas, bgr, mix
from tools.sample_film.paper.outline import (
    Outline,
    bezier,
    brush,
    ellipse,
    moved,
    polygon,
    stroke,
)
from tools.sample_film.settings.scenery import (
    fern,
    grass,
    land,
    layer,
    leafy,
    ridge,
    rolling,
    shine,
    waves,
)
from tools.sample_film.staging.stage import Layer, Light, Setting

LIGHT = Light(tint="#fff0dc", rim="#ffe0a0", rim_from=-1.0, rim_strength=0.5, glow=0.35, bloom=0.04)
LEAVES = ("#e9a23b", "#dd7f35", "#c95f33", "#f0bd55", "#b8862f")


def build() -> tuple[Layer, ...]:
    return (
        layer("haze", 0.0, _haze),
        layer("far trunks", 0.25, _far_trunks),
        layer("middle trunks", 0.5, _middle_trunks),
        layer("light shafts", 0.6, _shafts),
        layer("birches", 0.8, _birches),
        layer("path", 1.0, _path),
        layer("leaves", 1.0, _fallen_leaves),
        layer("ferns", 1.5, _ferns, soften=3.0),
    )


def _haze(canvas: Canvas) -> None:
    canvas.wash([(0.0, "#e8a85c"), (0.4, "#f4cf8e"), (0.75, "#efc483"), (1.0, "#d89a58")])
    canvas.glow((380, 230), 560, "#ffe9b8", 0.16)


def _trunk(x: float, foot: float, lean: float, width: float, top_width: float) -> Outline:
    return stroke([(x, foot), (x + 0.4 * lean, 300), (x + lean, -90)], width, top_width)


def _crowns(
    canvas: Canvas,
    right: float,
    level: float,
    spread: float,
    size: float,
    colours: Sequence[str],
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    for i in range(int(right / (0.62 * size))):
        spot = (i * 0.62 * size + rng.uniform(-20, 20), level + rng.uniform(-1, 1) * spread)
        colour = rng.choice(colours)
        crown = leafy(spot, size * rng.uniform(0.7, 1.1), seed + i)
        canvas.cut(crown, colour, lift=5, shade=0.14)


def _far_trunks(canvas: Canvas) -> None:
    canvas.cut(ridge(waves(-100, 1800, 520, 16, 3)), "#ecc483", lift=4, shade=0.1)
    rng = np.random.default_rng(41)
    for x in range(20, 1600, 74):
        middle, width, lean = x + rng.uniform(-24, 24), rng.uniform(12, 22), rng.uniform(-24, 24)
        canvas.cut(_trunk(middle, 545, lean, width, 0.7 * width), "#e8bf86", lift=4, shade=0.1)
    _crowns(canvas, 1700, 20, 60, 92, ("#f2c878", "#efb566", "#f5d48c"), 42)


def _middle_trunks(canvas: Canvas) -> None:
    canvas.cut(ridge(waves(-100, 2000, 566, 16, 5)), "#d79f57", lift=5, shade=0.14)
    rng = np.random.default_rng(43)
    for x in range(60, 1900, 142):
        middle, width, lean = x + rng.uniform(-40, 40), rng.uniform(24, 34), rng.uniform(-34, 34)
        canvas.cut(_trunk(middle, 592, lean, width, 0.7 * width), "#cf9a68", lift=4, shade=0.1)
    _crowns(canvas, 2000, -6, 50, 112, ("#e6a548", "#eab45a", "#d98a40"), 44)


def _shafts(canvas: Canvas) -> None:
    beam = polygon([(250, -60), (330, -60), (60, 720), (-130, 720)])
    beams = [moved(beam, x, 0) for x in range(-200, 2000, 330)]
    fade = np.linspace(1.0, 0.15, canvas.pixels.shape[0], dtype=np.float32)[:, None]
    shine(canvas, beams, 16, 0.5 * fade, 0.17 * bgr("#ffdf9a"))


def _birches(canvas: Canvas) -> None:
    rng = np.random.default_rng(45)
    canvas.cut(ridge(waves(-100, 2200, 600, 10, 6)), "#b97f43", lift=6, shade=0.18)
    for x in (90, 330, 640, 1010, 1180, 1500, 1780, 2010):
        middle, width, lean = x + rng.uniform(-30, 30), rng.uniform(46, 62), rng.uniform(-40, 40)
        _birch(canvas, middle, width, lean, rng)
    _crowns(canvas, 2300, -30, 40, 124, LEAVES, 46)


def _birch(canvas: Canvas, x: float, width: float, lean: float, rng: np.random.Generator) -> None:
    spine = bezier([(x, 640), (x + 0.4 * lean, 300), (x + lean, -90)])
    bark = brush(spine, width, 0.72 * width)
    canvas.cut(bark, "#f8eddc", lift=6, shade=0.12)
    for i in range(1, 23):
        px, py = spine[i] + rng.uniform(-10, 10, 2)
        half = rng.uniform(0.12, 0.34) * width
        side = rng.choice([-1, 1]) * 0.3 * width
        scar = ellipse((px + side, py), half, rng.uniform(2, 4.5), rng.uniform(-8, 8))
        canvas.mark(scar, "#4a3a3a", 0.85, inside=bark)
    shade = brush(moved(spine, 0.36 * width, 0), 0.34 * width, 0.24 * width)
    canvas.mark(shade, "#b98f78", 0.35, inside=bark)


def _path(canvas: Canvas) -> None:
    ground = rolling(628, 7, 170)
    land(canvas, ground, 140, "#94592f", lift=7, shade=0.3)
    grass(canvas, 2260, ground, ("#a86a34", "#c08440", "#8a5a35"), 47, height=26, pitch=15)


def _fallen_leaves(canvas: Canvas) -> None:
    land(canvas, rolling(684, 5, 90), 110, "#76422a", lift=5, shade=0.3)
    rng = np.random.default_rng(48)
    for _ in range(420):
        spot = (rng.uniform(-40, 2250), rng.uniform(640, 735))
        leaf = ellipse(spot, rng.uniform(7, 13), rng.uniform(3, 5.5), rng.uniform(0, 180))
        canvas.cut(leaf, rng.choice(LEAVES), lift=1, shade=0.05)


def _ferns(canvas: Canvas) -> None:
    rng = np.random.default_rng(49)
    for x in range(-20, 2750, 150):
        for lean in (-0.7, -0.25, 0.25, 0.7):
            height = rng.uniform(90, 150) * (0.55 if x % 300 else 1.0)
            root = (x + rng.uniform(-30, 30), 770)
            fern(canvas, root, height, mix("#5a2f2a", "#38222e", rng.random()), lean)


WOOD = Setting("wood", LIGHT, build)
