"""Checkpoints on the disk: written next to their place and renamed, checked when read."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from trainer.errors import JobFailed
from trainer.families.base import Weights
from trainer.inputs.digests import file_digest
from trainer.machine.atomic import write_json

FACTS, WEIGHTS, STATE = "checkpoint.json", "weights.safetensors", "state.pt"
#: Only the newest ones keep what a resume needs: the last, and one more in case it is damaged.
RESUMABLE = 2


@dataclass(frozen=True)
class Checkpoint:
    """A folder ``step_000250``: the weights after a step, what a resume needs, samples, score."""

    folder: Path

    @property
    def step(self) -> int:
        return int(self.folder.name.removeprefix("step_"))

    @property
    def samples(self) -> Path:
        return self.folder / "samples"

    @property
    def score(self) -> dict[str, Any] | None:
        """The score, None until all samples are drawn and measured."""
        path = self.folder / "score.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None

    def write_score(self, score: Mapping[str, Any]) -> None:
        write_json(self.folder / "score.json", score)

    def weights(self) -> Weights:
        """Return the weights that were learned."""
        weights: Weights = load_file(self.folder / WEIGHTS)
        return weights

    @property
    def facts(self) -> dict[str, Any]:
        """What the checkpoint is of, and the digests of its files."""
        facts: dict[str, Any] = json.loads((self.folder / FACTS).read_text(encoding="utf-8"))
        return facts

    def has(self, *names: str) -> bool:
        """Return whether files are there and whole."""
        try:
            digests = self.facts["sha256"]
            return all(file_digest(self.folder / name) == digests[name] for name in names)
        except (OSError, ValueError, KeyError):
            return False


class Checkpoints:
    """The checkpoints of one training; ``question`` says which, by recipe, dataset and base."""

    def __init__(self, folder: Path, question: Mapping[str, Any]) -> None:
        self.folder = folder
        self._question = dict(question)
        folder.mkdir(parents=True, exist_ok=True)

    def all(self) -> list[Checkpoint]:
        """Return the checkpoints, oldest first."""
        found = (p for p in self.folder.iterdir() if re.fullmatch(r"step_\d{6}", p.name))
        return sorted((Checkpoint(path) for path in found), key=lambda one: one.step)

    def at(self, step: int) -> Checkpoint:
        return Checkpoint(self.folder / f"step_{step:06d}")

    def save(self, state: Mapping[str, Any], weights: Weights) -> Checkpoint:
        """Write a checkpoint; older ones no longer keep what a resume needs."""
        checkpoint = self.at(state["step"])
        partial = self.folder / f".{checkpoint.folder.name}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        kept = {name: weight.to("cpu").contiguous() for name, weight in weights.items()}
        save_file(kept, partial / WEIGHTS)
        torch.save(dict(state), partial / STATE)
        digests = {name: file_digest(partial / name) for name in (WEIGHTS, STATE)}
        facts = {"step": checkpoint.step, "question": self._question, "sha256": digests}
        write_json(partial / FACTS, facts)
        shutil.rmtree(checkpoint.folder, ignore_errors=True)
        partial.rename(checkpoint.folder)
        for old in self.all()[:-RESUMABLE]:
            (old.folder / STATE).unlink(missing_ok=True)
        return checkpoint

    def newest(self) -> dict[str, Any] | None:
        """Return the newest state that is whole, None when there is none.

        Checkpoints whose weights are damaged, as of a copy that was cut off, are deleted. Raises
        JobFailed when one is of a training with another recipe, dataset or base model.
        """
        state: dict[str, Any] | None = None
        for checkpoint in self.all():
            if not checkpoint.has(WEIGHTS):
                shutil.rmtree(checkpoint.folder)
                continue
            if checkpoint.facts["question"] != self._question:
                raise JobFailed(
                    f"{checkpoint.folder} is of a training with another recipe, dataset or base "
                    "model. Start with an empty folder of checkpoints."
                )
            if checkpoint.has(STATE):
                state = torch.load(checkpoint.folder / STATE, map_location="cpu", weights_only=True)
        return state

    def drop_others(self, wanted: set[int]) -> None:
        """Delete checkpoints of other steps: those that an interruption left."""
        for checkpoint in self.all():
            if checkpoint.step not in wanted:
                shutil.rmtree(checkpoint.folder)
