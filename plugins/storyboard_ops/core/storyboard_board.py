"""The storyboard in its order: scenes, numbered panels, file names, running time.

The PDF, the timeline and the report all read this, so that a panel has one number everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from storyboard_ops.domain.image_records import Panel


@dataclass(frozen=True)
class BoardPanel:
    """A panel in its place."""

    panel: Panel
    scene_number: int  # from 1, in the order of the script
    start_s: float  # seconds from the start of the board

    @property
    def label(self) -> str:
        """``2 · 03``: scene and panel, as printed."""
        return f"{self.scene_number} · {self.panel.number:02d}"

    @property
    def file_name(self) -> str:
        """Name of the picture beside the PDF: files sort in the order of the board."""
        return f"panels/scene-{self.scene_number:02d}-panel-{self.panel.number:02d}.png"


@dataclass(frozen=True)
class BoardScene:
    """A scene with its panels."""

    number: int
    heading: str
    panels: tuple[BoardPanel, ...]

    @property
    def seconds(self) -> float:
        return sum(placed.panel.seconds for placed in self.panels)


@dataclass(frozen=True)
class Board:
    """The whole storyboard."""

    scenes: tuple[BoardScene, ...]

    @property
    def panels(self) -> tuple[BoardPanel, ...]:
        return tuple(placed for scene in self.scenes for placed in scene.panels)

    @property
    def drawn(self) -> tuple[BoardPanel, ...]:
        """The panels that have a picture."""
        return tuple(placed for placed in self.panels if not placed.panel.failure)

    @property
    def seconds(self) -> float:
        return sum(scene.seconds for scene in self.scenes)


def arrange_board(panels: Iterable[Panel]) -> Board:
    """Order panels by scene (as the scenes first appear) and, within a scene, by number."""
    listed = list(panels)
    order = {scene: n for n, scene in enumerate(dict.fromkeys(p.scene for p in listed), start=1)}
    listed.sort(key=lambda panel: (order[panel.scene], panel.number))
    scenes: list[BoardScene] = []
    start = 0.0
    for heading, group in groupby(listed, key=lambda panel: panel.scene):
        placed = []
        for panel in group:
            placed.append(BoardPanel(panel, order[heading], start))
            start += panel.seconds
        scenes.append(BoardScene(order[heading], heading, tuple(placed)))
    return Board(tuple(scenes))


def running_time(seconds: float) -> str:
    """``1:05`` minutes and seconds, half a second rounded up; ``1:02:05`` from an hour on."""
    whole = int(seconds + 0.5)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
