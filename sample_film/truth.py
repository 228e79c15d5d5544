"""Ground truth of the film: who is visible where, in every frame.

The file holds one frame a line. `seconds_view` gives the same facts in the shape that accuracy
checks read: one entry per sampled second.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Box = tuple[float, float, float, float]

RULE = (
    "Frame for time t = first frame with pts >= t. box = [x, y, w, h] as fractions of the frame, "
    "drawn tightly around the visible pixels of the character and of what it holds; what other "
    "things hide and what lies outside the frame does not count. visible = visible share of the "
    "whole figure. ambiguous=true: neither reward nor punish it. Frames without characters are "
    "true negatives."
)


@dataclass(frozen=True)
class CharacterTruth:
    """One character in one frame. view: front, three_quarter or side."""

    id: str
    box: Box
    visible: float
    view: str
    ambiguous: bool


@dataclass(frozen=True)
class FrameTruth:
    """One frame. seconds: its presentation time. tags: title, credits, fade, black, ..."""

    index: int
    seconds: float
    shot: int
    characters: tuple[CharacterTruth, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True)
class ShotTruth:
    """One shot. begins: cut, fade or dissolve."""

    number: int
    start: int
    frames: int
    name: str
    setting: str
    begins: str


@dataclass(frozen=True)
class FilmTruth:
    """Everything known about the film. characters: id to description."""

    clip: str
    digest: str
    fps: int
    width: int
    height: int
    characters: dict[str, str]
    shots: tuple[ShotTruth, ...]
    frames: tuple[FrameTruth, ...]

    def at(self, seconds: float) -> FrameTruth:
        """The first frame with pts >= seconds.

        Raises ValueError outside the film.
        """
        index = max(0, -int(-(seconds * self.fps - 1e-6) // 1))
        if seconds < 0 or index >= len(self.frames):
            end = (len(self.frames) - 1) / self.fps
            raise ValueError(f"second {seconds}: the film runs from 0 to {end:.3f}; ask within it")
        return self.frames[index]


def to_text(truth: FilmTruth) -> str:
    """JSON, one frame a line."""
    head = {
        "clip": truth.clip,
        "rule": RULE,
        "digest": truth.digest,
        "fps": truth.fps,
        "width": truth.width,
        "height": truth.height,
        "characters": truth.characters,
        "shots": [vars(shot) for shot in truth.shots],
        "n_frames": len(truth.frames),
    }
    opening = json.dumps(head, indent=1, ensure_ascii=False).removesuffix("\n}")
    lines = ",\n".join("  " + json.dumps(_frame_json(frame)) for frame in truth.frames)
    return f'{opening},\n "frames": [\n{lines}\n ]\n}}\n'


def load_truth(path: Path) -> FilmTruth:
    """Read what `to_text` wrote."""
    data = json.loads(path.read_text(encoding="utf-8"))
    return FilmTruth(
        clip=data["clip"],
        digest=data["digest"],
        fps=data["fps"],
        width=data["width"],
        height=data["height"],
        characters=data["characters"],
        shots=tuple(ShotTruth(**shot) for shot in data["shots"]),
        frames=tuple(_frame_from(frame) for frame in data["frames"]),
    )


def truth_at(path: Path, seconds: float) -> FrameTruth:
    """The truth of one moment of the film whose truth file is `path`."""
    return load_truth(path).at(seconds)


def seconds_view(truth: FilmTruth, interval: float = 1.0) -> dict[str, Any]:
    """One entry per sampled moment, as lists of footage with hand-made truth have them."""
    count = int((len(truth.frames) - 1) / truth.fps / interval) + 1
    entries = [_entry(truth, i * interval) for i in range(count)]
    seen = Counter(c["id"] for entry in entries for c in entry["characters"])
    return {
        "clip": truth.clip,
        "rule": RULE,
        "notes": f"Computed while the project's own code draws the film. {interval:g} s grid.",
        "characters": truth.characters,
        "positives": {who: seen[who] for who in truth.characters},
        "n_frames": len(entries),
        "frames": entries,
    }


def _entry(truth: FilmTruth, seconds: float) -> dict[str, Any]:
    frame = truth.at(seconds)
    return {
        "t": round(seconds, 3),
        "characters": [_character_json(c) for c in frame.characters],
        "frame_note": ", ".join((truth.shots[frame.shot].name, *frame.tags)),
        "ignore": False,
    }


def _character_json(character: CharacterTruth) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": character.id,
        "box": list(character.box),
        "visible": character.visible,
        "view": character.view,
    }
    return data | ({"ambiguous": True} if character.ambiguous else {})


def _frame_json(frame: FrameTruth) -> dict[str, Any]:
    return {
        "frame": frame.index,
        "t": round(frame.seconds, 6),
        "shot": frame.shot,
        "characters": [_character_json(c) for c in frame.characters],
        "tags": list(frame.tags),
    }


def _frame_from(data: dict[str, Any]) -> FrameTruth:
    characters = tuple(
        CharacterTruth(c["id"], tuple(c["box"]), c["visible"], c["view"], c.get("ambiguous", False))
        for c in data["characters"]
    )
    return FrameTruth(data["frame"], data["t"], data["shot"], characters, tuple(data["tags"]))
