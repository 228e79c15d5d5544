"""Pell: a grey heron in a plum tailcoat who carries the post. His shape is an upright line."""

from __future__ import annotations

from math import degrees

from tools.sample_film.characters.character import Arm, Arms, Character
from tools.sample_film.characters.face import EyeStyle, Head, draw_cheeks, draw_eyes
from tools.sample_film.characters.pose import Mouth, Pose, steps
from tools.sample_film.paper.canvas import Canvas, Extent
from tools.sample_film.paper.outline import (
    Outline,
    brush,
    circle,
    ellipse,
    polygon,
    ribbon,
    rounded,
    smooth,
    stroke,
    turned,
    unit,
)

FEATHER, FEATHER_DARK, CREST = "#e6ecf2", "#b9c6d6", "#2d3a5e"
COAT, COAT_DARK, LAPEL, WAISTCOAT = "#6d3f86", "#4f2b66", "#8c58a3", "#f0c2ad"
BEAK, BEAK_DARK, LEG, LEG_DARK = "#f39a34", "#d8782a", "#e4705c", "#bb4f45"
SATCHEL, STRAP = "#8a5634", "#6b3f26"

EYES = EyeStyle(
    azimuth=34,
    elevation=8,
    width=0.13,
    height=0.17,
    white=2.0,
    brow_height=0.5,
    brow_width=0.07,
    brow_ink="#93a5d0",
)


def _draw_legs(canvas: Canvas, pose: Pose, rise: float) -> None:
    near, far = steps(pose.stride)
    spread = 24 * pose.front + 9
    for side, step, colour in ((1, far, LEG_DARK), (-1, near, LEG)):
        x = side * spread + 62 * step.ahead * pose.turn
        y = -44 * step.lift * (0.4 + 0.6 * pose.turn) - 6
        hip = (side * spread * 0.8 - 6 * pose.turn, -230)
        knee = ((hip[0] + x) / 2 + (-14 + 40 * step.lift) * pose.turn, -118 + 0.4 * y)
        canvas.cut(stroke([hip, knee], 15, 11), colour, lift=2)
        canvas.cut(stroke([knee, (x, y)], 11, 10), colour, lift=2)
        canvas.cut(circle(knee, 9), colour, lift=1)
        ahead, aside = 38 * pose.turn, 20 * pose.front
        for along, down in ((ahead + aside, 6), (ahead * 0.8 - aside, 7), (-18 * pose.turn, 6)):
            canvas.cut(stroke([(x, y - 2), (x + along, y + down)], 10, 7), colour, lift=1)


def _draw_tails(canvas: Canvas, pose: Pose, rise: float) -> None:
    swing = 10 * steps(pose.stride)[0].ahead * pose.turn
    back = -64 * pose.turn
    for offset in (-1, 1):
        x = offset * 26 * pose.front + back * 0.5
        tail = smooth(
            [
                (-30, -262 + rise),
                (26, -262 + rise),
                (14 + back * 0.6 + swing, -170),
                (-4 + back * 0.9 + swing, -112),
                (-26 + back * 0.8 + swing, -168),
            ],
            (x, 0),
        )
        canvas.cut(tail, COAT_DARK, lift=3, shade=0.2)


def _draw_coat(canvas: Canvas, pose: Pose, rise: float) -> None:
    turn, front = pose.turn, pose.front
    chest = 18 * turn
    wide = 0.9 + 0.1 * front
    coat = smooth(
        [
            (-34 * wide, -404 + rise),
            (4 + chest, -412 + rise),
            (42 * wide + chest * 0.4, -396 + rise),
            (68 * wide + chest, -330 + rise),
            (60 * wide + chest * 0.6, -258 + rise * 0.5),
            (26, -214),
            (-26, -214),
            (-66 * wide, -256 + rise * 0.5),
            (-72 * wide, -326 + rise),
        ]
    )
    canvas.cut(coat, COAT, lift=4, shade=0.24)
    x = 46 * turn
    vest = smooth(
        [
            (-24, -402 + rise),
            (24, -402 + rise),
            (30 - 6 * turn, -320 + rise),
            (10, -236),
            (-10, -236),
            (-30 + 6 * turn, -320 + rise),
        ],
        (x, 0),
    )
    canvas.cut(vest, WAISTCOAT, lift=0, shade=0.18, edge=0.6, inside=coat)
    for side in (-1, 1):
        lapel = polygon(
            [(side * 16, -412), (side * 46, -384), (side * 34, -330), (side * 7, -296)], (x, rise)
        )
        canvas.cut(lapel, LAPEL, lift=2, shade=0.1, inside=coat)
    for level in (-288, -266, -244):
        canvas.cut(circle((x + 1, level + rise), 4.6), "#d9a441", lift=1.2, shade=0, inside=coat)
    _draw_bow_tie(canvas, x * 0.7, rise)


def _draw_bow_tie(canvas: Canvas, x: float, rise: float) -> None:
    for side in (-1, 1):
        bow = smooth([(0, -404), (side * 28, -420), (side * 27, -388)], (x, rise))
        canvas.cut(bow, "#e0473f", lift=2)
    canvas.cut(circle((x, -404 + rise), 7.5), "#b92f31", lift=1.5)


