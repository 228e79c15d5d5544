"""Orso: a chestnut bear in a striped sea-green jersey who keeps the light. His shape is a block."""

from __future__ import annotations

from math import cos, radians, sin

from tools.sample_film.characters.character import Character, Drawing
from tools.sample_film.characters.face import (
    INK,
    EyeStyle,
    Head,
    draw_cheeks,
    draw_eyes,
    draw_mouth,
)
from tools.sample_film.characters.pose import Pose, bob, steps
from tools.sample_film.characters.props import draw_held
from tools.sample_film.paper.canvas import Canvas, Extent
from tools.sample_film.paper.outline import (
    Outline,
    Point,
    bezier,
    brush,
    circle,
    ellipse,
    moved,
    ribbon,
    smooth,
    turned,
)

FUR, FUR_DARK, MUZZLE, INNER_EAR = "#8f4f30", "#70391f", "#e9c79b", "#c98a66"
JERSEY, STRIPE, RIB = "#2e8f86", "#f2ead2", "#1f6b68"
TROUSERS, CAP, CAP_BAND = "#2c3557", "#c2413b", "#8f2a2e"

EYES = EyeStyle(
    azimuth=29, elevation=10, width=0.1, height=0.135, brow_height=0.24, brow_width=0.075
)


def draw(canvas: Canvas, pose: Pose) -> Drawing:
    rise = -7 * bob(pose.stride) - 4 * pose.breath
    _draw_legs(canvas, pose)
    if pose.turn > 0.4:
        _draw_arm(canvas, pose, "far", rise)
    _draw_body(canvas, pose, rise)
    if pose.turn <= 0.4:
        _draw_arm(canvas, pose, "far", rise)
    _draw_head(canvas, pose, rise)
    _draw_arm(canvas, pose, "near", rise)
    hand = _hand(pose, "near" if pose.turn > 0.4 else "far", rise)
    draw_held(canvas, pose.held, hand)
    return Drawing(hand=hand)


def _draw_legs(canvas: Canvas, pose: Pose) -> None:
    near, far = steps(pose.stride)
    spread = 52 * pose.front + 16
    for side, step in ((1, far), (-1, near)):
        x = side * spread + 46 * step.ahead * pose.turn
        y = -20 * step.lift * (0.5 + 0.5 * pose.turn)
        leg = brush(bezier([(side * spread * 0.85, -130), (x, y - 44)]), 96, 84)
        canvas.cut(leg, TROUSERS, lift=3)
        toe = 22 * pose.turn
        foot = smooth(
            [
                (x - 46, y - 12),
                (x - 34, y - 40),
                (x + 30, y - 42),
                (x + 46 + toe, y - 18),
                (x + 44 + toe, y),
                (x, y + 4),
                (x - 42, y),
            ]
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
        spine = bezier([(-190, y - 8), (20 * pose.turn, y + 22), (190, y - 8)])
        canvas.cut(brush(spine, 19, 19), STRIPE, lift=0, shade=0, edge=0.5, inside=body)
    hem = bezier([(-190, -104), (0, -76), (190, -104)])
    canvas.cut(brush(hem, 30, 30), RIB, lift=1.5, shade=0, inside=body)


def _shoulder(pose: Pose, arm: str, rise: float) -> Point:
    side = -1 if arm == "near" else 1
    return (side * 112 * pose.front + (-12 if arm == "near" else 26) * pose.turn, -322 + rise)


def _hand(pose: Pose, arm: str, rise: float) -> Point:
    x, y = _shoulder(pose, arm, rise)
    angle = radians(pose.near if arm == "near" else pose.far)
    return (x + 158 * sin(angle), y + 158 * cos(angle))


def _draw_arm(canvas: Canvas, pose: Pose, arm: str, rise: float) -> None:
    shoulder, hand = _shoulder(pose, arm, rise), _hand(pose, arm, rise)
    side = -1 if (arm == "near" and pose.turn <= 0.4) else 1
    middle = ((shoulder[0] + hand[0]) / 2, (shoulder[1] + hand[1]) / 2)
    elbow = (middle[0] + side * 0.12 * (hand[1] - shoulder[1]), middle[1] + 22)
    spine = bezier([shoulder, elbow, hand])
    paw = spine[-1]
    sleeve = brush(spine[:-6], 84, 74)
    canvas.cut(circle((float(paw[0]), float(paw[1])), 37), FUR, lift=4)
    canvas.cut(sleeve, JERSEY, lift=5, shade=0.2)
    for i in (6, 11, 16):
        ahead = spine[i + 1] - spine[i]
        across = moved(_line_across(ahead) * 60, *spine[i])
        canvas.cut(brush(across, 17, 17), STRIPE, lift=0, shade=0, edge=0.5, inside=sleeve)
    canvas.cut(ribbon(spine[-7:-4], 77, 75), RIB, lift=1.5, shade=0)


def _line_across(ahead: Outline) -> Outline:
    """A short open line across the direction `ahead`."""
    across = turned(ahead[None] / max(float((ahead**2).sum()) ** 0.5, 1e-9), 90)
    return smooth([tuple(-across[0]), tuple(across[0])])[:13]


def _draw_head(canvas: Canvas, pose: Pose, rise: float) -> None:
    centre = (30 * pose.turn, -432 + rise)
    head = Head(canvas, centre, 100, pose, (10 * pose.turn, -360 + rise))
    x, y = centre
    _draw_ear(head, 52)
    if pose.turn <= 0.7:
        _draw_ear(head, -52)
    skull = smooth(
        [
            (x - 104, y + 14),
            (x - 84, y - 62),
            (x, y - 92),
            (x + 84, y - 62),
            (x + 104, y + 14),
            (x + 70, y + 74),
            (x, y + 88),
            (x - 70, y + 74),
        ]
    )
    head.cut(skull, FUR, lift=6, shade=0.2)
    if pose.turn > 0.7:
        _draw_ear(head, -52)
    _draw_cap(head, centre)
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


def _draw_cap(head: Head, centre: Point) -> None:
    x, y = centre
    cap = smooth(
        [
            (x - 66, y - 56),
            (x - 62, y - 104),
            (x - 20, y - 134),
            (x + 28, y - 130),
            (x + 62, y - 100),
            (x + 66, y - 56),
            (x, y - 72),
        ]
    )
    head.cut(cap, CAP, lift=4, shade=0.2)
    for offset in (-34, -11, 12, 35):
        rib = bezier(
            [(x + offset, y - 68), (x + offset * 0.8, y - 104), (x + offset * 0.35, y - 132)]
        )
        head.cut(brush(rib, 2.5, 1.5), CAP_BAND, lift=0, edge=0, opacity=0.6, inside=cap)
    band = bezier([(x - 70, y - 54), (x, y - 84), (x + 70, y - 54)])
    head.cut(brush(band, 27, 27), CAP_BAND, lift=3, shade=0.05)
    head.cut(circle((x + 2, y - 138), 17), "#f2ead2", lift=3)


ORSO = Character(
    id="orso",
    name="Orso",
    looks="a big chestnut bear in a sea-green jersey with cream stripes and a red knitted cap",
    height=587.0,
    head=((8.0, -445.0), 125.0),
    extent=Extent(-320, -610, 320, 25),
    draw=draw,
)
