"""Pell: a grey heron in a plum tailcoat who carries the post. His shape is an upright line."""

from __future__ import annotations

from math import cos, radians, sin

from tools.sample_film.characters.character import Character, Drawing
from tools.sample_film.characters.face import EyeStyle, Head, draw_cheeks, draw_eyes
from tools.sample_film.characters.pose import Mouth, Pose, bob, steps
from tools.sample_film.characters.props import draw_held
from tools.sample_film.paper.canvas import Canvas, Extent
from tools.sample_film.paper.outline import (
    Outline,
    Point,
    bezier,
    brush,
    circle,
    ellipse,
    polygon,
    ribbon,
    rounded,
    smooth,
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


def draw(canvas: Canvas, pose: Pose) -> Drawing:
    rise = -6 * bob(pose.stride) - 3 * pose.breath
    _draw_tails(canvas, pose, rise)
    _draw_legs(canvas, pose)
    if pose.turn > 0.4:
        _draw_wing(canvas, pose, "far", rise)
    _draw_neck_and_head(canvas, pose, rise)
    _draw_coat(canvas, pose, rise)
    if pose.turn <= 0.4:
        _draw_wing(canvas, pose, "far", rise)
    _draw_satchel(canvas, pose, rise)
    _draw_wing(canvas, pose, "near", rise)
    hand = _hand(pose, "near" if pose.turn > 0.4 else "far", rise)
    draw_held(canvas, pose.held, hand)
    return Drawing(hand=hand)


def _draw_legs(canvas: Canvas, pose: Pose) -> None:
    near, far = steps(pose.stride)
    spread = 24 * pose.front + 9
    for side, step, colour in ((1, far, LEG_DARK), (-1, near, LEG)):
        x = side * spread + 62 * step.ahead * pose.turn
        y = -44 * step.lift * (0.4 + 0.6 * pose.turn) - 6
        hip = (side * spread * 0.8 - 6 * pose.turn, -230)
        knee = ((hip[0] + x) / 2 + (-14 + 40 * step.lift) * pose.turn, -118 + 0.4 * y)
        canvas.cut(brush(bezier([hip, knee]), 15, 11), colour, lift=2)
        canvas.cut(brush(bezier([knee, (x, y)]), 11, 10), colour, lift=2)
        canvas.cut(circle(knee, 9), colour, lift=1)
        ahead, aside = 38 * pose.turn, 20 * pose.front
        toes = [
            (x + ahead + aside, y + 6),
            (x + ahead * 0.8 - aside, y + 7),
            (x - 18 * pose.turn, y + 6),
        ]
        for toe in toes:
            canvas.cut(brush(bezier([(x, y - 2), toe]), 10, 7), colour, lift=1)


def _draw_tails(canvas: Canvas, pose: Pose, rise: float) -> None:
    swing = 10 * steps(pose.stride)[0].ahead * pose.turn
    back = -64 * pose.turn
    for offset in (-1, 1):
        x = offset * 26 * pose.front + back * 0.5
        tail = smooth(
            [
                (x - 30, -262 + rise),
                (x + 26, -262 + rise),
                (x + 14 + back * 0.6 + swing, -170),
                (x - 4 + back * 0.9 + swing, -112),
                (x - 26 + back * 0.8 + swing, -168),
            ]
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
            (x - 24, -402 + rise),
            (x + 24, -402 + rise),
            (x + 30 - 6 * turn, -320 + rise),
            (x + 10, -236),
            (x - 10, -236),
            (x - 30 + 6 * turn, -320 + rise),
        ]
    )
    canvas.cut(vest, WAISTCOAT, lift=0, shade=0.18, edge=0.6, inside=coat)
    for side in (-1, 1):
        lapel = polygon(
            [
                (x + side * 16, -412 + rise),
                (x + side * 46, -384 + rise),
                (x + side * 34, -330 + rise),
                (x + side * 7, -296 + rise),
            ]
        )
        canvas.cut(lapel, LAPEL, lift=2, shade=0.1, inside=coat)
    for level in (-288, -266, -244):
        canvas.cut(circle((x + 1, level + rise), 4.6), "#d9a441", lift=1.2, shade=0, inside=coat)
    _draw_bow_tie(canvas, x * 0.7, rise)


