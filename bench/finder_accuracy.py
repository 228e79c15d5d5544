"""Accuracy of the local character finder against ground truth, printed as a table.

    python -m bench.finder_accuracy --footage FOOTAGE --film FILM

`FOOTAGE` holds clips/, truth/*.json and refs/refs.json. `FILM` is what `python -m sample_film film`
drew; its references are the production's. Every number is given twice: over all frames, and over
the frames outside the shots that a reference picture was cut from. The last but one column counts
findings of a clip's characters in the other clips, where there are none.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.film_shots import frames_at, reference_shots
from local_aws.vision.finding.character_finder import find_characters, overlap
from local_aws.vision.finding.character_model import CharacterModel, Reference, train_model
from local_aws.vision.picture_codec import Pixels, decode_picture

EVERY_OTHER = 4
FILM_REFERENCES = Path("include/productions/paper-lantern/references")


@dataclass(frozen=True)
class Frame:
    """A scored frame: seconds, number of its shot, pixels, and its entry of the truth file."""

    seconds: float
    shot: int
    pixels: Pixels = field(repr=False)
    truth: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Clip:
    """A clip with its references; `reference_seconds`: when those were cut from the clip."""

    name: str
    frames: list[Frame]
    references: list[Reference]
    reference_seconds: tuple[float, ...] = ()

    def reference_shots(self) -> set[int]:
        """The shots that a reference picture was cut from."""
        moments = ((frame.seconds, frame.shot) for frame in self.frames)
        return reference_shots(moments, self.reference_seconds)


@dataclass
class Score:
    """Counts of one character, image-level, and the overlaps of the correct boxes."""

    correct: int = 0
    wrong: int = 0
    missed: int = 0
    overlaps: list[float] = field(default_factory=list)

    def cells(self) -> list[str]:
        """Frames with the character, precision, recall, mean overlap."""
        found, present = self.correct + self.wrong, self.correct + self.missed
        precision = f"{self.correct / found:.2f}" if found else "-"
        recall = f"{self.correct / present:.2f}" if present else "-"
        mean_overlap = f"{np.mean(self.overlaps):.2f}" if self.overlaps else "-"
        return [str(present), precision, recall, mean_overlap]


def main() -> None:
    """Print the table of the folders named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--footage", type=Path)
    parser.add_argument("--film", type=Path)
    chosen = parser.parse_args()
    clips = footage_clips(chosen.footage) if chosen.footage else []
    clips += [film_clip(chosen.film)] if chosen.film else []
    table = Table("clip", "character", *["frames", "P", "R", "IoU"] * 2, "elsewhere", "s/frame")
    for clip in clips:
        others = [frame for other in clips if other is not clip for frame in other.frames]
        add_clip(table, clip, others[::EVERY_OTHER])
    Console(width=140).print(table)


def footage_clips(footage: Path) -> list[Clip]:
    """The clips of a footage folder that have references."""
    entries = json.loads((footage / "refs" / "refs.json").read_text())
    clips = []
    for path in sorted((footage / "truth").glob("*.json")):
        truth = json.loads(path.read_text())
        own = [entry for entry in entries if entry["clip"] == truth["clip"]]
        if own:
            frames = read_frames(footage / "clips" / truth["clip"], truth)
            pictures = [
                read_reference(entry["character"], footage / "refs" / entry["file"])
                for entry in own
            ]
            clips.append(Clip(path.stem, frames, pictures, tuple(entry["t"] for entry in own)))
    return clips


def film_clip(folder: Path) -> Clip:
    """The sample film with the references of its production, which are no frames of it."""
    truth = json.loads((folder / "truth_seconds.json").read_text())
    pictures = [
        read_reference(path.stem.partition("_")[0], path)
        for path in sorted(FILM_REFERENCES.glob("*.png"))
    ]
    return Clip("sample film", read_frames(folder / truth["clip"], truth), pictures)


def read_reference(character: str, path: Path) -> Reference:
    """A reference picture from a file."""
    return Reference(character, decode_picture(path.read_bytes()))


def read_frames(path: Path, truth: dict[str, Any]) -> list[Frame]:
    """Decode the frames of the truth's times, each the first at or after its time."""
    entries = {entry["t"]: entry for entry in truth["frames"]}
    return [
        Frame(seconds, shot, pixels, entries[seconds])
        for seconds, shot, pixels in frames_at(path, list(entries))
    ]


def add_clip(table: Table, clip: Clip, others: Sequence[Frame]) -> None:
    """Score one clip and add a row for each of its characters."""
    model = train_model(clip.references)
    shots = clip.reference_shots()
    everywhere: dict[str, Score] = defaultdict(Score)
    elsewhere: dict[str, Score] = defaultdict(Score)
    began = time.perf_counter()
    for frame in clip.frames:
        if not frame.truth["ignore"]:
            tallies = [everywhere] if frame.shot in shots else [everywhere, elsewhere]
            score_frame(model, frame, tallies)
    seconds = (time.perf_counter() - began) / len(clip.frames)
    false_alarms = Counter(
        finding.character for frame in others for finding in find_characters(model, frame.pixels)
    )
    for character in sorted(set(model.characters)):
        table.add_row(
            clip.name,
            character,
            *everywhere[character].cells(),
            *elsewhere[character].cells(),
            f"{false_alarms[character]}/{len(others)}",
            f"{seconds:.2f}",
        )


def score_frame(model: CharacterModel, frame: Frame, tallies: Sequence[dict[str, Score]]) -> None:
    """Count what is found in one frame against its truth, in every tally."""
    height, width = frame.pixels.shape[:2]
    findings = {each.character: each for each in find_characters(model, frame.pixels)}
    entries = {each["id"]: each for each in frame.truth["characters"]}
    for character in set(model.characters):
        entry, finding = entries.get(character), findings.get(character)
        if entry is not None and entry.get("ambiguous"):
            continue
        for tally in tallies:
            score = tally[character]
            score.missed += entry is not None and finding is None
            score.wrong += entry is None and finding is not None
            if entry is not None and finding is not None:
                x, y, w, h = entry["box"]
                truth_box = (x * width, y * height, (x + w) * width, (y + h) * height)
                score.correct += 1
                score.overlaps.append(overlap(finding.box, truth_box))


if __name__ == "__main__":
    main()
