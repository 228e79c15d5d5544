"""What a shot is made of: planes of scenery, actors, light and a camera."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from tools.sample_film.characters import Character
from tools.sample_film.characters.pose import Pose
from tools.sample_film.paper.images import ByteImage
from tools.sample_film.paper.outline import Point
from tools.sample_film.staging.camera import FPS, Camera

STAGE = 1.0  # parallax of the plane on which the characters stand


def at_rest(t: float) -> Point:
    return (0.0, 0.0)


def always(t: float) -> float:
    return 1.0


@dataclass(frozen=True, eq=False)
class Layer:
    """One plane of scenery.

    image: premultiplied BGRA, uint8. left, top: where its first pixel lies, in units of its plane.
    resolution: pixels per unit. drift: how far it has moved at a second of the shot. strength: how
    present it is at a second of the shot, 0..1.
    """

    name: str
    image: ByteImage
    left: float
    top: float
    parallax: float
    resolution: float = 1.0
    drift: Callable[[float], Point] = at_rest
    strength: Callable[[float], float] = always


@dataclass(frozen=True)
class Light:
    """How a setting lights what stands in it.

    tint: colour that multiplies every sprite. rim: colour of the lit outline, from the side
    `rim_from` (-1 left, 1 right). glow: strength of light that held things shed, 0..1.
    bloom: how far bright paper shines over its edge, 0..1.
    """

    tint: str = "#ffffff"
    rim: str = "#fff4dc"
    rim_from: float = -1.0
    rim_strength: float = 0.35
    glow: float = 0.25
    bloom: float = 0.12
    vignette: float = 0.22


@dataclass(frozen=True)
class Setting:
    """A place. `build` draws its layers, back to front."""

    name: str
    light: Light
    build: Callable[[], tuple[Layer, ...]]


@dataclass(frozen=True)
class Placement:
    """Where an actor stands (soles, in units of the stage), how big, and in which pose."""

    x: float
    y: float
    size: float
    pose: Pose


@dataclass(frozen=True)
class Actor:
    """`act` gives the placement at a second of the shot; `after` names the layer behind it."""

    character: Character
    act: Callable[[float], Placement]
    after: str


class Transition(StrEnum):
    """How a shot begins."""

    CUT = "cut"
    FADE = "fade"
    DISSOLVE = "dissolve"


@dataclass(frozen=True)
class Shot:
    """A continuous take.

    focus: parallax of the sharp plane at a second of the shot; None leaves every plane sharp.
    hidden: layers of the setting that this shot leaves out. begins, transition: how it starts and
    how many seconds that takes. fade_out: seconds of fade to black at its end.
    """

    name: str
    setting: Setting
    seconds: float
    camera: Callable[[float], Camera]
    actors: tuple[Actor, ...] = ()
    focus: Callable[[float], float] | None = None
    hidden: frozenset[str] = frozenset()
    begins: Transition = Transition.CUT
    transition: float = 0.0
    fade_out: float = 0.0
    tags: tuple[str, ...] = field(default=())

    @property
    def frames(self) -> int:
        return round(self.seconds * FPS)
