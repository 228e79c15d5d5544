"""What every format of a cut is read into: events on the frames of the cut."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from storyboard_ops.domain.storyboard.frame_rate import FrameRate


@dataclass(frozen=True)
class CutEvent:
    """A clip, or a blank, for a time."""

    names: tuple[str, ...]  # what may name its panel, the surest first
    start: int  # frame of the cut's timecode
    frames: int
    blank: bool = False  # shows nothing: it is a panel if it is called like one


@dataclass(frozen=True)
class ReadCut:
    """The events of a cut in the order in which they begin."""

    frame_rate: FrameRate
    events: tuple[CutEvent, ...]
    remarks: tuple[str, ...] = ()


def in_order(events: Iterable[CutEvent]) -> tuple[CutEvent, ...]:
    """Return the events that last, by their start."""
    return tuple(sorted((one for one in events if one.frames > 0), key=lambda one: one.start))


def known(*names: str | None) -> tuple[str, ...]:
    """Return the names that say something, each once."""
    return tuple(dict.fromkeys(name.strip() for name in names if name and name.strip()))


def file_of(url: str | None) -> str:
    """Return the file name at the end of a URL or path, of any system."""
    return unquote(url or "").replace("\\", "/").rpartition("/")[2]
