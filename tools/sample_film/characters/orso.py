"""Orso: a chestnut bear in a striped sea-green jersey who keeps the light. His shape is a block."""

from __future__ import annotations

from tools.sample_film.characters.character import Arm, Arms, Character
from tools.sample_film.characters.face import (
    INK,
    EyeStyle,
    Head,
    draw_cheeks,
    draw_eyes,
    draw_mouth,
)
from tools.sample_film.characters.pose import Pose, steps
from tools.sample_film.paper.canvas import Canvas, Extent
from tools.sample_film.paper.outline import (
    Outline,
    brush,
    circle,
    ellipse,
    ribbon,
    smooth,
    stroke,
    turned,
    unit,
)

FUR, FUR_DARK, MUZZLE, INNER_EAR = "#8f4f30", "#70391f", "#e9c79b", "#c98a66"
JERSEY, STRIPE, RIB = "#2e8f86", "#f2ead2", "#1f6b68"
TROUSERS, CAP, CAP_BAND = "#2c3557", "#c2413b", "#8f2a2e"

EYES = EyeStyle(
    azimuth=29, elevation=10, width=0.1, height=0.135, brow_height=0.24, brow_width=0.075
)


def _draw_legs(canvas: Canvas, pose: Pose, rise: float) -> None:
    near, far = steps(pose.stride)
    spread = 52 * pose.front + 16
    for side, step in ((1, far), (-1, near)):
        x = side * spread + 46 * step.ahead * pose.turn
        y = -20 * step.lift * (0.5 + 0.5 * pose.turn)
        leg = stroke([(side * spread * 0.85, -130), (x, y - 44)], 96, 84)
        canvas.cut(leg, TROUSERS, lift=3)
        toe = 22 * pose.turn
        foot = smooth(
            [(-46, -12), (-34, -40), (30, -42), (46 + toe, -18), (44 + toe, 0), (0, 4), (-42, 0)],
            (x, y),
        )
        canvas.cut(turned(foot, -10 * step.lift * pose.turn, (x, y)), FUR_DARK, lift=3)


def _body(pose: Pose, rise: float) -> Outline:
    wide = 0.86 + 0.14 * pose.front
    belly = 16 * pose.turn
    a, b, c = 104 * wide, 150 * wide, 138 * wide
    return smooth(
        [
            (-a, -352 + rise),
            (0, -372 + rise),
            (a, -352 + rise),
            (b - 6, -270 + rise),
            (b + belly, -190 + rise * 0.5),
            (c + belly, -112),
            (90 * wide, -86),
            (0, -80),
            (-90 * wide, -86),
            (-c, -112),
            (-b, -190 + rise * 0.5),
            (-b + 6, -270 + rise),
        ]
    )


def _draw_body(canvas: Canvas, pose: Pose, rise: float) -> None:
    body = _body(pose, rise)
    canvas.cut(body, JERSEY, lift=5, shade=0.26)
    for level in (-312, -262, -212, -162):
        y = level + rise * 0.8
        stripe = stroke([(-190, y - 8), (20 * pose.turn, y + 22), (190, y - 8)], 19)
        canvas.cut(stripe, STRIPE, lift=0, shade=0, edge=0.5, inside=body)
    hem = stroke([(-190, -104), (0, -76), (190, -104)], 30)
    canvas.cut(hem, RIB, lift=1.5, shade=0, inside=body)


def _draw_arm(canvas: Canvas, arm: Arm) -> None:
    spine = arm.spine
    sleeve = brush(spine[:-6], 84, 74)
    canvas.cut(circle(arm.hand, 37), FUR, lift=4)
    canvas.cut(sleeve, JERSEY, lift=5, shade=0.2)
    for i in (6, 11, 16):
        across = 60 * turned(unit(spine[i + 1] - spine[i]), 90)
        stripe = brush(smooth([-across, across])[:13] + spine[i], 17, 17)
        canvas.cut(stripe, STRIPE, lift=0, shade=0, edge=0.5, inside=sleeve)
    canvas.cut(ribbon(spine[-7:-4], 77, 75), RIB, lift=1.5, shade=0)


