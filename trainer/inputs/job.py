"""The facts of a job: whose film, which base model, who is in the cast, what is to be drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trainer.errors import JobFailed
from trainer.inputs.reading import read_json, take


@dataclass(frozen=True)
class BaseModel:
    """An entry of the product's list of base models; memory in GB of 10^9 bytes."""

    id: str
    family: str
    steps: int  # of drawing a picture
    guidance: float
    text_tokens: int  # most of a caption or prompt
    entry: Mapping[str, Any] = field(repr=False)  # all of it, for the record

    def __getitem__(self, name: str) -> Any:
        """Return another field of the entry, None when it has none."""
        return self.entry.get(name)


@dataclass(frozen=True)
class Embedder:
    """The model that embeds pictures for the score."""

    id: str
    kind: str
    digest: str | None = None


@dataclass(frozen=True)
class TrainingJob:
    """The facts of a training; the recipe is separate."""

    run_key: str
    production: str
    cast: Mapping[str, str]  # names by character
    base: BaseModel
    embedder: Embedder
    dataset_sha256: str


@dataclass(frozen=True)
class Panel:
    """A picture to draw, once for each seed."""

    slot: str
    prompt: str
    width: int
    height: int
    seeds: tuple[int, ...]
    strength: float  # of what was trained; 0 is the base model
    references: tuple[str, ...] = ()


@dataclass(frozen=True)
class DrawingJob:
    """The panels of a drawing, and how they are drawn."""

    run_key: str
    base: BaseModel
    steps: int
    guidance: float
    panels: tuple[Panel, ...]


MOST_STRENGTH = 2.0
MOST_DRAWING_STEPS = 200


def read_training_job(path: Path) -> TrainingJob:
    """Read the facts of a training; raises JobFailed naming the file and the field."""
    facts, where = read_json(path), str(path)
    cast = {
        character: take(entry, "name", str, f"{where}: cast.{character}")
        for character, entry in take(facts, "cast", dict, where).items()
    }
    if not cast:
        raise JobFailed(f"{where}: cast is empty; a training needs at least one character.")
    embedder = take(facts, "embedder", dict, where)
    return TrainingJob(
        run_key=take(facts, "run_key", str, where),
        production=take(facts, "production", str, where),
        cast=cast,
        base=_base(facts, where),
        embedder=Embedder(
            id=take(embedder, "id", str, f"{where}: embedder"),
            kind=take(embedder, "kind", str, f"{where}: embedder"),
            digest=embedder.get("digest") or None,
        ),
        dataset_sha256=take(facts, "dataset_sha256", str, where),
    )


def read_drawing_job(path: Path) -> DrawingJob:
    """Read the panels of a drawing; raises JobFailed naming the file and the field."""
    facts, where = read_json(path), str(path)
    job = DrawingJob(
        run_key=take(facts, "run_key", str, where),
        base=_base(facts, where),
        steps=take(facts, "steps", int, where),
        guidance=take(facts, "guidance", float, where),
        panels=tuple(_panel(panel, where) for panel in take(facts, "panels", list, where)),
    )
    if not 1 <= job.steps <= MOST_DRAWING_STEPS:
        raise JobFailed(f"{where}: steps is {job.steps}; it must be 1 to {MOST_DRAWING_STEPS}.")
    return job


def _base(facts: Mapping[str, Any], where: str) -> BaseModel:
    entry = take(facts, "base", dict, where)
    drawing = take(entry, "drawing", dict, f"{where}: base")
    return BaseModel(
        id=take(entry, "id", str, f"{where}: base"),
        family=take(entry, "family", str, f"{where}: base"),
        steps=take(drawing, "steps", int, f"{where}: base.drawing"),
        guidance=take(drawing, "guidance", float, f"{where}: base.drawing"),
        text_tokens=take(entry, "text_tokens", int, f"{where}: base"),
        entry=entry,
    )


def _panel(entry: Any, where: str) -> Panel:
    if not isinstance(entry, dict):
        raise JobFailed(f"{where}: every panel must be a JSON object.")
    slot = take(entry, "slot", str, f"{where}: panel")
    if not slot or Path(slot).name != slot:
        raise JobFailed(f"{where}: the slot {slot!r} must be usable as the name of a file.")
    where = f"{where}: panel {slot}"
    strength = take(entry, "strength", float, where)
    if not 0 <= strength <= MOST_STRENGTH:
        raise JobFailed(f"{where}: strength is {strength}; it must be 0 to {MOST_STRENGTH:g}.")
    return Panel(
        slot=slot,
        prompt=take(entry, "prompt", str, where),
        width=take(entry, "width", int, where),
        height=take(entry, "height", int, where),
        seeds=tuple(take({"seed": seed}, "seed", int, where) for seed in entry.get("seeds", ())),
        strength=strength,
        references=tuple(entry.get("references", ())),
    )
