"""Small acting: walks, breathing, blinking. Every function maps seconds to poses or placements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import pi, sin

from tools.sample_film.characters.pose import Eyes, Held, Pose
from tools.sample_film.staging.camera import between, ease
from tools.sample_film.staging.stage import Placement

Acting = Callable[[float], Pose]
Act = Callable[[float], Placement]

BREATHS_PER_SECOND = 0.4
WALK_POSES = 12
BREATH_POSES = 5


def stand(x: float, y: float, size: float, acting: Acting) -> Act:
    """Stay in one place."""
    return lambda t: Placement(x, y, size, acting(t))


def hold(pose: Pose) -> Acting:
    """Without any motion at all, as a painted cel is held."""
    return lambda t: pose


def alive(pose: Pose, blinks: Sequence[float] = (), phase: float = 0.0) -> Acting:
    """Breathe, and close the eyes for a moment at the given seconds."""

    def at(t: float) -> Pose:
        depth = 0.5 + 0.5 * sin(2 * pi * (BREATHS_PER_SECOND * t + phase))
        breath = round(depth * BREATH_POSES) / BREATH_POSES
        shut = any(start <= t < start + 0.17 for start in blinks)
        blinking = shut and pose.eyes in (Eyes.OPEN, Eyes.WIDE)
        return replace(pose, breath=breath, eyes=Eyes.CLOSED if blinking else pose.eyes)

    return at


def then(*parts: tuple[float, Acting]) -> Acting:
    """One acting after the other; each part is (second at which it begins, acting)."""

    def at(t: float) -> Pose:
        current = [acting for start, acting in parts if start <= t + 1e-6]
        return current[-1](t)

    return at


def reach(pose: Pose, start: float, end: float, near: float, far: float) -> Acting:
    """Move the arms from the pose's angles to `near` and `far` between two seconds."""

    def at(t: float) -> Pose:
        share = ease(t, start, end)
        return replace(
            pose,
            near=round(between(pose.near, near, share)),
            far=round(between(pose.far, far, share)),
        )

    return at


def walk(
    start: float,
    end: float,
    seconds: tuple[float, float],
    ground: float,
    size: float,
    stride: float,
    pose: Pose,
    after: Acting,
) -> Act:
    """Walk from x `start` to x `end` between two seconds, then go on with `after`.

    stride: stage units covered in one cycle of two steps, so that the soles do not slide.
    """
    first, last = seconds

    def at(t: float) -> Placement:
        if t >= last - 1e-6:
            return Placement(end, ground, size, after(t))
        share = min(max((t - first) / (last - first), 0.0), 1.0)
        x = between(start, end, share)
        return Placement(x, ground, size, walking(pose, abs(x - start) / stride))

    return at


def walking(pose: Pose, cycles: float) -> Pose:
    """The pose at a place of the walk cycle; arms swing against the legs unless they carry."""
    step = round(cycles * WALK_POSES) % WALK_POSES / WALK_POSES
    swing = 26 * sin(2 * pi * (step + 0.25))
    carries = pose.held is not Held.NOTHING
    near = pose.near if carries else -round(swing)
    return replace(pose, stride=step, near=near, far=round(swing) if pose.sideways else pose.far)
