"""Mira: a girl in a yellow coat with a pointed hood and a red scarf. Her shape is a triangle."""

from __future__ import annotations

from tools.sample_film.characters.character import Arm, Arms, Character
from tools.sample_film.characters.face import EyeStyle, Head, draw_cheeks, draw_eyes, draw_mouth
from tools.sample_film.characters.pose import Pose, steps
from tools.sample_film.paper.canvas import Canvas, Extent
from tools.sample_film.paper.outline import (
    bezier,
    brush,
    circle,
    ellipse,
    polygon,
    ribbon,
    smooth,
    stroke,
    turned,
)

COAT, COAT_DARK, LINING = "#f5b82e", "#dd9520", "#b56a1c"
SCARF, SCARF_DARK = "#d8352f", "#b02326"
BOOT, SOLE, STOCKING = "#1f5c66", "#17414a", "#3a3350"
SKIN, HAIR, CHEEK = "#f3c49a", "#3b2426", "#e8705f"

EYES = EyeStyle(azimuth=23, elevation=-2, width=0.135, height=0.2, brow_height=0.28)


def _draw_legs(canvas: Canvas, pose: Pose, rise: float) -> None:
    near, far = steps(pose.stride)
    spread = 26 * pose.front + 7
    for side, step in ((1, far), (-1, near)):
        hip = (side * spread * 0.8, -92.0)
        x = side * spread + 40 * step.ahead * pose.turn
        y = -16 * step.lift * (0.5 + 0.5 * pose.turn) - 20
        canvas.cut(stroke([hip, (x, y - 8)], 25, 21), STOCKING, lift=2)
        toe = 14 * pose.turn
        tip = -14 * step.lift * pose.turn
        front = [(17, -24), (19 + toe * 0.4, -4), (22 + toe, 15)]
        boot = smooth([(-17, -24), *front, (0, 20), (-21, 17), (-18, -2)], (x, y))
        sole = stroke([(x - 19, y + 16), (x + 21 + toe, y + 16)], 9)
        canvas.cut(turned(boot, tip, (x, y)), BOOT, lift=2)
        canvas.cut(turned(sole, tip, (x, y)), SOLE, lift=1, shade=0)
        cuff = stroke([(x - 17, y - 22), (x + 17, y - 22)], 9)
        canvas.cut(turned(cuff, tip, (x, y)), "#2f7f88", lift=1, shade=0)


def _draw_coat(canvas: Canvas, pose: Pose, rise: float) -> None:
    wide = 0.82 + 0.18 * pose.front
    swing = 8 * steps(pose.stride)[0].ahead * pose.turn
    top, hem = 38 * wide, 96 * wide
    coat = smooth(
        [
            (-top, -238 + rise),
            (0, -246 + rise),
            (top, -238 + rise),
            (top + 22, -165 + rise),
            (hem + swing, -84),
            (hem - 14 + swing, -66),
            (swing * 0.6, -60),
            (-hem + 14 + swing * 0.4, -66),
            (-hem + swing * 0.4, -84),
            (-top - 22, -165 + rise),
        ]
    )
    canvas.cut(coat, COAT, lift=4, shade=0.2)
    seam_x = 30 * pose.turn
    hem_band = smooth([(-140, -84), (0, -74), (140, -84), (140, -40), (0, -40), (-140, -40)])
    canvas.mark(hem_band, COAT_DARK, opacity=0.55, inside=coat)
    seam = stroke([(seam_x, -232 + rise), (seam_x * 1.5, -150), (seam_x * 1.9, -64)], 2.5, 3)
    canvas.cut(seam, LINING, lift=0, edge=0, inside=coat)
    for level in (-190, -150, -110):
        x = seam_x * (1 + (232 + level) / 180) + 11 * pose.front
        button = ellipse((x, level + rise * 0.5), 6.5 * (0.6 + 0.4 * pose.front), 6.5)
        canvas.cut(button, "#6d3a22", lift=1.5)
    x = -44 * pose.front + 4 * pose.turn
    pocket = polygon([(-19, 0), (19, 0), (17, 26), (0, 32), (-17, 26)], (x, -128))
    canvas.cut(pocket, COAT, lift=1.6, shade=0.1, inside=coat)


def _draw_arm(canvas: Canvas, arm: Arm) -> None:
    (x, y), (elbow_x, elbow_y), (hand_x, hand_y) = arm.shoulder, arm.elbow, arm.hand
    reach = (hand_x + 0.13 * (hand_x - x), hand_y + 0.13 * (hand_y - y))
    canvas.cut(circle(reach, 15), SKIN, lift=2, shade=0.08)
    wrist = (hand_x * 0.9 + elbow_x * 0.1, hand_y * 0.9 + elbow_y * 0.1)
    sleeve = bezier([arm.shoulder, arm.elbow, wrist])
    canvas.cut(brush(sleeve[:-4], 34, 37), COAT, lift=4, shade=0.16)
    canvas.cut(ribbon(sleeve[-5:], 39, 41), COAT_DARK, lift=1.2, shade=0.05)


