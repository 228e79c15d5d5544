"""The board as one track of stills that follow each other: what every editorial file says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

from storyboard_ops.core.storyboard.board import Board, BoardPanel
from storyboard_ops.core.storyboard.editorial.reels import name_reels
from storyboard_ops.domain.image_records import Panel
from storyboard_ops.domain.storyboard.frame_rate import FrameRate
from storyboard_ops.domain.storyboard.panel_card import SpokenLine

#: What XML and a line of text cannot contain: controls, surrogates, non-characters.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_LINE_ENDS = re.compile(r"\s*[\n\r\x85\u2028\u2029]+\s*")


@dataclass(frozen=True)
class CutClip:
    """One panel in the cut. A panel that could not be drawn keeps its place and its length."""

    placed: BoardPanel
    reel: str  # eight characters, its own
    opens_scene: bool

    @property
    def panel(self) -> Panel:
        return self.placed.panel

    @property
    def name(self) -> str:
        """What the panel is called, wherever it stands."""
        return clip_name(self.panel)

    @property
    def start(self) -> int:
        """Frames from the start of the cut."""
        return self.placed.start

    @property
    def frames(self) -> int:
        return self.placed.frames

    @property
    def picture(self) -> str:
        """Path of the picture, relative to the editorial files; empty where there is none."""
        return "" if self.panel.failure else self.placed.file_name

    @property
    def url(self) -> str:
        """The path of the picture as a relative URL."""
        return quote(self.picture)

    @property
    def file_name(self) -> str:
        return self.picture.rpartition("/")[2]

    @cached_property
    def dialogue(self) -> str:
        """What is spoken, one speech in a line; empty where nobody speaks."""
        return "\n".join(writable(_speech(line)) for line in self.panel.dialogue)

    @property
    def action(self) -> str:
        return writable(self.panel.description)

    @property
    def note(self) -> str:
        """What a marker says: dialogue, then action."""
        failure = self.panel.failure and f"Not drawn: {writable(self.panel.failure)}"
        return "\n".join(filter(None, (self.dialogue, self.action, failure)))


@dataclass(frozen=True)
class Cut:
    """The whole board in its order."""

    title: str
    frame_rate: FrameRate
    start: int  # the frame of the first timecode, e.g. of 01:00:00:00
    clips: tuple[CutClip, ...]

    @property
    def frames(self) -> int:
        """The running time."""
        return sum(clip.frames for clip in self.clips)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the pictures in px; of the largest where they differ."""
        return max(
            ((clip.panel.width, clip.panel.height) for clip in self.clips),
            key=lambda size: (size[0] * size[1], size),
        )

    def timecode(self, frame: int) -> str:
        """Return the timecode of a frame of the cut, counted from 0."""
        return self.frame_rate.timecode(self.start + frame)


def cut_board(board: Board, title: str, start_timecode: str) -> Cut:
    """Return a board as a cut; raises ValueError where the rate has no such timecode."""
    reels = name_reels(clip_name(placed.panel) for placed in board.panels)
    return Cut(
        title=writable(title),
        frame_rate=board.frame_rate,
        start=board.frame_rate.frame_at(start_timecode),
        clips=tuple(
            CutClip(placed, reels[clip_name(placed.panel)], opens_scene=placed is scene.panels[0])
            for scene in board.scenes
            for placed in scene.panels
        ),
    )


def clip_name(panel: Panel) -> str:
    """Return what a panel is called: its id, or its place on a board without numbers."""
    return panel.panel_id if panel.panel else f"P{panel.number:04d}"


def writable(text: str) -> str:
    """Return the text with a sign for each character that no file format may contain."""
    return _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def one_line(text: str) -> str:
    """Return the text in one line, with `` / `` where lines ended."""
    return _LINE_ENDS.sub(" / ", text.strip())


def _speech(line: SpokenLine) -> str:
    off = f" ({line.off})" if line.off else ""
    manner = f"({line.parenthetical.strip('()')}) " if line.parenthetical else ""
    speaker = f"{line.speaker}{off}: " if line.speaker else ""
    return f"{speaker}{manner}{line.text}"
