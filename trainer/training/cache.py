"""Latents and prompt embeddings, computed once; then the encoders are freed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import torch

from storyboard_ops.domain.names import replace_names
from trainer.families.base import Embedding, Family
from trainer.families.cut_prompts import find_cut
from trainer.inputs.buckets import bucket_of, fit_bucket
from trainer.inputs.dataset import Picture
from trainer.machine.interruption import Interruption
from trainer.machine.progress import Progress

#: The empty prompt, for caption dropout and guidance.
NOTHING = ""
#: What a character is called where the base model's idea of it is to be kept.
SOMEBODY = "a character"


@dataclass(frozen=True)
class Cache:
    """What training and sampling need of pictures and prompts; all on the CPU."""

    latents: tuple[torch.Tensor, ...]  # (C, h, w) of every training picture
    prompts: Mapping[str, Embedding]
    #: Tokens that are left out of prompts longer than the model reads.
    cut: Mapping[str, int] = field(default_factory=dict)

    @property
    def nothing(self) -> Embedding:
        return self.prompts[NOTHING]


def fill_cache(
    family: Family,
    pictures: Sequence[Picture],
    prompts: Iterable[str],
    resolution: int,
    progress: Progress,
    interruption: Interruption,
) -> Cache:
    """Encode training pictures at their bucket's size, and prompts; free the encoders.

    Pictures and prompts are encoded one by one, so that nothing depends on how they are grouped.
    """
    wanted = sorted({NOTHING, *prompts})
    family.load_encoders()
    progress.enter("caching", len(pictures) + len(wanted))
    latents: list[torch.Tensor] = []
    for done, picture in enumerate(pictures, 1):
        interruption.check()
        image = picture.open()
        size = bucket_of(image.size, resolution, family.multiple, picture.path.name)
        latents.append(family.encode_picture(fit_bucket(image, size)))
        progress.advance(done, done, done)
    embeddings: dict[str, Embedding] = {}
    for done, prompt in enumerate(wanted, len(pictures) + 1):
        interruption.check()
        embeddings[prompt] = family.encode_prompt(prompt)
        progress.advance(done, done, done)
    cut = find_cut(family, wanted, progress)
    family.free_encoders()
    return Cache(tuple(latents), embeddings, cut)


def without_names(caption: str, names: Iterable[str]) -> str:
    """Return a caption with every character called ``SOMEBODY``."""
    return replace_names(caption, dict.fromkeys(names, SOMEBODY))