def _draw_head(canvas: Canvas, pose: Pose, rise: float) -> None:
    x, y = 5 * pose.turn, -296 + rise
    head = Head(canvas, (x, y), 62, pose, (0, -245 + rise))
    back = -46 * pose.turn
    hood = smooth(
        [
            (-74, 20),
            (-72 + back * 0.25, -34),
            (-40 + back * 0.5, -78),
            (back - 6, -126),
            (4 + back * 0.7, -116),
            (40 + back * 0.15, -74),
            (72 - 4 * pose.turn, -28),
            (72, 22),
            (44, 62),
            (0, 72),
            (-46, 62),
        ],
        (x, y),
    )
    head.cut(hood, COAT, lift=4, shade=0.2)
    bend = (x - 30 + back * 0.5, y - 74)
    fold = stroke([(x + back - 2, y - 112), bend, (x - 44 + back * 0.4, y - 40)], 2, 5)
    head.cut(fold, COAT_DARK, lift=0, edge=0, opacity=0.8, inside=hood)
    shift, width = 25 * pose.turn, 1 - 0.2 * pose.turn
    opening = ellipse((x + shift, y + 6), 61 * width, 60)
    head.cut(opening, LINING, lift=0, shade=0.2, edge=0.8)
    face = ellipse((x + shift * 1.02, y + 9), 55 * width, 55)
    head.cut(face, SKIN, lift=2.5, shade=0.08, inside=opening)
    _draw_features(head)
    fringe = smooth(
        [
            (shift - 60 * width, 20),
            (shift - 54 * width, -30),
            (shift, -60),
            (shift + 54 * width, -30),
            (shift + 60 * width, 20),
            (shift + (47 + 8 * pose.turn) * width, 14),
            (shift + (38 + 9 * pose.turn) * width, -18),
            (shift + 14 * width, -27),
            (shift - 4, -25),
            (shift - 34 * width, -23),
            (shift - 47 * width, 14),
        ],
        (x, y),
    )
    head.cut(fringe, HAIR, lift=2, shade=0.1, inside=opening)


def _draw_features(head: Head) -> None:
    draw_cheeks(head, CHEEK, azimuth=40, elevation=-26)
    draw_eyes(head, EYES)
    x, y, _ = head.at(0, -16, 1.0)
    head.cut(ellipse((x, y), 5.5, 4.2), "#e39f78", lift=0.8, shade=0, edge=0.5)
    x, y, squeeze = head.at(0, -33, 0.96)
    draw_mouth(head, (x, y), 17 * max(squeeze, 0.5))


def _draw_collar(canvas: Canvas, pose: Pose, rise: float) -> None:
    wide = 50 * (0.85 + 0.15 * pose.front)
    x, y = 5 * pose.turn, -238 + rise
    wrap = smooth(
        [(-wide, -4), (0, 8), (wide, -4), (wide - 4, 16), (0, 29), (-wide + 4, 16)], (x, y)
    )
    canvas.cut(wrap, SCARF, lift=3.5, shade=0.16)
    knot = ellipse((x - 24 + 12 * pose.turn, y + 18), 13, 14)
    left, right = (-36 + 8 * pose.turn, 68), (-10 + 10 * pose.turn, 66)
    end = smooth([(-34 + 12 * pose.turn, 22), (-14 + 12 * pose.turn, 22), right, left], (x, y))
    canvas.cut(end, SCARF_DARK, lift=2.5, shade=0.1)
    canvas.cut(knot, SCARF, lift=2, shade=0.1)


def _draw_scarf_tail(canvas: Canvas, pose: Pose, rise: float) -> None:
    """The loose end flies behind her when she is seen from the side."""
    if not pose.sideways:
        return
    wave = 10 * steps(pose.stride)[0].ahead
    y = -232 + rise
    middle = [(-70, y - 16 - wave), (-92, y + 26 + wave)]
    tail = stroke([(-20, y), *middle, (-128, y + 6 - wave)], 24, 34)
    canvas.cut(tail, SCARF_DARK, lift=3, shade=0.1)


MIRA = Character(
    id="mira",
    name="Mira",
    looks="a small girl in a yellow raincoat with a pointed hood, a red scarf and teal boots",
    head=((0.0, -300.0), 78.0),
    extent=Extent(-175, -450, 175, 30),
    step=6,
    breath=2.5,
    arms=Arms(36, -6, 10, level=-218, length=84, bend=0.18, bend_raised=0.10, sag=12),
    draw_arm=_draw_arm,
    behind=(_draw_scarf_tail,),
    body=(_draw_legs, _draw_coat),
    before=(_draw_head, _draw_collar),
)