def _draw_satchel(canvas: Canvas, pose: Pose, rise: float) -> None:
    x = 56 * pose.front - 34 * pose.turn
    y = -226 + rise * 0.6
    shoulder = (-34 * pose.front + 26 * pose.turn, -398 + rise)
    strap = stroke([shoulder, (10 - 4 * pose.turn, -316 + rise), (x, y)], 9)
    canvas.cut(strap, STRAP, lift=2, shade=0)
    canvas.cut(rounded(x - 36, y - 10, x + 36, y + 44, 9), SATCHEL, lift=4, shade=0.16)
    flap = smooth([(-37, -12), (37, -12), (34, 14), (0, 26), (-34, 14)], (x, y))
    canvas.cut(flap, "#a26a40", lift=2.5, shade=0.1)
    envelope = rounded(x - 20, y - 24, x + 12, y - 8, 2)
    canvas.cut(envelope, "#fbf3df", lift=1.5)
    canvas.cut(circle((x, y + 19), 5), "#d9a441", lift=1.2, shade=0)


def _draw_wing(canvas: Canvas, arm: Arm) -> None:
    spine = arm.spine
    for spread, length in ((-0.34, 0.34), (0.34, 0.34), (0.0, 0.42)):
        canvas.cut(_feather(spine, spread, length), FEATHER, lift=2, shade=0.12)
    canvas.cut(brush(spine[:-6], 36, 42), COAT, lift=4, shade=0.2)
    canvas.cut(ribbon(spine[-7:-3], 45, 47), "#f4efe2", lift=1.5, shade=0)


def _feather(spine: Outline, spread: float, length: float) -> Outline:
    heading = turned(unit(spine[-1] - spine[-6]), degrees(spread))
    return stroke([spine[-3], spine[-3] + heading * 130 * length], 24, 15)


def _draw_neck_and_head(canvas: Canvas, pose: Pose, rise: float) -> None:
    turn = pose.turn
    nod = 8 * steps(pose.stride)[0].ahead * turn
    x, y = 34 * turn + nod, -566 + rise
    bend = [(58 * turn + 4, -440 + rise), (-46 * turn, -500 + rise)]
    neck = stroke([(10 * turn, -392 + rise), *bend, (x, y)], 54, 38)
    canvas.cut(neck, FEATHER, lift=3, shade=0.1)
    head = Head(canvas, (x, y), 46, pose, (x, y + 40))
    _draw_crest(head)
    if turn > 0.3:
        _draw_beak(head)
    skull = smooth(
        [(-46, 2), (-32, -36), (4, -45), (40, -28), (47, 6), (28, 34), (-8, 40), (-36, 30)],
        (x, y),
    )
    head.cut(skull, FEATHER, lift=4, shade=0.14)
    mask = smooth([(-60, -60), (60, -60), (60, -22), (10 + 10 * turn, -15), (-60, 4)], (x, y))
    head.cut(mask, CREST, lift=0, shade=0, edge=0.4, inside=skull)
    draw_eyes(head, EYES)
    draw_cheeks(head, "#f08a7a", azimuth=44, elevation=-24)
    if turn <= 0.3:
        _draw_beak(head)


def _draw_crest(head: Head) -> None:
    (x, y), back = head.centre, head.pose.turn
    for lift, length in ((-10, 64), (6, 78), (22, 60)):
        tip_x = x - 10 - length * (0.35 + 0.65 * back)
        tip = (tip_x, y - 44 - (26 - lift) * (1.2 - 0.8 * back))
        plume = stroke([(x - 8, y - 34), (x - 26 - 12 * back, y - 62), tip], 15, 5)
        head.cut(plume, CREST, lift=2, shade=0)


def _draw_beak(head: Head) -> None:
    turn, mouth = head.pose.turn, head.pose.mouth
    x, y, _ = head.at(0, -10, 0.9)
    gape = {Mouth.OPEN: 0.26, Mouth.ROUND: 0.16}.get(mouth, 0.04)
    length = 34 + 84 * turn
    tip_x, tip_y = length * max(turn, 0.04), 34 - 18 * turn
    low_tip = (tip_x - 10 * turn, tip_y + length * gape)
    width = 20 - 4 * turn
    back = width * (1 - 0.5 * turn)
    lower = smooth(
        [(-width * 0.8 * (1 - turn), 0), (width * 0.7, 2), low_tip, (-width * 0.3, 15)], (x, y)
    )
    head.cut(lower, BEAK_DARK, lift=2, shade=0)
    upper = smooth(
        [(-back, -4), (0, -15), (back, -6), (tip_x, tip_y), (-2 * (1 - turn), 12)], (x, y)
    )
    head.cut(upper, BEAK, lift=2.5, shade=0.18)
    nostril = ellipse((x + 16 * turn, y - 4 + 2 * turn), 4 * max(turn, 0.4), 1.8)
    head.mark(nostril, "#9c5420")


PELL = Character(
    id="pell",
    name="Pell",
    looks="a tall grey heron in a plum tailcoat with a dark crest, orange beak and post satchel",
    head=((20.0, -560.0), 75.0),
    extent=Extent(-225, -690, 225, 25),
    step=6,
    breath=3,
    arms=Arms(50, -14, 20, level=-374, length=128, bend=0.14, bend_raised=0.14, sag=14),
    draw_arm=_draw_wing,
    behind=(_draw_tails, _draw_legs),
    body=(_draw_neck_and_head, _draw_coat),
    before=(_draw_satchel,),
)
