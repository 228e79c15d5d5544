"""Tables of shots as production trackers import them: ShotGrid, ftrack and Kitsu.

One row is one shot: the panels that follow each other with the same scene and shot number. Frames
count from 1001, as work on shots does.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType

from storyboard_ops.core.storyboard.editorial.cut import Cut, CutClip

FIRST_FRAME = 1001
#: Text that begins like this is a formula to a spreadsheet, through which ftrack imports.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Shot:
    """The panels of one shot."""

    clips: tuple[CutClip, ...]
    order: int  # from 1

    @property
    def scene(self) -> str:
        panel = self.clips[0].panel
        return panel.scene_number or str(self.clips[0].placed.scene_number)

    @property
    def sequence(self) -> str:
        return self.clips[0].panel.sequence or self.scene

    @property
    def name(self) -> str:
        """What the shot is called in the whole production."""
        shot = self.clips[0].panel.shot
        return f"{self.scene}-{shot}" if shot else self.clips[0].name

    @property
    def frames(self) -> int:
        return sum(clip.frames for clip in self.clips)

    @property
    def last_frame(self) -> int:
        return FIRST_FRAME + self.frames - 1

    @property
    def description(self) -> str:
        """What is seen and heard, one panel after the other."""
        text = "\n".join(
            line for clip in self.clips for line in (clip.action, clip.dialogue) if line
        )
        return f" {text}" if text.startswith(_FORMULA) else text


def shots_of(cut: Cut) -> tuple[Shot, ...]:
    """Return the shots of the cut in their order."""

    def named(clip: CutClip) -> tuple[object, ...]:
        panel = clip.panel
        return clip.placed.scene_number, panel.scene_number, panel.shot or clip.name

    groups = groupby(cut.clips, key=named)
    return tuple(Shot(tuple(clips), order) for order, (_, clips) in enumerate(groups, start=1))


def _shotgrid(cut: Cut, shot: Shot) -> dict[str, object]:
    return {
        "Shot Code": shot.name,
        "Sequence": shot.sequence,
        "Description": shot.description,
        "Cut Order": shot.order,
        "Cut In": FIRST_FRAME,
        "Cut Out": shot.last_frame,
        "Cut Duration": shot.frames,
    }


def _ftrack(cut: Cut, shot: Shot) -> dict[str, object]:
    return {
        "Sequence": shot.sequence,
        "Shot": shot.name,
        "Description": shot.description,
        "fstart": FIRST_FRAME,
        "fend": shot.last_frame,
        "fps": cut.frame_rate.name.removesuffix("df"),
    }


def _kitsu(cut: Cut, shot: Shot) -> dict[str, object]:
    return {
        "Sequence": shot.sequence,
        "Name": shot.name,
        "Description": shot.description,
        "Nb Frames": shot.frames,
        "Frame In": FIRST_FRAME,
        "Frame Out": shot.last_frame,
        "FPS": cut.frame_rate.name.removesuffix("df"),
    }


_ROWS: MappingProxyType[str, Callable[[Cut, Shot], dict[str, object]]] = MappingProxyType(
    {"shotgrid": _shotgrid, "ftrack": _ftrack, "kitsu": _kitsu}
)


def tracker_tables(cut: Cut) -> Iterator[tuple[str, str]]:
    """Yield the name of each tracker, and its table as CSV."""
    shots = shots_of(cut)
    for tracker, row in _ROWS.items():
        rows = [row(cut, shot) for shot in shots]
        text = io.StringIO()
        table = csv.DictWriter(text, fieldnames=list(rows[0]))
        table.writeheader()
        table.writerows(rows)
        yield tracker, text.getvalue()
