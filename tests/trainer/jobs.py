"""Jobs for the training program: a cast of coloured shapes, its dataset, and the job's folders."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

CAST = {"mira": {"name": "Mira"}, "bo": {"name": "Bo"}}
COLOURS = {"mira": (220, 40, 60), "bo": (40, 80, 220)}
RECIPE = {
    "steps": "4",
    "batch_size": "2",
    "accumulate": "1",
    "learning_rate": "0.05",
    "rank": "2",
    "resolution": "64",
    "checkpoint_every": "2",
    "samples_per_character": "1",
    "seed": "3",
}
PANEL = {
    "slot": "scene01_panel01",
    "prompt": "Mira and Bo on a bench",
    "width": 64,
    "height": 48,
    "seeds": [7],
}


def base_entry(family: str, **more: Any) -> dict[str, Any]:
    """Return a base model's entry, as the product hands it over."""
    return {
        "id": f"tiny-{family.replace('_', '-')}",
        "name": f"a tiny {family}",
        "family": family,
        "upstream": "tests/tiny",
        "revision": "r1",
        "licence": {"name": "Apache-2.0"},
        "text_tokens": 48,
        "training_gb": 1,
        "drawing_gb": 1,
        "drawing": {"steps": 2, "guidance": 2.0},
        **more,
    }


def training_job(
    root: Path,
    base: Path,
    family: str = "flux2_klein",
    *,
    recipe: Mapping[str, str] | None = None,
    facts: Mapping[str, Any] | None = None,
    entry: Mapping[str, Any] | None = None,
    pictures: int = 4,
    held_out: int = 2,
) -> Path:
    """Lay out a training: ``pictures`` of each character, two of both, and some held out."""
    write(root / "input/config/hyperparameters.json", {**RECIPE, **(recipe or {})})
    job = {
        "run_key": "run-1",
        "production": "paper-lantern",
        "cast": CAST,
        "base": base_entry(family, **(entry or {})),
        "embedder": {"id": "colour-and-edges", "kind": "colour_and_edges"},
        "dataset_sha256": "d" * 64,
        **(facts or {}),
    }
    write(root / "input/data/job/job.json", job)
    link(base, root / "input/data/base")
    shown = [((c,), n, "training") for c in CAST for n in range(pictures)]
    shown += [(tuple(CAST), n, "training") for n in range(2)]
    shown += [((c,), 100 + n, "evaluation") for c in CAST for n in range(held_out)]
    write_dataset(root / "input/data/dataset", shown)
    return root


def drawing_job(
    root: Path,
    base: Path,
    family: str = "flux2_klein",
    *panels: Mapping[str, Any],
    model: Path | None = None,
    strength: float = 1.0,
) -> Path:
    """Lay out a drawing, of ``PANEL`` if of nothing else.

    Panels without a strength of their own have ``strength``, or 0 where there is no model.
    """
    given = root / "processing/input"
    own = {"strength": strength if model else 0.0}
    job = {
        "run_key": "run-1",
        "base": base_entry(family),
        "steps": 2,
        "guidance": 2.0,
        "panels": [{**own, **panel} for panel in panels or [PANEL]],
    }
    write(given / "job/job.json", job)
    link(base, given / "base")
    if model:
        link(model, given / "model")
    return root


Shown = tuple[tuple[str, ...], int, str]


def write_dataset(folder: Path, shown: Sequence[Shown]) -> None:
    """Write pictures of (characters, number, split); they differ in size and shape."""
    lines = []
    for characters, number, split in shown:
        size = (96, 64) if len(characters) > 1 or number % 2 else (64, 64)
        path = folder / "images" / f"{'_'.join(characters)}_{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        draw_shape(characters, number, size).save(path)
        names = " and ".join(CAST[c]["name"] for c in characters)
        line = {
            "file": f"images/{path.name}",
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "caption": f"{names} in front of a grey wall, {number}",
            "characters": characters,
            "split": split,
            "take": f"take-{number}",
        }
        lines.append(f"{json.dumps(line)}\n")
    (folder / "pictures.jsonl").write_text("".join(lines), encoding="utf-8")


def draw_shape(characters: Sequence[str], number: int, size: tuple[int, int]) -> Image.Image:
    """Draw the characters: Mira is red and round, Bo is blue and square."""
    chance = random.Random(f"{characters} {number}")
    image = Image.new("RGB", size, (200, 200, 190))
    pen = ImageDraw.Draw(image)
    for place, character in enumerate(characters):
        left = 8 + place * size[0] // 2 + chance.randrange(8)
        box = (left, 10, left + size[0] // 2 - 16, size[1] - 8 - chance.randrange(6))
        (pen.ellipse if character == "mira" else pen.rectangle)(box, COLOURS[character])
    return image


def write(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")


def link(folder: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    to.symlink_to(folder.resolve(), target_is_directory=True)
