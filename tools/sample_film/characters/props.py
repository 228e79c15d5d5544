"""Things that characters hold: the fallen star and the lantern."""

from __future__ import annotations

from tools.sample_film.characters.pose import Held
from tools.sample_film.paper.canvas import Canvas
from tools.sample_film.paper.outline import Point, bezier, brush, circle, ellipse, rounded, star

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
    canvas.cut(star((x, y - 0.03 * radius), radius * 0.7), "#fff3c4", lift=0, shade=0, edge=0)
    for side in (-1, 1):
        canvas.cut(circle((x + side * 0.2 * radius, y), 0.075 * radius), "#8a5a2b", lift=0, edge=0)
    smile = bezier(
        [
            (x - 0.13 * radius, y + 0.16 * radius),
            (x, y + 0.3 * radius),
            (x + 0.13 * radius, y + 0.16 * radius),
        ]
    )
    canvas.cut(brush(smile, 0.06 * radius, 0.06 * radius), "#8a5a2b", lift=0, edge=0)


def draw_lantern(canvas: Canvas, top: Point, size: float, lit: bool = True) -> None:
    """A ribbed paper lantern that hangs from `top`; 1.0 is about 110 units tall."""
    x, y = top
    middle = y + 62 * size
    body = ellipse((x, middle), 40 * size, 42 * size)
    paper, panel = ("#ff9d3c", "#ffe08a") if lit else ("#a8604a", "#b8725a")
    canvas.cut(brush(bezier([(x, y), (x, y + 24 * size)]), 3 * size, 3 * size), "#3b2430", lift=0)
    canvas.cut(body, paper, lift=3, shade=0.1)
    for wide, tall, opacity in ((30, 40, 0.45), (19, 38, 0.6), (9, 34, 0.7)):
        inner = ellipse((x, middle), wide * size, tall * size)
        canvas.cut(inner, panel, lift=0, shade=0, edge=0, opacity=opacity)
    for rib in (-24, -8, 8, 24):
        half = 40 * size * (1 - (rib / 46) ** 2) ** 0.5
        level = middle + rib * size
        spine = bezier([(x - half, level), (x, level + 6 * size), (x + half, level)])
        canvas.cut(brush(spine, 1.8 * size, 1.8 * size), "#c8512b", lift=0, edge=0, opacity=0.7)
    for cap in (y + 17 * size, y + 98 * size):
        box = rounded(x - 19 * size, cap, x + 19 * size, cap + 9 * size, 3 * size)
        canvas.cut(box, "#3b2430", lift=1.5)
    tassel = bezier([(x, y + 107 * size), (x, y + 128 * size)])
    canvas.cut(brush(tassel, 3 * size, 7 * size), "#d8413a", lift=1)
