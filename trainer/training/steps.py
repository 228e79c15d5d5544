"""The steps of a training: everything that a step changes, and how it is saved and restored."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch

from trainer.families.base import Embedding, Family, Weights
from trainer.inputs.dataset import Picture
from trainer.inputs.recipe import Recipe
from trainer.training.cache import NOTHING, Cache
from trainer.training.exposure import show_pictures
from trainer.training.optimizer import make_optimizer, rate_at


@dataclass(frozen=True)
class Lesson:
    """A picture of a step: its latents (C, h, w), its prompt, and the prompt without names."""

    latents: torch.Tensor
    prompt: Embedding
    prior: Embedding | None


@dataclass
class Steps:
    """A training between two steps.

    ``prior_captions`` are the captions of the pictures without names; empty: no prior is preserved.
    Pictures of a step that differ in size are computed apart, so that any of them may follow any.
    """

    family: Family
    recipe: Recipe
    pictures: Sequence[Picture]
    cache: Cache
    prior_captions: Sequence[str] = ()
    step: int = 0
    seconds: float = 0.0
    curve: list[float] = field(default_factory=list)  # loss of every step
    optimizer_name: str = ""

    def __post_init__(self) -> None:
        self._trained = self.family.trained()
        self._optimizer, self.optimizer_name = make_optimizer(
            self._trained.values(), self.recipe, self.family.schedule, self.family.device
        )
        self._generator = torch.Generator("cpu").manual_seed(self.recipe.seed)
        self._shown = show_pictures(self.pictures, self.recipe.seed)
        averaged = self._trained if self.family.schedule.average else {}
        self._average = {name: p.detach().clone() for name, p in averaged.items()}

    def advance(self) -> float:
        """Take one step; return its loss, the mean over its pictures."""
        rate = rate_at(self.step, self.recipe, self.family.schedule)
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self._optimizer.zero_grad(set_to_none=True)
        count = self.recipe.pictures_per_step
        losses = [
            self._learn(lessons, 1 / count)
            for lessons in _of_one_size(self._next(count), self.recipe.batch_size)
        ]
        torch.nn.utils.clip_grad_norm_(self._trained.values(), self.family.schedule.clip)
        self._optimizer.step()
        self._update_average()
        self.step += 1
        self.curve.append(sum(losses) / count)
        return self.curve[-1]

    def weights(self) -> Weights:
        """Return what was learned: the average where the family keeps one."""
        return self._average or {n: p.detach() for n, p in self._trained.items()}

    @contextmanager
    def drawing_with(self, weights: Weights) -> Iterator[None]:
        """Draw with the weights of a checkpoint, then put back those that learn."""
        kept = {name: self._trained[name].detach().clone() for name in weights}
        self._copy_in(weights)
        try:
            yield
        finally:
            self._copy_in(kept)

    def state(self) -> dict[str, Any]:
        """Return all that is needed to go on, for ``restore``."""
        return {
            "step": self.step,
            "seconds": self.seconds,
            "curve": self.curve,
            "trained": {n: p.detach() for n, p in self._trained.items()},
            "average": self._average,
            "optimizer": self._optimizer.state_dict(),
            "generator": self._generator.get_state(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a state; the next step is the one that would have followed."""
        self.step, self.seconds, self.curve = state["step"], state["seconds"], state["curve"]
        self._copy_in(state["trained"])
        self._average = {n: w.to(self.family.device.name) for n, w in state["average"].items()}
        self._optimizer.load_state_dict(state["optimizer"])
        self._generator.set_state(state["generator"])
        shown = self.step * self.recipe.pictures_per_step
        self._shown = itertools.islice(show_pictures(self.pictures, self.recipe.seed), shown, None)

    def _next(self, count: int) -> list[Lesson]:
        return [self._lesson(number) for number in itertools.islice(self._shown, count)]

    def _lesson(self, number: int) -> Lesson:
        dropped = float(torch.rand((), generator=self._generator)) < self.recipe.caption_dropout
        caption = NOTHING if dropped else self.pictures[number].caption
        prior = self.cache.prompts[self.prior_captions[number]] if self.prior_captions else None
        return Lesson(self.cache.latents[number], self.cache.prompts[caption], prior)

    def _learn(self, lessons: Sequence[Lesson], share: float) -> float:
        """Add the gradient of some pictures of one size; return the sum of their losses."""
        loss, prior_loss = self.family.losses(
            torch.stack([lesson.latents for lesson in lessons]),
            [lesson.prompt for lesson in lessons],
            self._generator,
            [lesson.prior for lesson in lessons if lesson.prior is not None],
        )
        total = (loss + self.recipe.prior_preservation * prior_loss).sum()
        (total * share).backward()
        return float(loss.detach().sum())

    def _update_average(self) -> None:
        decay = self.family.schedule.average
        for name, average in self._average.items():
            average.lerp_(self._trained[name].detach(), 1 - decay)

    def _copy_in(self, weights: Weights) -> None:
        with torch.no_grad():
            for name, weight in weights.items():
                self._trained[name].copy_(weight)


def _of_one_size(lessons: Sequence[Lesson], most: int) -> Iterator[list[Lesson]]:
    """Yield groups of at most ``most`` pictures of one size, the sizes in order of appearance."""
    sizes: dict[tuple[int, ...], list[Lesson]] = {}
    for lesson in lessons:
        sizes.setdefault(tuple(lesson.latents.shape), []).append(lesson)
    for group in sizes.values():
        for start in range(0, len(group), most):
            yield group[start : start + most]