def _draw_head(canvas: Canvas, pose: Pose, rise: float) -> None:
    x, y = 30 * pose.turn, -432 + rise
    head = Head(canvas, (x, y), 100, pose, (10 * pose.turn, -360 + rise))
    _draw_ear(head, 52)
    if pose.turn <= 0.7:
        _draw_ear(head, -52)
    skull = smooth(
        [(-104, 14), (-84, -62), (0, -92), (84, -62), (104, 14), (70, 74), (0, 88), (-70, 74)],
        (x, y),
    )
    head.cut(skull, FUR, lift=6, shade=0.2)
    if pose.turn > 0.7:
        _draw_ear(head, -52)
    _draw_cap(head)
    draw_eyes(head, EYES)
    _draw_muzzle(head)


def _draw_ear(head: Head, azimuth: float) -> None:
    turn = head.pose.turn
    x, _, _ = head.at(azimuth, 0)
    ear = (x - 26 * turn, head.centre[1] - 74)
    squeeze = 1 - 0.25 * turn
    head.cut(ellipse(ear, 35 * squeeze, 35), FUR, lift=4)
    head.cut(ellipse((ear[0] + 3, ear[1] + 4), 20 * squeeze, 20), INNER_EAR, lift=0, edge=0.6)


def _draw_muzzle(head: Head) -> None:
    turn = head.pose.turn
    draw_cheeks(head, "#d9694f", azimuth=50, elevation=-8)
    x, y, _ = head.at(0, -22, 1.0)
    x -= 14 * turn
    muzzle = ellipse((x, y), 56 - 6 * turn, 44)
    head.cut(muzzle, MUZZLE, lift=4, shade=0.14)
    nose = (x + 34 * turn, y - 22 + 6 * turn)
    head.cut(ellipse(nose, 21 - 3 * turn, 14), INK, lift=2, shade=0)
    head.mark(ellipse((nose[0] - 6, nose[1] - 5), 6, 3.4), "#ffffff", 0.55)
    lip = (x + 20 * turn, y + 10)
    head.line([(nose[0] - 2 * turn, nose[1] + 12), (lip[0] + 4 * turn, lip[1])], 4.5)
    draw_mouth(head, lip, 25 - 5 * turn)


def _draw_cap(head: Head) -> None:
    x, y = head.centre
    cap = smooth(
        [(-66, -56), (-62, -104), (-20, -134), (28, -130), (62, -100), (66, -56), (0, -72)],
        (x, y),
    )
    head.cut(cap, CAP, lift=4, shade=0.2)
    for offset in (-34, -11, 12, 35):
        bend, top = (x + offset * 0.8, y - 104), (x + offset * 0.35, y - 132)
        rib = stroke([(x + offset, y - 68), bend, top], 2.5, 1.5)
        head.cut(rib, CAP_BAND, lift=0, edge=0, opacity=0.6, inside=cap)
    band = stroke([(x - 70, y - 54), (x, y - 84), (x + 70, y - 54)], 27)
    head.cut(band, CAP_BAND, lift=3, shade=0.05)
    head.cut(circle((x + 2, y - 138), 17), "#f2ead2", lift=3)


ORSO = Character(
    id="orso",
    name="Orso",
    looks="a big chestnut bear in a sea-green jersey with cream stripes and a red knitted cap",
    head=((8.0, -445.0), 125.0),
    extent=Extent(-320, -610, 320, 25),
    step=7,
    breath=4,
    arms=Arms(112, -12, 26, level=-322, length=158, bend=0.12, bend_raised=0.12, sag=22),
    draw_arm=_draw_arm,
    behind=(_draw_legs,),
    body=(_draw_body,),
    before=(_draw_head,),
)
