"""Find the panels of a board in an editor's cut, and take their lengths over."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from storyboard_ops.core.storyboard.editorial.cut import Cut, CutClip, clip_name
from storyboard_ops.core.storyboard.retiming.cut_events import CutEvent, ReadCut
from storyboard_ops.domain.image_records import Panel
from storyboard_ops.domain.storyboard.frame_rate import FrameRate
from storyboard_ops.domain.storyboard.retimed_cut import ForeignClip, RetimedCut

#: Seconds of timecode that a panel may stand: what is longer is a mistake, and a long animatic.
MOST_HOLD_S = 3_600
_ENDING = re.compile(r"\.[a-z0-9]{2,5}$")


def match_cut(cut: ReadCut, board: Cut, origin: str) -> RetimedCut:
    """Return what a cut says of a board's panels.

    A panel is found by its id, by its clip's name, by its picture's file name or by its reel, in
    this order. What is longer or shorter is counted in frames of the board's rate.
    """
    index = _Index.made_for(board.clips)
    found: list[tuple[str, int]] = []
    foreign = []
    for event in cut.events:
        name = index.find(event)
        if name:
            found.append((name, _frames(event, cut.frame_rate, board.frame_rate)))
        elif not event.blank:
            foreign.append(_foreign(event, cut.frame_rate))
    lengths: Counter[str] = Counter()
    for name, frames in found:
        lengths[name] += frames
    too_long = [name for name, n in lengths.items() if n > MOST_HOLD_S * board.frame_rate.nominal]
    for name in too_long:
        del lengths[name]
    before = {clip.name: clip.frames for clip in board.clips}
    times = Counter(name for name, _ in found)
    return RetimedCut(
        origin=origin,
        frame_rate=cut.frame_rate.name,
        lengths=dict(lengths),
        changed=tuple(name for name in before if lengths.get(name, before[name]) != before[name]),
        foreign=tuple(foreign),
        not_in_cut=tuple(name for name in before if name not in lengths),
        repeated=tuple(name for name in lengths if times[name] > 1),
        moved=tuple(_moved(list(lengths), list(before))),
        remarks=(
            *cut.remarks,
            *_rate_remark(cut.frame_rate, board.frame_rate),
            *(f"{name} is longer than an hour there, and keeps its length." for name in too_long),
        ),
    )


def retime_panels(
    panels: Iterable[Panel], lengths: Mapping[str, int], rate: FrameRate
) -> tuple[Panel, ...]:
    """Return the panels with the lengths that a cut gives them, in frames of ``rate``.

    Other panels stay as they are.
    """

    def retimed(panel: Panel) -> Panel:
        frames = lengths.get(clip_name(panel))
        if frames is None:
            return panel
        return panel.model_copy(update={"frames": frames, "seconds": rate.seconds(frames)})

    return tuple(map(retimed, panels))


@dataclass(frozen=True)
class _Index:
    """Names of panels by what a cut may call them."""

    ids: dict[str, str]
    others: dict[str, str]  # files and reels; what two panels share is left out

    @classmethod
    def made_for(cls, clips: Sequence[CutClip]) -> _Index:
        others: dict[str, set[str]] = {}
        for clip in clips:
            for key in (_stem(clip.file_name), _plain(clip.reel)):
                if key:
                    others.setdefault(key, set()).add(clip.name)
        return cls(
            {_plain(clip.name): clip.name for clip in clips},
            {key: names.pop() for key, names in others.items() if len(names) == 1},
        )

    def find(self, event: CutEvent) -> str:
        """Return the name of the panel of an event; "" where it is none."""
        keys = [key for name in event.names for key in (_plain(name), _stem(name))]
        for table in (self.ids, self.others):
            for key in keys:
                if key in table:
                    return table[key]
        return next((found for key in keys if (found := self._beginning(key))), "")

    def _beginning(self, key: str) -> str:
        """Return the panel that a name begins with: 12-010-020_v2 is 12-010-020's."""
        for end in range(len(key) - 1, 0, -1):
            if key[:end] in self.ids and not key[end].isalnum():
                return self.ids[key[:end]]
        return ""


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold().strip()


def _stem(name: str) -> str:
    return _ENDING.sub("", _plain(name))


def _frames(event: CutEvent, rate: FrameRate, board_rate: FrameRate) -> int:
    """Return the length of an event in frames of the board; both ends are at their nearest one."""
    if rate.exact == board_rate.exact:
        return event.frames
    first, end = (
        board_rate.nearest_frame(frame * rate.frame)
        for frame in (event.start, event.start + event.frames)
    )
    return max(1, end - first)


def _foreign(event: CutEvent, rate: FrameRate) -> ForeignClip:
    name = next(iter(event.names), "a clip without a name")
    return ForeignClip(name=name, start=rate.timecode(event.start), frames=event.frames)


def _rate_remark(rate: FrameRate, board_rate: FrameRate) -> Iterator[str]:
    if rate.exact != board_rate.exact:
        yield f"The cut has {rate}, the board {board_rate}: lengths are converted."


def _moved(order: Sequence[str], board: Sequence[str]) -> Iterator[str]:
    """Yield the fewest names without which the order is the board's."""
    places = {name: place for place, name in enumerate(board)}
    tails: list[int] = []  # smallest last place of a run of each length
    runs: list[int] = []  # length of the longest run that ends at each name
    for name in order:
        length = bisect_left(tails, places[name])
        tails[length : length + 1] = [places[name]]
        runs.append(length + 1)
    wanted, last = len(tails), len(board)
    stay = set()
    for name, run in zip(reversed(order), reversed(runs), strict=True):
        if run == wanted and places[name] < last:
            stay.add(name)
            wanted, last = wanted - 1, places[name]
    yield from (name for name in order if name not in stay)
