"""What every character of the cast offers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tools.sample_film.characters.pose import Pose
from tools.sample_film.paper.canvas import Canvas, Extent
from tools.sample_film.paper.outline import Point


@dataclass(frozen=True)
class Drawing:
    """Places on the drawn character that others need, in drawing units, before mirroring."""

    hand: Point


@dataclass(frozen=True)
class Character:
    """`draw` puts the character, facing right, on a canvas that shows `extent`.

    height: from the soles to the crown, in drawing units. head: centre and radius of the head.
    """

    id: str
    name: str
    looks: str
    height: float
    head: tuple[Point, float]
    extent: Extent
    draw: Callable[[Canvas, Pose], Drawing]
