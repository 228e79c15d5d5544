"""Drawing the samples of a checkpoint."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PIL import Image

from trainer.families.base import Family, Question
from trainer.inputs.job import BaseModel
from trainer.training.cache import Cache
from trainer.training.sample_plan import Sample


def draw_samples(
    family: Family,
    samples: list[Sample],
    folder: Path,
    base: BaseModel,
    cache: Cache,
    tick: Callable[[], None],
    drawn: Callable[[int], None],
) -> list[Image.Image]:
    """Draw the samples that a folder does not have yet; return all of them, in order."""
    folder.mkdir(parents=True, exist_ok=True)
    for done, sample in enumerate(samples, 1):
        path = folder / sample.file
        if not path.is_file():
            image = family.draw(
                Question(
                    prompt=cache.prompts[sample.prompt],
                    nothing=cache.nothing,
                    width=sample.width,
                    height=sample.height,
                    seed=sample.seed,
                    steps=base.steps,
                    guidance=base.guidance,
                ),
                tick,
            )
            partial = path.with_suffix(".partial")
            image.save(partial, format="PNG")
            partial.replace(path)
        drawn(done)
    return [_read(folder / sample.file) for sample in samples]


def _read(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("RGB")
