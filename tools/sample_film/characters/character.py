"""What every character of the cast has: arms, and parts that are drawn one over the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, radians, sin

from tools.sample_film.characters.pose import Pose, bob
from tools.sample_film.paper.canvas import Canvas, Extent
from tools.sample_film.paper.outline import Outline, Point, bezier

Part = Callable[[Canvas, Pose, float], None]


@dataclass(frozen=True)
class Arm:
    """An arm or wing in drawing units, before mirroring."""

    shoulder: Point
    elbow: Point
    hand: Point

    @property
    def spine(self) -> Outline:
        return bezier([self.shoulder, self.elbow, self.hand])


@dataclass(frozen=True)
class Arms:
    """Measures of both arms in drawing units.

    apart: from the middle to a shoulder in a front view. near_ahead, far_ahead: how far a turn to
    the side moves the shoulders ahead. bend, bend_raised: how far the elbow of a hanging or raised
    arm leaves the straight line, as a share of its height; sag lowers it.
    """

    apart: float
    near_ahead: float
    far_ahead: float
    level: float
    length: float
    bend: float
    bend_raised: float
    sag: float

    def near(self, pose: Pose, rise: float) -> Arm:
        side = 1 if pose.sideways else -1
        x = self.near_ahead * pose.turn - self.apart * pose.front
        return self._arm(x, pose.near, side, rise)

    def far(self, pose: Pose, rise: float) -> Arm:
        x = self.far_ahead * pose.turn + self.apart * pose.front
        return self._arm(x, pose.far, 1, rise)

    def _arm(self, x: float, degrees: float, side: int, rise: float) -> Arm:
        y, angle = self.level + rise, radians(degrees)
        hand = (x + self.length * sin(angle), y + self.length * cos(angle))
        bend = side * (self.bend if hand[1] > y else self.bend_raised)
        elbow = ((x + hand[0]) / 2 + bend * (hand[1] - y), (y + hand[1]) / 2 + self.sag)
        return Arm((x, y), elbow, hand)


@dataclass(frozen=True)
class Character:
    """Who is drawn facing right, with its feet at the origin, on a canvas that shows `extent`.

    head: its centre and radius. step, breath: how far a step and a breath lift the body. behind,
    body, before: parts in the order in which they are drawn; the far arm is drawn before the body
    in a side view and after it in a front view, the near arm last.
    """

    id: str
    name: str
    looks: str
    head: tuple[Point, float]
    extent: Extent
    step: float
    breath: float
    arms: Arms
    draw_arm: Callable[[Canvas, Arm], None]
    behind: tuple[Part, ...]
    body: tuple[Part, ...]
    before: tuple[Part, ...]

    def draw(self, canvas: Canvas, pose: Pose) -> Point:
        """Draw the pose and return the place of the hand that holds things."""
        rise = -self.step * bob(pose.stride) - self.breath * pose.breath
        near, far = self.arms.near(pose, rise), self.arms.far(pose, rise)
        for part in self.behind:
            part(canvas, pose, rise)
        if pose.sideways:
            self.draw_arm(canvas, far)
        for part in self.body:
            part(canvas, pose, rise)
        if not pose.sideways:
            self.draw_arm(canvas, far)
        for part in self.before:
            part(canvas, pose, rise)
        self.draw_arm(canvas, near)
        return near.hand if pose.sideways else far.hand
