"""Read Final Cut Pro's XML: the storyline of the first project, with what is connected to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from xml.etree.ElementTree import Element

from storyboard_ops.core.storyboard.retiming.cut_events import (
    CutEvent,
    ReadCut,
    file_of,
    in_order,
    known,
)
from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.storyboard.frame_rate import FrameRate, closest_rate

_CLIPS = ("video", "clip", "asset-clip", "ref-clip", "sync-clip", "mc-clip", "title", "gap")
_TIME = re.compile(r"(-?\d{1,18}(?:/\d{1,12}|\.\d{1,9})?)s?")
_REEL = "com.apple.proapps.studio.reel"


def read_fcpxml(root: Element, what: str, board_rate: FrameRate) -> ReadCut:
    """Read the first sequence; raises BadInput when there is none, or its rate is unknown."""
    sequence = next(root.iter("sequence"), None)
    spine = None if sequence is None else sequence.find("spine")
    if sequence is None or spine is None:
        raise BadInput(f"{what} has no sequence; export the project, not the event.")
    assets = {one.get("id", ""): one for one in root.iter("asset")}
    try:
        drop = sequence.get("tcFormat") == "DF"
        rate = _rate(root, sequence.get("format"), what, board_rate, drop)
        start = _time(sequence.get("tcStart"))
        walk = _Walk(assets, rate)
        events = in_order(walk.events(spine, start, start))
    except (ValueError, ZeroDivisionError):
        raise BadInput(f"{what} has a time that is no fraction of seconds; export again.") from None
    except RecursionError:
        raise BadInput(f"{what} has clips nested too deep to be read; export again.") from None
    return ReadCut(rate, events)


def _time(text: str | None) -> Fraction:
    """Return a time such as ``1001/24000s`` or ``5s``; raises ValueError for anything else."""
    found = _TIME.fullmatch((text or "0s").strip())
    if found is None:
        raise ValueError(text)
    return Fraction(found[1])


def _rate(
    root: Element, name: str | None, what: str, board_rate: FrameRate, drop: bool
) -> FrameRate:
    frame = next((f.get("frameDuration") for f in root.iter("format") if f.get("id") == name), None)
    if frame is None:
        return board_rate
    rate = closest_rate(float(1 / _time(frame)), drop)
    if rate is None:
        raise BadInput(
            f"{what} has frames of {frame}, which is no frame rate of editing; set the project's "
            "rate, and export it again."
        )
    return rate


@dataclass(frozen=True)
class _Walk:
    assets: dict[str, Element]
    rate: FrameRate

    def events(self, parent: Element, placed: Fraction, start: Fraction) -> Iterator[CutEvent]:
        """Yield the clips in an element that is at ``placed``; its own time begins at ``start``."""
        for item in parent:
            # What has no lane within a clip is what the clip shows.
            if parent.tag != "spine" and item.get("lane", "0") == "0":
                continue
            begin = placed + _time(item.get("offset")) - start
            if item.tag == "spine":
                yield from self.events(item, begin, Fraction(0))
            elif item.tag == "audition" and len(item):
                yield from self._clip(item[0], placed + _time(item[0].get("offset")) - start)
            elif item.tag in _CLIPS:
                yield from self._clip(item, begin)

    def _clip(self, item: Element, begin: Fraction) -> Iterator[CutEvent]:
        if item.get("enabled") == "0":
            return
        end = begin + self._length(item)
        first, last = self.rate.nearest_frame(begin), self.rate.nearest_frame(end)
        yield CutEvent(self._names(item), first, last - first, blank=item.tag == "gap")
        yield from self.events(item, begin, _time(item.get("start")))

    def _length(self, item: Element) -> Fraction:
        """An asset-clip without a duration is as long as its asset."""
        asset = self.assets.get(item.get("ref", ""))
        return _time(item.get("duration") or (None if asset is None else asset.get("duration")))

    def _names(self, item: Element) -> tuple[str, ...]:
        shown = [item, *item.findall("video")]
        found = [self.assets.get(one.get("ref", "")) for one in shown]
        asset = next((one for one in found if one is not None), None)
        if asset is None:
            return known(item.get("name"))
        media = asset.find("media-rep")
        source = asset.get("src") or (None if media is None else media.get("src"))
        reel = next((md.get("value") for md in asset.iter("md") if md.get("key") == _REEL), None)
        return known(item.get("name"), file_of(source), asset.get("name"), reel)