def _draw_bow_tie(canvas: Canvas, x: float, rise: float) -> None:
    for side in (-1, 1):
        bow = smooth(
            [
                (x, -404 + rise),
                (x + side * 28, -420 + rise),
                (x + side * 27, -388 + rise),
            ]
        )
        canvas.cut(bow, "#e0473f", lift=2)
    canvas.cut(circle((x, -404 + rise), 7.5), "#b92f31", lift=1.5)


def _draw_satchel(canvas: Canvas, pose: Pose, rise: float) -> None:
    x = 56 * pose.front - 34 * pose.turn
    y = -226 + rise * 0.6
    strap = bezier(
        [
            (-34 * pose.front + 26 * pose.turn, -398 + rise),
            (10 - 4 * pose.turn, -316 + rise),
            (x, y),
        ]
    )
    canvas.cut(brush(strap, 9, 9), STRAP, lift=2, shade=0)
    canvas.cut(rounded(x - 36, y - 10, x + 36, y + 44, 9), SATCHEL, lift=4, shade=0.16)
    flap = smooth(
        [(x - 37, y - 12), (x + 37, y - 12), (x + 34, y + 14), (x, y + 26), (x - 34, y + 14)]
    )
    canvas.cut(flap, "#a26a40", lift=2.5, shade=0.1)
    envelope = rounded(x - 20, y - 24, x + 12, y - 8, 2)
    canvas.cut(envelope, "#fbf3df", lift=1.5)
    canvas.cut(circle((x, y + 19), 5), "#d9a441", lift=1.2, shade=0)


def _shoulder(pose: Pose, arm: str, rise: float) -> Point:
    side = -1 if arm == "near" else 1
    return (side * 50 * pose.front + (-14 if arm == "near" else 20) * pose.turn, -374 + rise)


def _hand(pose: Pose, arm: str, rise: float) -> Point:
    x, y = _shoulder(pose, arm, rise)
    angle = radians(pose.near if arm == "near" else pose.far)
    return (x + 128 * sin(angle), y + 128 * cos(angle))


def _draw_wing(canvas: Canvas, pose: Pose, arm: str, rise: float) -> None:
    shoulder, hand = _shoulder(pose, arm, rise), _hand(pose, arm, rise)
    side = -1 if (arm == "near" and pose.turn <= 0.4) else 1
    middle = ((shoulder[0] + hand[0]) / 2, (shoulder[1] + hand[1]) / 2)
    elbow = (middle[0] + side * 0.14 * (hand[1] - shoulder[1]), middle[1] + 14)
    spine = bezier([shoulder, elbow, hand])
    for spread, length in ((-0.34, 0.34), (0.34, 0.34), (0.0, 0.42)):
        canvas.cut(_feather(spine, spread, length), FEATHER, lift=2, shade=0.12)
    canvas.cut(brush(spine[:-6], 36, 42), COAT, lift=4, shade=0.2)
    canvas.cut(ribbon(spine[-7:-3], 45, 47), "#f4efe2", lift=1.5, shade=0)


def _feather(spine: Outline, spread: float, length: float) -> Outline:
    along = (spine[-1] - spine[-6]) / max(float(((spine[-1] - spine[-6]) ** 2).sum()) ** 0.5, 1e-9)
    heading = (
        along[0] * cos(spread) - along[1] * sin(spread),
        along[0] * sin(spread) + along[1] * cos(spread),
    )
    root = spine[-3]
    tip = (root[0] + heading[0] * 130 * length, root[1] + heading[1] * 130 * length)
    return brush(bezier([(float(root[0]), float(root[1])), tip]), 24, 15)


