"""Memory and disk, checked before anything is computed."""

from __future__ import annotations

import shutil
from pathlib import Path

from trainer.errors import JobFailed
from trainer.inputs.job import BaseModel


def check_memory(base: BaseModel, needed_gb: float | None, memory_gb: float, machine: str) -> None:
    """Raise JobFailed when a base model needs more memory, in GB of 10^9 bytes, than there is.

    A machine that is sold as one of n GB has a little less; a tenth is let pass.
    """
    if needed_gb is not None and memory_gb < 0.9 * needed_gb:
        raise JobFailed(
            f"{base.id} needs {needed_gb:g} GB of memory and this machine ({machine}) has "
            f"{memory_gb:.1f} GB. Take a larger machine or a smaller base model."
        )


def check_disk(folder: Path, needed: int, what: str) -> None:
    """Raise JobFailed when a folder's disk has fewer than ``needed`` free bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise JobFailed(
            f"{what} need {needed / 1e9:.2f} GB and the disk of {folder} has {free / 1e9:.2f} GB "
            "left. Give the job a larger volume, or save fewer checkpoints (checkpoint_every)."
        )
