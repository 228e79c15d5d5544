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
        """``2 · 07``: scene and panel, as printed. Panels are counted through the whole board."""
        return f"{self.scene_number} · {self.panel.number:02d}"

    @property
    def file_name(self) -> str:
        """Path of the picture, relative to the PDF and the timeline."""
        return self.panel.uri.rpartition("/storyboard/")[2]


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
    """Panels by number; consecutive ones under the same heading are a scene."""
    scenes: list[BoardScene] = []
    start = 0.0
    in_order = sorted(panels, key=lambda panel: panel.number)
    groups = groupby(in_order, key=lambda panel: panel.scene)
    for scene_number, (heading, group) in enumerate(groups, start=1):
        placed = []
        for panel in group:
            placed.append(BoardPanel(panel, scene_number, start))
            start += panel.seconds
        scenes.append(BoardScene(scene_number, heading, tuple(placed)))
    return Board(tuple(scenes))
