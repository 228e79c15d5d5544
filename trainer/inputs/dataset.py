"""The dataset of a training: pictures with captions, and the pictures held out of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from trainer.errors import JobFailed
from trainer.inputs.digests import file_digest
from trainer.inputs.reading import take

#: With fewer pictures a model repeats them and learns nothing else.
LEAST_PICTURES = 5


@dataclass(frozen=True)
class Picture:
    """A picture of one or more characters. ``take`` is the shot of the film that it is from."""

    path: Path
    caption: str
    characters: tuple[str, ...]
    take: str

    def open(self) -> Image.Image:
        """Return the picture as RGB."""
        with Image.open(self.path) as image:
            return image.convert("RGB")


@dataclass(frozen=True)
class Dataset:
    """The pictures to train on, and those held out to measure with."""

    training: tuple[Picture, ...]
    held_out: tuple[Picture, ...]


def alone(pictures: Sequence[Picture], character: str) -> list[Picture]:
    """Return the pictures that show a character and nobody else."""
    return [picture for picture in pictures if picture.characters == (character,)]


def read_dataset(folder: Path, cast: Mapping[str, str]) -> Dataset:
    """Read ``pictures.jsonl`` and check every picture.

    Raises JobFailed when a picture is missing, damaged or shows somebody who is not in the cast,
    when a character has no training picture, or when there are fewer than ``LEAST_PICTURES``.
    """
    listing = folder / "pictures.jsonl"
    if not listing.is_file():
        raise JobFailed(f"{listing} is missing; the dataset is not complete.")
    lines = [line for line in listing.read_text(encoding="utf-8").splitlines() if line.strip()]
    pictures = [_picture(folder, line, number, cast) for number, line in enumerate(lines, 1)]
    dataset = Dataset(
        training=tuple(picture for split, picture in pictures if split == "training"),
        held_out=tuple(picture for split, picture in pictures if split == "evaluation"),
    )
    for fault in _faults(dataset, cast):
        raise JobFailed(fault)
    return dataset


def _faults(dataset: Dataset, cast: Mapping[str, str]) -> Iterable[str]:
    count = len(dataset.training)
    if count < LEAST_PICTURES:
        yield (
            f"The dataset has {count} training pictures; at least {LEAST_PICTURES} are needed. "
            "Approve more pictures, or hold fewer out."
        )
    shown = {character for picture in dataset.training for character in picture.characters}
    for character, name in cast.items():
        if character not in shown:
            yield (
                f"{name} ({character}) has no training picture. Approve pictures of {name}, or "
                "take the character out of the cast."
            )


def _picture(folder: Path, line: str, number: int, cast: Mapping[str, str]) -> tuple[str, Picture]:
    where = f"{folder / 'pictures.jsonl'}, line {number}"
    entry = _entry(line, where)
    path = folder / take(entry, "file", str, where)
    if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
        raise JobFailed(f"{where}: {entry['file']} is not a file of the dataset.")
    if file_digest(path) != take(entry, "sha256", str, where):
        raise JobFailed(f"{where}: {entry['file']} is damaged. Copy the dataset again.")
    characters = tuple(take(entry, "characters", list, where))
    if not characters or not set(characters) <= set(cast):
        raise JobFailed(f"{where}: characters is {list(characters)}; the cast is {list(cast)}.")
    split = take(entry, "split", str, where)
    if split not in ("training", "evaluation"):
        raise JobFailed(f"{where}: split is {split!r}; it must be training or evaluation.")
    caption = take(entry, "caption", str, where)
    return split, Picture(path, caption, characters, take(entry, "take", str, where))


def _entry(line: str, where: str) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except ValueError as error:
        raise JobFailed(f"{where} is not JSON: {error}.") from error
    if not isinstance(entry, dict):
        raise JobFailed(f"{where} must be a JSON object.")
    return entry
