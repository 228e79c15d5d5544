"""Read Final Cut Pro 7's XML, as Premiere Pro and Resolve write it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from storyboard_ops.core.storyboard.retiming.cut_events import (
    CutEvent,
    ReadCut,
    file_of,
    in_order,
    known,
)
from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.storyboard.frame_rate import FRAME_RATES, FrameRate

_NUMBER = re.compile(r"-?[0-9]{1,12}")
#: Where a transition cuts, by its alignment: at its start, at its end, else in its middle.
_AT_START, _AT_END = ("start", "start-black"), ("end", "end-black")


def read_xmeml(root: Element, what: str, board_rate: FrameRate) -> ReadCut:
    """Read the longest sequence of a document; raises BadInput when it has none."""
    inner = {one for item in root.iter("clipitem") for one in item.iter("sequence")}
    sequences = [one for one in root.iter("sequence") if one not in inner]
    if not sequences:
        raise BadInput(f"{what} has no sequence; export the sequence, not the bin.")
    sequence = max(sequences, key=lambda one: _number(one, "duration"))
    rate = _rate(sequence, what, board_rate)
    start = _number(sequence, "timecode/frame")
    files = {one.get("id", ""): one for one in root.iter("file") if len(one)}
    tracks = sequence.findall("media/video/track")
    events = in_order(event for track in tracks for event in _events(track, start, files))
    remarks = (
        () if len(sequences) == 1 else (f"Of {len(sequences)} sequences, the longest is read.",)
    )
    return ReadCut(rate, events, remarks)


def _number(element: Element, path: str) -> int:
    text = element.findtext(path, "").strip()
    return int(text) if _NUMBER.fullmatch(text) else 0


def _is_true(element: Element, path: str, default: str) -> bool:
    return element.findtext(path, default).strip().upper() == "TRUE"


def _rate(sequence: Element, what: str, board_rate: FrameRate) -> FrameRate:
    timebase, ntsc = _number(sequence, "rate/timebase"), _is_true(sequence, "rate/ntsc", "FALSE")
    fitting = [
        rate for rate in FRAME_RATES.values() if (rate.nominal, rate.is_ntsc) == (timebase, ntsc)
    ]
    if not fitting:
        raise BadInput(
            f"{what} has a timebase of {timebase}{' (NTSC)' if ntsc else ''}, which is no frame "
            "rate of editing; set the sequence's rate, and export it again."
        )
    return board_rate if board_rate in fitting else fitting[0]


def _events(track: Element, start: int, files: dict[str, Element]) -> Iterator[CutEvent]:
    if not _is_true(track, "enabled", "TRUE"):
        return
    items = [item for item in track if item.tag.endswith("item")]
    for place, item in enumerate(items):
        if item.tag == "transitionitem" or not _is_true(item, "enabled", "TRUE"):
            continue
        first, end = _number(item, "start"), _number(item, "end")
        # -1: the clip begins or ends within the transition next to it.
        if first == -1 and place:
            first = _cut_of(items[place - 1])
        if end == -1 and place + 1 < len(items):
            end = _cut_of(items[place + 1])
        blank = item.tag == "generatoritem"
        yield CutEvent(_names(item, files), start + first, end - first, blank)


def _cut_of(transition: Element) -> int:
    first, end = _number(transition, "start"), _number(transition, "end")
    alignment = transition.findtext("alignment", "center").strip()
    if alignment in _AT_START:
        return first
    return end if alignment in _AT_END else (first + end) // 2


def _names(item: Element, files: dict[str, Element]) -> tuple[str, ...]:
    file = item.find("file")
    if file is not None and not len(file):
        file = files.get(file.get("id", ""), file)
    return known(
        item.findtext("name"),
        file_of(file.findtext("pathurl")) if file is not None else None,
        file.findtext("name") if file is not None else None,
        file.findtext("timecode/reel/name") if file is not None else None,
    )
