"""What a character does at one moment: the only thing its drawing depends on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from math import cos, pi, radians, sin


class Mouth(StrEnum):
    SMILE = "smile"
    OPEN = "open"
    FLAT = "flat"
    ROUND = "round"


class Eyes(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    HAPPY = "happy"
    WIDE = "wide"


class Held(StrEnum):
    NOTHING = "nothing"
    STAR = "star"
    LANTERN = "lantern"


@dataclass(frozen=True)
class Pose:
    """yaw: degrees; 0 faces the viewer, 90 faces screen right, -90 screen left.

    near, far: arm angles in degrees in the picture plane, 0 hangs down, 90 points where the
    character faces. In a front view `near` is the arm on the left of the picture.
    stride: place in the walk cycle, 0..1; None stands still. breath: 0..1.
    """

    yaw: float = 0.0
    stride: float | None = None
    near: float = -12.0
    far: float = 12.0
    head_tilt: float = 0.0
    look: tuple[float, float] = (0.0, 0.0)
    eyes: Eyes = Eyes.OPEN
    brow: float = 0.0
    mouth: Mouth = Mouth.SMILE
    breath: float = 0.0
    held: Held = Held.NOTHING

    @property
    def mirrored(self) -> bool:
        return self.yaw < 0

    @property
    def turn(self) -> float:
        """sin of the yaw towards the facing side: 0 front, 1 side."""
        return sin(radians(min(abs(self.yaw), 90.0)))

    @property
    def front(self) -> float:
        """cos of the yaw: 1 front, 0 side."""
        return cos(radians(min(abs(self.yaw), 90.0)))

    @property
    def sideways(self) -> bool:
        """Whether the arms are drawn as seen from the side: one before the body, one behind."""
        return self.turn > 0.4

    @property
    def view(self) -> str:
        """Name of the view in the truth file: front, three_quarter or side."""
        angle = abs(self.yaw)
        return "front" if angle < 18 else "three_quarter" if angle < 65 else "side"

    def facing_right(self) -> Pose:
        """The pose to draw; a mirrored one is flipped afterwards."""
        return replace(self, yaw=abs(self.yaw), look=(abs(self.look[0]), self.look[1]))


@dataclass(frozen=True)
class Step:
    """One foot in the walk cycle: `ahead` -1..1 along the way, `lift` 0..1 above the ground."""

    ahead: float
    lift: float


def steps(stride: float | None) -> tuple[Step, Step]:
    """The near and the far foot; half a cycle lies between them."""
    if stride is None:
        return Step(0.0, 0.0), Step(0.0, 0.0)
    return _step(stride), _step(stride + 0.5)


def _step(phase: float) -> Step:
    angle = 2 * pi * phase
    return Step(ahead=cos(angle), lift=max(0.0, -sin(angle)))


def bob(stride: float | None) -> float:
    """How high the body rises in the walk cycle, 0..1, twice per cycle."""
    return 0.0 if stride is None else abs(sin(2 * pi * stride))
