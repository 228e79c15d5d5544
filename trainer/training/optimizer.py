"""The optimizer and its rate."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import torch

from trainer.families.base import Schedule
from trainer.inputs.recipe import Recipe
from trainer.machine.device import Device


def make_optimizer(
    parameters: Iterable[torch.nn.Parameter], recipe: Recipe, schedule: Schedule, device: Device
) -> tuple[Any, str]:
    """Return AdamW and its name: with states of 8 bits on a GPU where bitsandbytes is installed."""
    kind: Any = torch.optim.AdamW
    if device.name == "cuda" and find_spec("bitsandbytes"):
        kind = import_module("bitsandbytes.optim").AdamW8bit
    optimizer = kind(
        list(parameters),
        lr=recipe.learning_rate,
        betas=schedule.betas,
        weight_decay=schedule.weight_decay,
    )
    return optimizer, kind.__name__


def rate_at(step: int, recipe: Recipe, schedule: Schedule) -> float:
    """Return the learning rate of a step, counted from 0."""
    rise = min(1.0, (step + 1) / schedule.warmup_steps) if schedule.warmup_steps else 1.0
    falling_from = schedule.decay_from * recipe.steps
    fall = 1.0
    if step >= falling_from and recipe.steps > falling_from:
        fall = (recipe.steps - step) / (recipe.steps - falling_from)
    return recipe.learning_rate * rise * fall
