"""The title card and the credits: letters cut from paper before a night sky."""

from __future__ import annotations

from math import sin

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tools.sample_film.characters.props import draw_lantern
from tools.sample_film.paper.canvas import Canvas, Extent
from tools.sample_film.paper.outline import Point, stroke
from tools.sample_film.settings.scenery import clouds, layer, moon, ridge, stars, waves, wind
from tools.sample_film.staging.camera import WIDTH
from tools.sample_film.staging.stage import Layer, Light, Setting

LIGHT = Light(bloom=0.07, vignette=0.36)
CREAM, GOLD, MIST = "#fff3d6", "#ffcf6b", "#b9c6ea"

CREDIT_LINES = (
    ("THE PAPER LANTERN", 54, GOLD),
    ("", 26, CREAM),
    ("Mira  ·  Pell  ·  Orso", 44, CREAM),
    ("", 26, CREAM),
    ("Cut from paper and lit by code,", 34, MIST),
    ("frame by frame", 34, MIST),
    ("", 26, CREAM),
    ("Dedicated to the public domain  ·  CC0 1.0", 30, MIST),
    ("", 110, CREAM),
    ("The end", 72, GOLD),
)


def build_title() -> tuple[Layer, ...]:
    return (
        layer("sky", 0.0, _sky),
        layer("clouds", 0.06, _clouds, drift=wind(6.0)),
        layer("hills", 0.2, _hills),
        layer("letters", 0.0, _title),
        layer("lantern", 0.0, _lantern, drift=lambda t: (3.0 * sin(1.1 * t), 2.0 * sin(2.2 * t))),
    )


def build_credits() -> tuple[Layer, ...]:
    return (
        layer("sky", 0.0, _sky),
        layer("moon", 0.0, lambda canvas: moon(canvas, (1070, 170), 64)),
        layer("clouds", 0.06, _clouds, drift=wind(6.0)),
        layer("hills", 0.2, _hills),
        layer(
            "credits",
            0.0,
            _credits,
            extent=Extent(0, 0, WIDTH, 900),
            drift=lambda t: (0.0, 250 - 124.0 * t),
        ),
    )


def _sky(canvas: Canvas) -> None:
    canvas.wash([(0.0, "#121b47"), (0.5, "#2c3c7c"), (0.8, "#6a5f9e"), (1.0, "#c58a9a")])
    stars(canvas, Extent(-40, -40, 1320, 520), 150, 101)


def _clouds(canvas: Canvas) -> None:
    heaps = [(120, 470, 1.5), (470, 540, 1.2), (1010, 500, 1.6), (1260, 430, 1.1)]
    clouds(canvas, "#6f74b4", heaps)


def _hills(canvas: Canvas) -> None:
    canvas.cut(ridge(waves(-100, 1700, 600, 30, 102, 220)), "#37447f", lift=6, shade=0.15)
    canvas.cut(ridge(waves(-100, 1700, 650, 22, 103, 190)), "#27346a", lift=6, shade=0.15)


def _title(canvas: Canvas) -> None:
    write(canvas, "The Paper", (WIDTH / 2 - 40, 250), 92, CREAM, spacing=6, wobble=3.0)
    write(canvas, "LANTERN", (WIDTH / 2 - 40, 390), 148, GOLD, spacing=14, wobble=2.5)


def _lantern(canvas: Canvas) -> None:
    canvas.cut(stroke([(1030, -60), (1034, 160)], 3), "#e9d7b0", lift=0, edge=0)
    canvas.glow((1034, 268), 330, "#ffa040", 0.42)
    draw_lantern(canvas, (1034, 150), 1.9)


def _credits(canvas: Canvas) -> None:
    y = 60.0
    for text, size, colour in CREDIT_LINES:
        if text:
            write(canvas, text, (WIDTH / 2, y), size, colour, spacing=1.5, wobble=0.0)
        y += 1.65 * size


def write(
    canvas: Canvas,
    text: str,
    centre: Point,
    size: int,
    colour: str,
    *,
    spacing: float,
    wobble: float,
) -> None:
    """Letters cut one by one, each turned by up to `wobble` degrees."""
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise RuntimeError("Pillow was built without FreeType; install a standard Pillow wheel")
    rng = np.random.default_rng(len(text) * size)
    width = sum(font.getlength(c) + spacing for c in text) - spacing
    x = centre[0] - width / 2
    for letter in text:
        advance = font.getlength(letter)
        if letter.strip():
            tilt = rng.uniform(-wobble, wobble)
            _stamp(canvas, font, letter, (x + advance / 2, centre[1]), tilt, colour)
        x += advance + spacing


def _stamp(
    canvas: Canvas,
    font: ImageFont.FreeTypeFont,
    letter: str,
    centre: Point,
    tilt: float,
    colour: str,
) -> None:
    size = int(font.size)
    x, y = centre[0] - canvas.extent.left, centre[1] - canvas.extent.top
    side, left, top = 2 * size, int(x) - size, int(y) - size
    image = Image.new("L", (side, side), 0)
    place, stroke_width = (size + (x - size - left), 1.36 * size), size // 60
    ImageDraw.Draw(image).text(
        place, letter, fill=255, font=font, anchor="ms", stroke_width=stroke_width
    )
    turn = cv2.getRotationMatrix2D((size, size), tilt, 1.0)
    mask = cv2.warpAffine(np.asarray(image, dtype=np.float32) / 255, turn, (side, side))
    rows = slice(max(top, 0), min(top + side, canvas.pixels.shape[0]))
    columns = slice(max(left, 0), min(left + side, canvas.pixels.shape[1]))
    cut = mask[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    paper, lift = cut.astype(np.float32), max(1.5, size / 22)
    canvas.press(paper, (rows, columns), colour, lift=lift, shade=0.18, edge=1.0)


TITLE = Setting("title", LIGHT, build_title)
CREDITS = Setting("credits", LIGHT, build_credits)
