"""Accuracy of the local character finder against ground truth, printed as a table.

    python -m bench.finder_accuracy FOOTAGE

`FOOTAGE` holds clips/, truth/*.json and refs/refs.json. Every number is given twice: over all
frames, and over the frames outside the shots that a reference picture was cut from. The last
column counts findings of a clip's characters in the other clips, where there are none.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from local_aws.vision.character_finder import find_characters, overlap
from local_aws.vision.character_model import CharacterModel, Reference, train_model
from local_aws.vision.picture_codec import Pixels, decode_picture

CUT_DIFFERENCE = 28.0
NEIGHBOURHOOD_S = 0.75


@dataclass(frozen=True)
class Frame:
    """A scored frame: seconds, number of its shot, pixels, and its entry of the truth file."""

    seconds: float
    shot: int
    pixels: Pixels = field(repr=False)
    truth: dict = field(repr=False)


@dataclass
class Score:
    """Counts of one character, image-level, and the overlaps of the correct boxes."""

    correct: int = 0
    wrong: int = 0
    missed: int = 0
    overlaps: list[float] = field(default_factory=list)

    def cells(self) -> list[str]:
        found, present = self.correct + self.wrong, self.correct + self.missed
        precision = f"{self.correct / found:.2f}" if found else "-"
        recall = f"{self.correct / present:.2f}" if present else "-"
        mean_overlap = f"{np.mean(self.overlaps):.2f}" if self.overlaps else "-"
        return [str(present), precision, recall, mean_overlap]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("footage", type=Path)
    footage = parser.parse_args().footage
    references = json.loads((footage / "refs" / "refs.json").read_text())
    clips = {}
    for path in sorted((footage / "truth").glob("*.json")):
        truth = json.loads(path.read_text())
        own = [entry for entry in references if entry["clip"] == truth["clip"]]
        if own:
            clips[path.stem] = (read_frames(footage / "clips" / truth["clip"], truth), own)
    table = Table("clip", "character", *["frames", "P", "R", "IoU"] * 2, "elsewhere", "s/frame")
    for name, (frames, own) in clips.items():
        others = [frame for other, (rows, _) in clips.items() if other != name for frame in rows]
        add_clip(table, name, footage, frames, own, others[::4])
    Console(width=140).print(table)


def read_frames(path: Path, truth: dict) -> list[Frame]:
    """Decode the frames of the truth's times, each the first at or after its time."""
    wanted = [(entry["t"], entry) for entry in truth["frames"]]
    frames: list[Frame] = []
    shot, previous = 0, None
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        time_base = stream.time_base or Fraction(1)
        first = (stream.start_time or 0) * time_base
        for decoded in container.decode(stream):
            pixels = decoded.to_ndarray(format="bgr24")
            thumbnail = cv2.resize(pixels, (64, 36), interpolation=cv2.INTER_AREA).astype(float)
            if previous is not None and np.abs(thumbnail - previous).mean() > CUT_DIFFERENCE:
                shot += 1
            previous = thumbnail
            seconds = float((decoded.pts or 0) * time_base - first)
            while wanted and seconds >= wanted[0][0] - 1e-6:
                frames.append(Frame(wanted[0][0], shot, pixels, wanted.pop(0)[1]))
    return frames


def add_clip(
    table: Table, name: str, footage: Path, frames: list[Frame], own: list[dict], others: list
) -> None:
    """Score one clip and add a row for each of its characters."""
    pictures = [
        Reference(
            entry["character"], decode_picture((footage / "refs" / entry["file"]).read_bytes())
        )
        for entry in own
    ]
    model = train_model(pictures)
    reference_shots = {
        frame.shot
        for frame in frames
        for entry in own
        if abs(frame.seconds - entry["t"]) <= NEIGHBOURHOOD_S
    }
    everywhere: dict[str, Score] = defaultdict(Score)
    elsewhere_shots: dict[str, Score] = defaultdict(Score)
    began = time.perf_counter()
    for frame in frames:
        if not frame.truth["ignore"]:
            score_frame(model, frame, everywhere, elsewhere_shots, reference_shots)
    seconds = (time.perf_counter() - began) / len(frames)
    false_alarms: Counter[str] = Counter()
    for frame in others:
        for finding in find_characters(model, frame.pixels):
            false_alarms[finding.character] += 1
    for character in sorted({reference.character for reference in pictures}):
        table.add_row(
            name,
            character,
            *everywhere[character].cells(),
            *elsewhere_shots[character].cells(),
            f"{false_alarms[character]}/{len(others)}",
            f"{seconds:.2f}",
        )


def score_frame(
    model: CharacterModel,
    frame: Frame,
    everywhere: dict[str, Score],
    elsewhere: dict[str, Score],
    reference_shots: set[int],
) -> None:
    """Count what is found in one frame against its truth."""
    height, width = frame.pixels.shape[:2]
    findings = {each.character: each for each in find_characters(model, frame.pixels)}
    entries = {each["id"]: each for each in frame.truth["characters"]}
    tallies = [everywhere] + ([elsewhere] if frame.shot not in reference_shots else [])
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
