"""Things that characters hold: the fallen star and the lantern."""

from __future__ import annotations

from tools.sample_film.characters.pose import Held
from tools.sample_film.paper.canvas import Canvas
from tools.sample_film.paper.outline import (
    Point,
    circle,
    ellipse,
    polygon,
    rounded,
    star,
    stroke,
)

STAR_GOLD = "#ffe28a"
LANTERN_GLOW = "#ffb347"


def draw_held(canvas: Canvas, held: Held, hand: Point) -> None:
    match held:
        case Held.STAR:
            draw_star(canvas, (hand[0], hand[1] - 20), 30)
        case Held.LANTERN:
            draw_lantern(canvas, hand, 1.0)
        case Held.NOTHING:
            pass


def light_of(held: Held, hand: Point) -> tuple[Point, float]:
    """Centre and radius, in drawing units, of the light that a held thing sheds; 0 for none."""
    match held:
        case Held.STAR:
            return (hand[0], hand[1] - 20), 190.0
        case Held.LANTERN:
            return (hand[0], hand[1] + 62), 300.0
        case _:
            return hand, 0.0


def draw_star(canvas: Canvas, centre: Point, radius: float) -> None:
    x, y = centre
    canvas.cut(star(centre, radius), STAR_GOLD, lift=3, shade=0.1)
    canvas.mark(star((x, y - 0.03 * radius), radius * 0.7), "#fff3c4")
    for side in (-1, 1):
        canvas.cut(circle((x + side * 0.2 * radius, y), 0.075 * radius), "#8a5a2b", lift=0, edge=0)
    smile = polygon([(-0.13, 0.16), (0, 0.3), (0.13, 0.16)], centre, radius)
    canvas.cut(stroke(smile, 0.06 * radius), "#8a5a2b", lift=0, edge=0)


def draw_lantern(canvas: Canvas, top: Point, size: float, lit: bool = True) -> None:
    """A ribbed paper lantern that hangs from `top`; 1.0 is about 110 units tall."""
    x, y = top
    middle = y + 62 * size
    body = ellipse((x, middle), 40 * size, 42 * size)
    paper, panel = ("#ff9d3c", "#ffe08a") if lit else ("#a8604a", "#b8725a")
    canvas.cut(stroke([(x, y), (x, y + 24 * size)], 3 * size), "#3b2430", lift=0)
    canvas.cut(body, paper, lift=3, shade=0.1)
    for wide, tall, opacity in ((30, 40, 0.45), (19, 38, 0.6), (9, 34, 0.7)):
        canvas.mark(ellipse((x, middle), wide * size, tall * size), panel, opacity)
    for rib in (-24, -8, 8, 24):
        half = 40 * size * (1 - (rib / 46) ** 2) ** 0.5
        level = middle + rib * size
        line = stroke([(x - half, level), (x, level + 6 * size), (x + half, level)], 1.8 * size)
        canvas.cut(line, "#c8512b", lift=0, edge=0, opacity=0.7)
    for cap in (y + 17 * size, y + 98 * size):
        box = rounded(x - 19 * size, cap, x + 19 * size, cap + 9 * size, 3 * size)
        canvas.cut(box, "#3b2430", lift=1.5)
    tassel = stroke([(x, y + 107 * size), (x, y + 128 * size)], 3 * size, 7 * size)
    canvas.cut(tassel, "#d8413a", lift=1)
