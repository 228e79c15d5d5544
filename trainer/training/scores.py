"""The score of a checkpoint, and which checkpoint is the result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from PIL import Image

from storyboard_ops.core.storyboard.consistency import Gallery, SeenPanel, measure
from storyboard_ops.core.storyboard.method_check import check_method
from trainer.inputs.dataset import Dataset, Picture, alone
from trainer.scoring.embedders import Embedder, Floats
from trainer.training.sample_plan import Sample


@dataclass(frozen=True)
class Judge:
    """Measures samples against the held-out pictures; ``fault`` says why it cannot."""

    embedder: Embedder
    gallery: Gallery
    fault: str = ""

    def score(self, samples: Sequence[Sample], pictures: Sequence[Image.Image]) -> dict[str, Any]:
        """Return all figures of drawn samples, as JSON; ``likeness`` is null without a judgement.

        A sample shows one character, so the whole picture is its figure.
        """
        if self.fault or not samples:
            return {"likeness": None, "low": None, "high": None, "why": self.fault}
        rows = self.embedder.embed(pictures)
        panels = [
            SeenPanel(sample.file, (sample.character,), row[None], sample.slot)
            for sample, row in zip(samples, rows, strict=True)
        ]
        figures = measure(panels, self.gallery)
        likeness = figures.likeness
        return {
            "likeness": likeness.mean if likeness else None,
            "low": likeness.low if likeness else None,
            "high": likeness.high if likeness else None,
            "wrong_names": figures.confusion,
            "copied": figures.copied,
            "characters": [asdict(character) for character in figures.characters],
        }


def make_judge(embedder: Embedder, dataset: Dataset, cast: Mapping[str, str]) -> Judge:
    """Embed the film's own pictures and check that the figures can tell right from wrong."""
    gallery = Gallery.of(
        held_out=_rows(embedder, dataset.held_out, cast),
        training=_rows(embedder, dataset.training, cast),
        crowded={
            character: _embed(embedder, together)
            for character in cast
            if (together := [p for p in dataset.training if _shares(p, character)])
        },
    )
    return Judge(embedder, gallery, _fault(dataset, gallery, cast))


def choose(scores: Mapping[int, Mapping[str, Any]], fault: str) -> tuple[int, str]:
    """Return the step of the best checkpoint, and why it was chosen.

    ``scores`` are by step, oldest first. The earliest of the best ones is taken: it has changed the
    base model least.
    """
    likeness = {s: one["likeness"] for s, one in scores.items() if one["likeness"] is not None}
    if not likeness:
        reason = fault or "no likeness could be measured"
        return max(scores), f"the last one, because {reason}"
    best = max(likeness, key=lambda step: likeness[step])
    return best, f"the highest likeness to held-out pictures, {likeness[best]:.3f}"


def _fault(dataset: Dataset, gallery: Gallery, cast: Mapping[str, str]) -> str:
    if not dataset.held_out:
        return "no pictures are held out"
    missing = [name for character, name in cast.items() if character not in gallery.held_out]
    if missing:
        return f"no held-out picture shows {', '.join(missing)} alone"
    if faults := check_method(gallery).faults:
        return f"the figures cannot tell right from wrong here: {'; '.join(faults)}"
    return ""


def _rows(
    embedder: Embedder, pictures: Sequence[Picture], cast: Mapping[str, str]
) -> dict[str, Floats]:
    return {
        character: _embed(embedder, own)
        for character in cast
        if (own := alone(pictures, character))
    }


def _embed(embedder: Embedder, pictures: Sequence[Picture]) -> Floats:
    return np.concatenate([embedder.embed([picture.open()]) for picture in pictures])


def _shares(picture: Picture, character: str) -> bool:
    return character in picture.characters and len(picture.characters) > 1
