"""Mira: a girl in a yellow coat with a pointed hood and a red scarf. Her shape is a triangle."""

from __future__ import annotations

from math import cos, radians, sin

from tools.sample_film.characters.character import Character, Drawing
from tools.sample_film.characters.face import EyeStyle, Head, draw_cheeks, draw_eyes, draw_mouth
from tools.sample_film.characters.pose import Pose, bob, steps
from tools.sample_film.characters.props import draw_held
from tools.sample_film.paper.canvas import Canvas, Extent
from tools.sample_film.paper.outline import (
    Point,
    bezier,
    brush,
    circle,
    ellipse,
    moved,
    polygon,
    ribbon,
    smooth,
    turned,
)

COAT, COAT_DARK, LINING = "#f5b82e", "#dd9520", "#b56a1c"
SCARF, SCARF_DARK = "#d8352f", "#b02326"
BOOT, SOLE, STOCKING = "#1f5c66", "#17414a", "#3a3350"
SKIN, HAIR, CHEEK = "#f3c49a", "#3b2426", "#e8705f"

EYES = EyeStyle(azimuth=23, elevation=-2, width=0.135, height=0.2, brow_height=0.28)


def draw(canvas: Canvas, pose: Pose) -> Drawing:
    rise = -6 * bob(pose.stride) - 2.5 * pose.breath
    sway = 5 * pose.turn
    hand_near, hand_far = _hand(pose, "near", rise), _hand(pose, "far", rise)
    _draw_scarf_tail(canvas, pose, rise)
    if pose.turn > 0.4:
        _draw_arm(canvas, pose, "far", rise)
    _draw_legs(canvas, pose)
    _draw_coat(canvas, pose, rise)
    if pose.turn <= 0.4:
        _draw_arm(canvas, pose, "far", rise)
    _draw_head(canvas, pose, rise, sway)
    _draw_collar(canvas, pose, rise, sway)
    _draw_arm(canvas, pose, "near", rise)
    hand = hand_near if pose.turn > 0.4 else hand_far
    draw_held(canvas, pose.held, hand)
    return Drawing(hand=hand)


def _draw_legs(canvas: Canvas, pose: Pose) -> None:
    near, far = steps(pose.stride)
    spread = 26 * pose.front + 7
    for side, step in ((1, far), (-1, near)):
        hip = (side * spread * 0.8, -92.0)
        x = side * spread + 40 * step.ahead * pose.turn
        y = -16 * step.lift * (0.5 + 0.5 * pose.turn) - 20
        canvas.cut(brush(bezier([hip, (x, y - 8)]), 25, 21), STOCKING, lift=2)
        toe = 14 * pose.turn
        tip = -14 * step.lift * pose.turn
        boot = smooth(
            [
                (x - 17, y - 24),
                (x + 17, y - 24),
                (x + 19 + toe * 0.4, y - 4),
                (x + 22 + toe, y + 15),
                (x, y + 20),
                (x - 21, y + 17),
                (x - 18, y - 2),
            ]
        )
        sole = brush(bezier([(x - 19, y + 16), (x + 21 + toe, y + 16)]), 9, 9)
        canvas.cut(turned(boot, tip, (x, y)), BOOT, lift=2)
        canvas.cut(turned(sole, tip, (x, y)), SOLE, lift=1, shade=0)
        cuff = brush(bezier([(x - 17, y - 22), (x + 17, y - 22)]), 9, 9)
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
    canvas.cut(hem_band, COAT_DARK, lift=0, shade=0, edge=0, inside=coat, opacity=0.55)
    seam = bezier([(seam_x, -232 + rise), (seam_x * 1.5, -150), (seam_x * 1.9, -64)])
    canvas.cut(brush(seam, 2.5, 3), LINING, lift=0, edge=0, inside=coat)
    for level in (-190, -150, -110):
        x = seam_x * (1 + (232 + level) / 180) + 11 * pose.front
        canvas.cut(
            ellipse((x, level + rise * 0.5), 6.5 * (0.6 + 0.4 * pose.front), 6.5),
            "#6d3a22",
            lift=1.5,
        )
    pocket = moved(
        polygon([(-19, 0), (19, 0), (17, 26), (0, 32), (-17, 26)]),
        -44 * pose.front + 4 * pose.turn,
        -128,
    )
    canvas.cut(pocket, COAT, lift=1.6, shade=0.1, inside=coat)


def _shoulder(pose: Pose, arm: str, rise: float) -> Point:
    side = -1 if arm == "near" else 1
    return (side * 36 * pose.front - (6 if arm == "near" else -10) * pose.turn, -218 + rise)


def _hand(pose: Pose, arm: str, rise: float) -> Point:
    x, y = _shoulder(pose, arm, rise)
    angle = radians(pose.near if arm == "near" else pose.far)
    return (x + 84 * sin(angle), y + 84 * cos(angle))


