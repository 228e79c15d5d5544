"""Which trainer a run uses, and why."""

from __future__ import annotations

from typing import Literal

from storyboard_ops.domain.base_record import Record

TrainerName = Literal["bedrock", "sagemaker", "own_gpu", "dataset_only"]


class TrainerChoice(Record):
    """The trainer of a run: preflight decides once, and no later step changes it."""

    trainer: TrainerName
    why: str  # continues the name, e.g. "chosen because …"

    def __str__(self) -> str:
        return f"{self.trainer}, {self.why}"
