"""Things that people built: houses, a lighthouse, sailing boats."""

from __future__ import annotations

from dataclasses import dataclass

from tools.sample_film.paper.canvas import Canvas, mix
from tools.sample_film.paper.outline import Point, circle, polygon, rectangle, smooth


def house(
    canvas: Canvas,
    foot: Point,
    width: float,
    height: float,
    wall: str,
    roof: str,
    window: str,
    lit: bool = True,
) -> None:
    """A narrow harbour house, its gable to the viewer."""
    x, y = foot
    left, right, eaves = x - width / 2, x + width / 2, y - height
    canvas.cut(rectangle(left, eaves, right, y + 30), wall, lift=4, shade=0.2)
    peak = eaves - 0.62 * width
    canvas.cut(
        rectangle(right - 0.34 * width, peak + 0.04 * width, right - 0.18 * width, eaves),
        mix(roof, "#20182a", 0.25),
        lift=2,
    )
    canvas.cut(
        polygon([(left - 10, eaves + 6), (x, peak), (right + 10, eaves + 6)]),
        roof,
        lift=4,
        shade=0.16,
    )
    floors = max(1, int(height // 74))
    for floor in range(floors):
        for side in (-1, 1):
            pane_x, pane_y = x + side * 0.23 * width, eaves + 40 + floor * 70
            _window(
                canvas,
                (pane_x, pane_y),
                0.13 * width,
                22,
                window if lit or (floor + side) % 2 else "#4a4a6a",
            )
    canvas.cut(circle((x, eaves - 0.2 * width), 0.085 * width), window, lift=0, edge=0.5)


def _window(canvas: Canvas, centre: Point, half: float, tall: float, glass: str) -> None:
    x, y = centre
    canvas.cut(
        rectangle(x - half - 3, y - tall - 3, x + half + 3, y + tall + 3),
        "#f4e6cc",
        lift=1.5,
        shade=0,
    )
    canvas.cut(
        rectangle(x - half, y - tall, x + half, y + tall), glass, lift=0, shade=-0.15, edge=0
    )
    for bar in (
        rectangle(x - 1.5, y - tall, x + 1.5, y + tall),
        rectangle(x - half, y - 1.5, x + half, y + 1.5),
    ):
        canvas.cut(bar, "#f4e6cc", lift=0.6, shade=0, edge=0)


@dataclass(frozen=True)
class _Tower:
    """Measures and colours of a lighthouse. x, y: the middle of its foot."""

    x: float
    y: float
    height: float
    dim: float

    @property
    def neck(self) -> float:
        """The level on which the lamp room stands."""
        return self.y - 0.74 * self.height

    @property
    def top_half(self) -> float:
        """Half the width of the tower at its neck."""
        return 0.085 * self.height

    def colour(self, by_day: str) -> str:
        return mix(by_day, "#20264c", self.dim)


def lighthouse(canvas: Canvas, foot: Point, height: float, lit: bool, dim: float = 0.0) -> Point:
    """A striped tower; returns the centre of its lamp room. dim: share of night in its colours."""
    tower = _Tower(*foot, height, dim)
    _draw_shaft(canvas, tower)
    _draw_lamp_room(canvas, tower, lit)
    return (tower.x, tower.neck - 0.09 * height)


def _draw_shaft(canvas: Canvas, tower: _Tower) -> None:
    x, y, height, neck = tower.x, tower.y, tower.height, tower.neck
    half, top_half = 0.13 * height, tower.top_half
    shaft = polygon([(x - half, y), (x - top_half, neck), (x + top_half, neck), (x + half, y)])
    canvas.cut(shaft, tower.colour("#f6ead2"), lift=4, shade=0.12)
    for i in range(3):
        band_top = neck + (0.1 + 0.26 * i) * 0.74 * height
        band = rectangle(x - half, band_top, x + half, band_top + 0.1 * height)
        canvas.cut(band, tower.colour("#c9443c"), lift=0, shade=0.05, edge=0.5, inside=shaft)
    door = smooth(
        [
            (x - 0.03 * height, y),
            (x - 0.03 * height, y - 0.09 * height),
            (x, y - 0.115 * height),
            (x + 0.03 * height, y - 0.09 * height),
            (x + 0.03 * height, y),
        ]
    )
    canvas.cut(door, tower.colour("#3a2f45"), lift=1)


def _draw_lamp_room(canvas: Canvas, tower: _Tower, lit: bool) -> None:
    x, height, neck, half = tower.x, tower.height, tower.neck, tower.top_half
    dark = tower.colour("#3a2f45")
    floor, ceiling = neck - 0.03 * height, neck - 0.15 * height
    canvas.cut(rectangle(x - 1.35 * half, floor, x + 1.35 * half, neck), dark, lift=3)
    glass = "#fff1b0" if lit else tower.colour("#7d8aa8")
    window = rectangle(x - 0.75 * half, ceiling, x + 0.75 * half, floor)
    canvas.cut(window, glass, lift=1, shade=0)
    for bar in (-0.4, 0.0, 0.4):
        bx = x + bar * half
        canvas.cut(rectangle(bx - 1.2, ceiling, bx + 1.2, floor), dark, lift=0, edge=0)
    roof = smooth(
        [
            (x - half, neck - 0.145 * height),
            (x - 0.5 * half, neck - 0.2 * height),
            (x, neck - 0.25 * height),
            (x + 0.5 * half, neck - 0.2 * height),
            (x + half, neck - 0.145 * height),
        ],
        6,
    )
    canvas.cut(roof, tower.colour("#c9443c"), lift=2)


def sail_boat(canvas: Canvas, keel: Point, size: float, hull: str, sail: str) -> None:
    x, y = keel
    canvas.cut(
        rectangle(x - 2.5 * size, y - 150 * size, x + 2.5 * size, y - 20 * size), "#4a3038", lift=1
    )
    canvas.cut(
        polygon(
            [
                (x + 6 * size, y - 146 * size),
                (x + 74 * size, y - 34 * size),
                (x + 6 * size, y - 34 * size),
            ]
        ),
        sail,
        lift=3,
    )
    canvas.cut(
        polygon(
            [
                (x - 6 * size, y - 128 * size),
                (x - 50 * size, y - 34 * size),
                (x - 6 * size, y - 34 * size),
            ]
        ),
        mix(sail, "#b58a6a", 0.25),
        lift=3,
    )
    canvas.cut(
        smooth(
            [
                (x - 84 * size, y - 28 * size),
                (x, y - 22 * size),
                (x + 92 * size, y - 30 * size),
                (x + 62 * size, y + 8 * size),
                (x, y + 12 * size),
                (x - 62 * size, y + 8 * size),
            ],
            8,
        ),
        hull,
        lift=3,
        shade=0.2,
    )