def _draw_neck_and_head(canvas: Canvas, pose: Pose, rise: float) -> None:
    turn = pose.turn
    nod = 8 * steps(pose.stride)[0].ahead * turn
    base, crown = (10 * turn, -392 + rise), (34 * turn + nod, -566 + rise)
    neck = bezier([base, (58 * turn + 4, -440 + rise), (-46 * turn, -500 + rise), crown])
    canvas.cut(brush(neck, 54, 38), FEATHER, lift=3, shade=0.1)
    head = Head(canvas, crown, 46, pose, (crown[0], crown[1] + 40))
    _draw_crest(head, crown)
    x, y = crown
    if turn > 0.3:
        _draw_beak(head)
    skull = smooth(
        [
            (x - 46, y + 2),
            (x - 32, y - 36),
            (x + 4, y - 45),
            (x + 40, y - 28),
            (x + 47, y + 6),
            (x + 28, y + 34),
            (x - 8, y + 40),
            (x - 36, y + 30),
        ]
    )
    head.cut(skull, FEATHER, lift=4, shade=0.14)
    mask = smooth(
        [
            (x - 60, y - 60),
            (x + 60, y - 60),
            (x + 60, y - 22),
            (x + 10 + 10 * turn, y - 15),
            (x - 60, y + 4),
        ]
    )
    head.cut(mask, CREST, lift=0, shade=0, edge=0.4, inside=skull)
    draw_eyes(head, EYES)
    draw_cheeks(head, "#f08a7a", azimuth=44, elevation=-24)
    if turn <= 0.3:
        _draw_beak(head)


def _draw_crest(head: Head, crown: Point) -> None:
    x, y = crown
    back = head.pose.turn
    for lift, length in ((-10, 64), (6, 78), (22, 60)):
        tip = (
            x - 20 - length * (0.35 + 0.65 * back) + 10,
            y - 44 - (26 - lift) * (1.2 - 0.8 * back),
        )
        plume = bezier([(x - 8, y - 34), (x - 26 - 12 * back, y - 62), tip])
        head.cut(brush(plume, 15, 5), CREST, lift=2, shade=0)


def _draw_beak(head: Head) -> None:
    turn, mouth = head.pose.turn, head.pose.mouth
    x, y, _ = head.at(0, -10, 0.9)
    gape = {Mouth.OPEN: 0.26, Mouth.ROUND: 0.16}.get(mouth, 0.04)
    length = 34 + 84 * turn
    tip = (x + length * max(turn, 0.04), y + 34 - 18 * turn)
    low_tip = (tip[0] - 10 * turn, tip[1] + length * gape)
    width = 20 - 4 * turn
    lower = smooth(
        [
            (x - width * 0.8 * (1 - turn), y),
            (x + width * 0.7, y + 2),
            low_tip,
            (x - width * 0.3, y + 15),
        ]
    )
    head.cut(lower, BEAK_DARK, lift=2, shade=0)
    upper = smooth(
        [
            (x - width * (1 - 0.5 * turn), y - 4),
            (x, y - 15),
            (x + width * (1 - 0.5 * turn), y - 6),
            (tip[0], tip[1]),
            (x - 2 * (1 - turn), y + 12),
        ]
    )
    head.cut(upper, BEAK, lift=2.5, shade=0.18)
    nostril = ellipse((x + 16 * turn, y - 4 + 2 * turn), 4 * max(turn, 0.4), 1.8)
    head.mark(nostril, "#9c5420")


PELL = Character(
    id="pell",
    name="Pell",
    looks="a tall grey heron in a plum tailcoat with a dark crest, orange beak and post satchel",
    height=612.0,
    head=((20.0, -560.0), 75.0),
    extent=Extent(-225, -690, 225, 25),
    draw=draw,
)
