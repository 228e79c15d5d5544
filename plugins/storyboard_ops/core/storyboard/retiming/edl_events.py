"""Read an edit decision list: its events, with the names that its comments give them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from storyboard_ops.core.storyboard.retiming.cut_events import (
    CutEvent,
    ReadCut,
    file_of,
    in_order,
    known,
)
from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.storyboard.frame_rate import FRAME_RATES, FrameRate, RateName

_TIME = r"(\d{2}:\d{2}:\d{2}[:;.,]\d{2})"
_EVENT = re.compile(
    rf"\s*(\d+)\s+(\S+)\s+(\S+)\s+(C|D|W\d*|KB?|KO)\s+(?:\d+\s+)?{_TIME}\s+{_TIME}\s+{_TIME}\s+{_TIME}"
)
_COMMENT = re.compile(r"\s*\*?\s*([A-Z][A-Z ]+?)\s*:\s*(.*)")
_MODE = re.compile(r"\s*FCM:\s*(NON[- ]?)?DROP", re.IGNORECASE)
#: Letters of a comment that are read: what follows names no clip.
MOST_COMMENT = 1_000
_BLACK = frozenset({"BL", "BLACK"})
#: The rate whose timecode leaves labels out, and the one whose does not.
_COUNTED: dict[RateName, RateName] = {"29.97": "29.97df", "59.94": "59.94df"}


@dataclass
class _Line:
    """An event line, and the comments that follow it."""

    number: str
    reel: str
    kind: str
    start: str
    end: str
    comments: dict[str, str] = field(default_factory=dict)


def is_edl(text: str) -> bool:
    """Whether a text has events, or begins as a list does."""
    return text.lstrip().startswith(("TITLE:", "FCM:")) or any(map(_EVENT.match, text.split("\n")))


def read_edl(text: str, what: str, rate: FrameRate) -> ReadCut:
    """Read a list. It names no frame rate, so it is taken for the board's.

    Whether it is drop frame is what the list says. Raises BadInput, naming the list by ``what``,
    where a timecode does not exist at the rate.
    """
    lines = list(_lines(text))
    rate = _counted(rate, text, what)
    try:
        events = in_order(_event(line, rate) for line in lines)
    except ValueError as error:
        raise BadInput(
            f"{what}: {error}. A list names no frame rate, so it is read at the run's; set the "
            "parameter frame_rate to the one that it was exported with."
        ) from None
    return ReadCut(rate, events)


def _lines(text: str) -> Iterator[_Line]:
    """Yield the event lines of video; both of a dissolve have the comments after the second."""
    pending: list[_Line] = []
    for row in text.splitlines():
        if event := _EVENT.match(row):
            number, reel, channels, kind, _, _, start, end = event.groups()
            if pending and (pending[0].number != number or pending[-1].comments):
                yield from pending
                pending = []
            if "V" in channels or channels in ("B", "NONE"):
                pending.append(_Line(number, reel, kind, start, end))
        elif pending and (comment := _COMMENT.match(row[:MOST_COMMENT])):
            for line in pending:
                line.comments.setdefault(comment[1], comment[2].strip())
    yield from pending


def _counted(rate: FrameRate, text: str, what: str) -> FrameRate:
    modes = [not found[1] for found in map(_MODE.match, text.split("\n")) if found]
    drop = modes[0] if modes else any(";" in line.end for line in _lines(text))
    plain = next((name for name, df in _COUNTED.items() if df == rate.name), rate.name)
    if not drop:
        return FRAME_RATES[plain]
    if plain not in _COUNTED:
        raise BadInput(
            f"{what} counts drop-frame timecode, which {rate} does not have; set the parameter "
            "frame_rate to 29.97df or 59.94df, whichever it was exported with."
        )
    return FRAME_RATES[_COUNTED[plain]]


def _event(line: _Line, rate: FrameRate) -> CutEvent:
    start = rate.frame_at(line.start)
    frames = (rate.frame_at(line.end) - start) % rate.frames_per_day
    comments = line.comments
    # The incoming clip of a dissolve has its name in TO CLIP NAME.
    incoming = comments.get("TO CLIP NAME") if line.kind != "C" else None
    names = known(
        None if incoming else comments.get("PANEL"),
        incoming or comments.get("FROM CLIP NAME"),
        None if incoming else file_of(comments.get("SOURCE FILE") or comments.get("FROM FILE")),
        "" if line.reel in _BLACK else line.reel,
    )
    return CutEvent(names, start, frames, blank=line.reel in _BLACK)
