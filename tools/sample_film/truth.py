"""Ground truth of the film: who is visible where, written for one frame of every second."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tools.sample_film.characters import CAST
from tools.sample_film.shots import SHOTS
from tools.sample_film.staging.camera import FPS

Box = tuple[float, float, float, float]

RULE = (
    "The frame of second t is the first with pts >= t. box = [x, y, width, height] as fractions of "
    "the frame, tight around the visible pixels of the character and of what it holds; parts that "
    "other things hide, or that lie outside the frame, do not count. visible = visible share of "
    "the whole figure. ambiguous = true: do not score this character in this frame. Frames without "
    "characters are true negatives."
)
NOTES = "Computed by tools/sample_film while it draws the film. One entry a second."


@dataclass(frozen=True)
class CharacterTruth:
    """One character in one frame.

    box: x, y, width, height as fractions of the frame. visible: visible share of the whole figure.
    view: front, three_quarter or side. ambiguous: too small, hidden or blurred to be scored.
    """

    id: str
    box: Box
    visible: float
    view: str
    ambiguous: bool


@dataclass(frozen=True)
class FrameTruth:
    """One frame, counted from 0. shot: its number in SHOTS. tags: title, credits, fade, ..."""

    index: int
    shot: int
    characters: tuple[CharacterTruth, ...]
    tags: tuple[str, ...]


def truth_text(clip: str, sha256: str, frames: Sequence[FrameTruth]) -> str:
    """The truth file as JSON, one entry a line; `frames` are all frames of the film, in order."""
    entries = [frame_entry(frame) for frame in frames[::FPS]]
    seen = Counter(character["id"] for entry in entries for character in entry["characters"])
    head = {
        "clip": clip,
        "sha256": sha256,
        "rule": RULE,
        "notes": NOTES,
        "characters": {who.id: f"{who.name}: {who.looks}" for who in CAST.values()},
        "positives": {who: seen[who] for who in CAST},
        "n_frames": len(entries),
    }
    opening = json.dumps(head, indent=1, ensure_ascii=False).removesuffix("\n}")
    lines = ",\n".join("  " + json.dumps(entry) for entry in entries)
    return f'{opening},\n "frames": [\n{lines}\n ]\n}}\n'


def frame_entry(frame: FrameTruth) -> dict[str, Any]:
    """What the truth file says about a frame at a whole second."""
    return {
        "t": frame.index / FPS,
        "characters": [_character_entry(character) for character in frame.characters],
        "frame_note": ", ".join((SHOTS[frame.shot].name, *frame.tags)),
        "ignore": False,
    }


def _character_entry(character: CharacterTruth) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": character.id,
        "box": list(character.box),
        "visible": character.visible,
        "view": character.view,
    }
    return entry | ({"ambiguous": True} if character.ambiguous else {})
