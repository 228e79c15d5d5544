"""The storyboard in its order: scenes, numbered panels, file names, running time.

Sheets, timelines and the report all read this, so that a panel has one name and one length
everywhere. Lengths are whole frames, and every longer time is their sum.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from storyboard_ops.core.storyboard.revisions.earlier_panels import with_numbers
from storyboard_ops.domain.image_records import Panel
from storyboard_ops.domain.storyboard.frame_rate import FILM, FrameRate


@dataclass(frozen=True)
class BoardPanel:
    """A panel in its place."""

    panel: Panel
    start: int  # frames from the start of the board
    frames: int  # its length, at least 1
    frame_rate: FrameRate

    @property
    def start_s(self) -> float:
        """Seconds from the start of the board."""
        return self.frame_rate.seconds(self.start)

    @property
    def seconds(self) -> float:
        return self.frame_rate.seconds(self.frames)

    @property
    def scene_number(self) -> str:
        """The number of its scene."""
        return self.panel.scene_number

    @property
    def label(self) -> str:
        """``12A-010-020``: what the panel is called, as printed."""
        return self.panel.panel_id

    @property
    def file_name(self) -> str:
        """Path of the picture, relative to the PDF and the timeline."""
        return self.panel.uri.rpartition("/storyboard/")[2]


@dataclass(frozen=True)
class BoardScene:
    """A scene with its panels."""

    number: str
    heading: str
    panels: tuple[BoardPanel, ...]

    @property
    def frames(self) -> int:
        return sum(placed.frames for placed in self.panels)

    @property
    def seconds(self) -> float:
        return self.panels[0].frame_rate.seconds(self.frames)


@dataclass(frozen=True)
class Board:
    """The whole storyboard."""

    scenes: tuple[BoardScene, ...]
    frame_rate: FrameRate = FILM

    @property
    def panels(self) -> tuple[BoardPanel, ...]:
        return tuple(placed for scene in self.scenes for placed in scene.panels)

    @property
    def drawn(self) -> tuple[BoardPanel, ...]:
        """The panels that have a picture."""
        return tuple(placed for placed in self.panels if not placed.panel.failure)

    @property
    def frames(self) -> int:
        """The running time in frames."""
        return sum(scene.frames for scene in self.scenes)

    @property
    def seconds(self) -> float:
        """The running time in seconds."""
        return self.frame_rate.seconds(self.frames)


def arrange_board(panels: Iterable[Panel], frame_rate: FrameRate = FILM) -> Board:
    """Put panels in order; consecutive ones with the same scene number are a scene.

    Panels of an earlier version, which have no numbers, get them by position. A panel's length is
    its ``frames`` or else its ``seconds``, which begin and end on the nearest frame of the whole
    board: rounding never adds up.
    """
    scenes: list[BoardScene] = []
    clock = _Clock(frame_rate)
    for number, group in groupby(with_numbers(panels), key=lambda panel: panel.scene_number):
        placed = tuple(BoardPanel(panel, *clock.place(panel), frame_rate) for panel in group)
        scenes.append(BoardScene(number, placed[0].panel.scene, placed))
    return Board(tuple(scenes), frame_rate)


class _Clock:
    """Counts the frames of panels that follow each other."""

    def __init__(self, rate: FrameRate) -> None:
        self._rate = rate
        self._next = 0  # frame at which the next panel starts
        self._remainder = Fraction(0)  # frames by which the exact time is ahead of it

    def place(self, panel: Panel) -> tuple[int, int]:
        """Return the first frame of the next panel, and its length in frames."""
        start = self._next
        if panel.frames is not None:
            self._next += panel.frames
            return start, panel.frames
        # The decimal number that people wrote, not the binary one next to it.
        exact = Fraction(str(panel.seconds)) * self._rate.exact + self._remainder
        frames = max(1, (exact + Fraction(1, 2)).__floor__())
        self._next += frames
        # What is shown for a frame although it is shorter takes nothing from the panels after it.
        self._remainder = max(exact - frames, Fraction(-1, 2))
        return start, frames
