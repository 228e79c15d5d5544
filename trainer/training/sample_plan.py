"""Which pictures a checkpoint is judged by: held-out captions, with fixed seeds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PIL import Image

from trainer.inputs.buckets import bucket_of
from trainer.inputs.dataset import Dataset, alone


@dataclass(frozen=True)
class Sample:
    """A picture of one character to draw at every checkpoint; the size is in px.

    Samples with the same prompt share a ``slot`` and differ by their seed.
    """

    character: str
    number: int
    slot: str
    prompt: str
    width: int
    height: int
    seed: int

    @property
    def file(self) -> str:
        return f"{self.character}_{self.number}.png"


def plan_samples(
    dataset: Dataset,
    cast: Mapping[str, str],
    per_character: int,
    resolution: int,
    multiple: int,
    seed: int,
) -> list[Sample]:
    """Return the samples of every checkpoint, ``per_character`` of each character.

    Prompts are the captions of held-out pictures that show the character alone, each as often as
    any other; where there are none, those of training pictures, which only show what is drawn.
    """
    samples = []
    for character in cast:
        pictures = alone(dataset.held_out, character) or alone(dataset.training, character)
        for number in range(per_character if pictures else 0):
            picture = pictures[number % len(pictures)]
            with Image.open(picture.path) as image:
                width, height = bucket_of(image.size, resolution, multiple, picture.path.name)
            slot = f"{character}_{number % len(pictures)}"
            samples.append(
                Sample(character, number, slot, picture.caption, width, height, seed + number)
            )
    return samples
