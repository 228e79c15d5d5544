"""The hyperparameters of a training, with their ranges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from trainer.errors import JobFailed

METHODS = ("lora", "full")
#: Least and most of each number.
RANGES: dict[str, tuple[float, float]] = {
    "steps": (1, 20_000),
    "batch_size": (1, 64),
    "accumulate": (1, 64),
    "learning_rate": (1e-7, 1e-1),
    "rank": (1, 256),
    "resolution": (32, 2_048),
    "caption_dropout": (0, 1),
    "checkpoint_every": (1, 20_000),
    "samples_per_character": (0, 16),
    "prior_preservation": (0, 1),
    "seed": (0, 2**31 - 1),
}


@dataclass(frozen=True)
class Recipe:
    """How to train.

    ``resolution`` is the side, in px, of a square with as many pixels as a training picture has at
    most. ``prior_preservation`` is the weight of the loss that keeps what the base model draws for
    a caption without names; 0 leaves it out. ``checkpoint_every`` counts steps.
    """

    steps: int = 1_000
    batch_size: int = 1
    accumulate: int = 4
    learning_rate: float = 1e-4
    rank: int = 32
    resolution: int = 1_024
    caption_dropout: float = 0.05
    checkpoint_every: int = 250
    samples_per_character: int = 2
    prior_preservation: float = 0.0
    seed: int = 0
    method: Literal["lora", "full"] = "lora"

    @property
    def pictures_per_step(self) -> int:
        return self.batch_size * self.accumulate

    def is_checkpoint(self, step: int) -> bool:
        """Return whether the model is saved and scored after a step; the last one always is."""
        return step == self.steps or step % self.checkpoint_every == 0


def read_recipe(values: Mapping[str, str]) -> Recipe:
    """Read hyperparameters, which SageMaker passes as strings; a missing one has its default.

    Raises JobFailed with every fault: unknown names, and values outside of their range.
    """
    faults = list(_faults(values))
    if faults:
        raise JobFailed(f"Hyperparameters: {'; '.join(faults)}.")
    given: dict[str, Any] = {
        name: type(getattr(Recipe, name))(value) for name, value in values.items()
    }
    return Recipe(**given)


def _faults(values: Mapping[str, str]) -> Iterable[str]:
    for name, value in values.items():
        if name == "method":
            if value not in METHODS:
                yield f"method is {value!r}; it must be {' or '.join(METHODS)}"
        elif name not in RANGES:
            yield f"{name} is unknown; known are {', '.join((*RANGES, 'method'))}"
        else:
            yield from _number_faults(name, value)
    if values.get("method") == "full" and _number(values.get("prior_preservation", "0"), float):
        yield "prior_preservation needs method lora, which keeps the base model; set it to 0"


def _number_faults(name: str, value: str) -> Iterable[str]:
    whole = isinstance(getattr(Recipe, name), int)
    low, high = RANGES[name]
    number = _number(value, int if whole else float)
    if number is None or not low <= number <= high:
        kind = "a whole number" if whole else "a number"
        yield f"{name} is {value!r}; it must be {kind} from {low:g} to {high:g}"


def _number(value: str, kind: type[int] | type[float]) -> float | None:
    try:
        return kind(value)
    except (TypeError, ValueError):
        return None
