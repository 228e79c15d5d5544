"""A training on the right characters pays: panels come nearer to their held-out pictures.

The small model of this project learns crops of the sample film, and draws Mira and Orso again. It
repeats what it saw: this shows that trainer, drawing and score work together, and no quality.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from storyboard_ops.core.storyboard.consistency import (
    ConsistencyFigures,
    Gallery,
    Interval,
    SeenPanel,
    compare,
    measure,
)
from tests.trainer.jobs import drawing_job, training_job, write
from tests.trainer.laboratory import ROOT, Laboratory, read
from trainer.scoring.embedders import ColourAndEdges

pytestmark = pytest.mark.long

BASE = ROOT / "include/models/small-flow"
FILM = ROOT / "include/sample_film"
NAMES = {"mira": "Mira", "orso": "Orso", "pell": "Pell"}
RIGHT, OTHERS = ("mira", "orso"), ("pell",)
#: Scenes of the film that no training sees.
HELD_OUT = frozenset({"wonder", "meeting", "worry", "admiring", "hoping"})
RECIPE = {
    "method": "full",
    "steps": "600",
    "checkpoint_every": "600",
    "samples_per_character": "0",
    "batch_size": "12",
    "learning_rate": "0.002",
    "caption_dropout": "0.1",
}
SIDE = 64  # px of the pictures that are trained on and drawn
SEEDS = list(range(1, 13))


@dataclass(frozen=True)
class Crop:
    """What the film shows of one character in one second."""

    character: str
    second: int
    scene: str
    picture: Image.Image

    @property
    def split(self) -> str:
        return "evaluation" if self.scene in HELD_OUT else "training"


@pytest.fixture(scope="module")
def crops() -> list[Crop]:
    """Every character in every second, cut out by the film's own truth."""
    return list(cut_characters())


def cut_characters() -> Iterator[Crop]:
    film = cv2.VideoCapture(str(FILM / "paper-lantern.mp4"))
    rate = film.get(cv2.CAP_PROP_FPS)
    for frame in read(FILM / "truth.json")["frames"]:
        film.set(cv2.CAP_PROP_POS_FRAMES, round(frame["t"] * rate))
        _, bgr = film.read()
        for one in frame["characters"]:
            if not one.get("ambiguous"):
                scene = frame["frame_note"].split(",")[0]
                yield Crop(one["id"], int(frame["t"]), scene, cut(bgr, one["box"]))


def cut(bgr: np.ndarray, box: Sequence[float]) -> Image.Image:
    """Return a square around a box, in ratios, as far as the frame reaches."""
    height, width = bgr.shape[:2]
    x, y, w, h = (round(value * side) for value, side in zip(box, (width, height) * 2, strict=True))
    side = min(height, width, max(w, h))
    left = min(max(0, x + (w - side) // 2), width - side)
    top = min(max(0, y + (h - side) // 2), height - side)
    rgb = cv2.cvtColor(bgr[top : top + side, left : left + side], cv2.COLOR_BGR2RGB)
    return Image.fromarray(rgb).resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def train(laboratory: Laboratory, root: Path, crops: Sequence[Crop], cast: Sequence[str]) -> Path:
    """Train on these characters of the film; return the model's folder."""
    names = {character: {"name": NAMES[character]} for character in cast}
    training_job(root, BASE, "small_flow", recipe=RECIPE, facts={"cast": names})
    folder = root / "input/data/dataset"
    lines = []
    for crop in crops:
        if crop.character not in cast:
            continue
        path = folder / f"images/{crop.character}_{crop.second:03d}.png"
        crop.picture.save(path)
        lines.append(
            {
                "file": f"images/{path.name}",
                "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
                "caption": f"{NAMES[crop.character]}, {crop.scene}",
                "characters": [crop.character],
                "split": crop.split,
                "take": f"{crop.scene}-{crop.character}",
            }
        )
    (folder / "pictures.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    assert laboratory.train(root) == 0
    return root / "model"


def draw(laboratory: Laboratory, root: Path, model: Path | None) -> Mapping[str, Image.Image]:
    """Draw Mira and Orso once for each seed; return the pictures by panel."""
    asked = [
        {"slot": who, "prompt": NAMES[who], "width": SIDE, "height": SIDE, "seeds": SEEDS}
        for who in RIGHT
    ]
    drawing_job(root, BASE, "small_flow", *asked, model=model)
    job = root / "processing/input/job/job.json"
    write(job, read(job) | {"steps": 12})
    assert laboratory.draw(root) == 0
    files = sorted((root / "processing/output").glob("*_seed*.png"))
    return {file.stem: Image.open(file).convert("RGB") for file in files}


@pytest.fixture(scope="module")
def gallery(crops: list[Crop]) -> Gallery:
    def embedded(split: str) -> dict[str, np.ndarray]:
        shown = {
            who: [c.picture for c in crops if (c.character, c.split) == (who, split)]
            for who in NAMES
        }
        return {who: ColourAndEdges().embed(pictures) for who, pictures in shown.items()}

    return Gallery.of(embedded("evaluation"), embedded("training"))


def figures(pictures: Mapping[str, Image.Image], gallery: Gallery) -> ConsistencyFigures:
    assert len(pictures) == len(RIGHT) * len(SEEDS)
    panels = [
        SeenPanel(name, (name.partition("_")[0],), ColourAndEdges().embed([picture]))
        for name, picture in pictures.items()
    ]
    return measure(panels, gallery)


def shown(interval: Interval | None) -> str:
    assert interval is not None
    return f"{interval.mean:+.2f} ({interval.low:+.2f} to {interval.high:+.2f})"


def test_the_right_characters_beat_others_and_the_base(
    laboratory: Laboratory,
    crops: list[Crop],
    gallery: Gallery,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    models = {
        "the right characters": train(laboratory, tmp_path / "right", crops, RIGHT),
        "other characters": train(laboratory, tmp_path / "others", crops, OTHERS),
        "nothing": None,
    }
    measured = {
        name: figures(draw(laboratory, tmp_path / f"drawn by {name}", model), gallery)
        for name, model in models.items()
    }
    right = measured["the right characters"]
    gained = {name: compare(right, one) for name, one in measured.items() if one is not right}
    lines = [f"trained on {name}: {shown(one.likeness)}" for name, one in measured.items()]
    lines += [f"right minus {name}, paired: {shown(gain)}" for name, gain in gained.items()]
    with capsys.disabled():
        sys.stdout.write(
            "\nLikeness of 24 panels, with 95 % intervals\n  " + "\n  ".join(lines) + "\n"
        )
    lows = [interval.low for interval in (right.likeness, *gained.values()) if interval]
    assert [low is not None and low > 0 for low in lows] == [True] * 3