def _draw_arm(canvas: Canvas, pose: Pose, arm: str, rise: float) -> None:
    shoulder, hand = _shoulder(pose, arm, rise), _hand(pose, arm, rise)
    bend = 0.18 if hand[1] > shoulder[1] else 0.10
    side = -1 if (arm == "near" and pose.turn <= 0.4) else 1
    elbow = (
        (shoulder[0] + hand[0]) / 2 - side * bend * (shoulder[1] - hand[1]),
        (shoulder[1] + hand[1]) / 2 + 12,
    )
    reach = (hand[0] + 0.13 * (hand[0] - shoulder[0]), hand[1] + 0.13 * (hand[1] - shoulder[1]))
    canvas.cut(circle(reach, 15), SKIN, lift=2, shade=0.08)
    sleeve = bezier(
        [shoulder, elbow, (hand[0] * 0.9 + elbow[0] * 0.1, hand[1] * 0.9 + elbow[1] * 0.1)]
    )
    canvas.cut(brush(sleeve[:-4], 34, 37), COAT, lift=4, shade=0.16)
    canvas.cut(ribbon(sleeve[-5:], 39, 41), COAT_DARK, lift=1.2, shade=0.05)


def _draw_head(canvas: Canvas, pose: Pose, rise: float, sway: float) -> None:
    centre = (sway, -296 + rise)
    head = Head(canvas, centre, 62, pose, (0, -245 + rise))
    x, y = centre
    back = -46 * pose.turn
    hood = smooth(
        [
            (x - 74, y + 20),
            (x - 72 + back * 0.25, y - 34),
            (x - 40 + back * 0.5, y - 78),
            (x + back - 6, y - 126),
            (x + 4 + back * 0.7, y - 116),
            (x + 40 + back * 0.15, y - 74),
            (x + 72 - 4 * pose.turn, y - 28),
            (x + 72, y + 22),
            (x + 44, y + 62),
            (x, y + 72),
            (x - 46, y + 62),
        ]
    )
    head.cut(hood, COAT, lift=4, shade=0.2)
    fold = bezier(
        [(x + back - 2, y - 112), (x - 30 + back * 0.5, y - 74), (x - 44 + back * 0.4, y - 40)]
    )
    head.cut(brush(fold, 2, 5), COAT_DARK, lift=0, edge=0, opacity=0.8, inside=hood)
    shift, width = 25 * pose.turn, 1 - 0.2 * pose.turn
    opening = ellipse((x + shift, y + 6), 61 * width, 60)
    head.cut(opening, LINING, lift=0, shade=0.2, edge=0.8)
    face = ellipse((x + shift * 1.02, y + 9), 55 * width, 55)
    head.cut(face, SKIN, lift=2.5, shade=0.08, inside=opening)
    _draw_features(head)
    fringe = smooth(
        [
            (x + shift - 60 * width, y + 20),
            (x + shift - 54 * width, y - 30),
            (x + shift, y - 60),
            (x + shift + 54 * width, y - 30),
            (x + shift + 60 * width, y + 20),
            (x + shift + (47 + 8 * pose.turn) * width, y + 14),
            (x + shift + (38 + 9 * pose.turn) * width, y - 18),
            (x + shift + 14 * width, y - 27),
            (x + shift - 4, y - 25),
            (x + shift - 34 * width, y - 23),
            (x + shift - 47 * width, y + 14),
        ]
    )
    head.cut(fringe, HAIR, lift=2, shade=0.1, inside=opening)


def _draw_features(head: Head) -> None:
    draw_cheeks(head, CHEEK, azimuth=40, elevation=-26)
    draw_eyes(head, EYES)
    x, y, _ = head.at(0, -16, 1.0)
    head.cut(ellipse((x, y), 5.5, 4.2), "#e39f78", lift=0.8, shade=0, edge=0.5)
    x, y, squeeze = head.at(0, -33, 0.96)
    draw_mouth(head, (x, y), 17 * max(squeeze, 0.5))


def _draw_collar(canvas: Canvas, pose: Pose, rise: float, sway: float) -> None:
    wide = 50 * (0.85 + 0.15 * pose.front)
    y = -238 + rise
    wrap = smooth(
        [
            (sway - wide, y - 4),
            (sway, y + 8),
            (sway + wide, y - 4),
            (sway + wide - 4, y + 16),
            (sway, y + 29),
            (sway - wide + 4, y + 16),
        ]
    )
    canvas.cut(wrap, SCARF, lift=3.5, shade=0.16)
    knot = ellipse((sway - 24 + 12 * pose.turn, y + 18), 13, 14)
    end = smooth(
        [
            (sway - 34 + 12 * pose.turn, y + 22),
            (sway - 14 + 12 * pose.turn, y + 22),
            (sway - 10 + 10 * pose.turn, y + 66),
            (sway - 36 + 8 * pose.turn, y + 68),
        ]
    )
    canvas.cut(end, SCARF_DARK, lift=2.5, shade=0.1)
    canvas.cut(knot, SCARF, lift=2, shade=0.1)


def _draw_scarf_tail(canvas: Canvas, pose: Pose, rise: float) -> None:
    """The loose end flies behind her when she is seen from the side."""
    if pose.turn < 0.4:
        return
    wave = 10 * steps(pose.stride)[0].ahead
    y = -232 + rise
    tail = bezier([(-20, y), (-70, y - 16 - wave), (-92, y + 26 + wave), (-128, y + 6 - wave)])
    canvas.cut(brush(tail, 24, 34), SCARF_DARK, lift=3, shade=0.1)


MIRA = Character(
    id="mira",
    name="Mira",
    looks="a small girl in a yellow raincoat with a pointed hood, a red scarf and teal boots",
    height=424.0,
    head=((0.0, -300.0), 78.0),
    extent=Extent(-175, -450, 175, 30),
    draw=draw,
)
