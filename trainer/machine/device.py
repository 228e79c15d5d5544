"""The device that a job computes on."""

from __future__ import annotations

import os
from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Device:
    """Where to compute and with which numbers; memory in GB of 10^9 bytes."""

    name: str  # as torch calls it
    dtype: torch.dtype  # of weights that do not learn
    memory_gb: float
    description: str

    @property
    def reduced(self) -> bool:
        """Whether weights have fewer bits than what learns."""
        return bool(self.dtype != torch.float32)


def find_device() -> Device:
    """Return the first NVIDIA GPU, with bf16 where it computes in that; without one, the CPU."""
    if torch.cuda.is_available():
        facts = torch.cuda.get_device_properties(0)
        dtype = torch.bfloat16 if facts.major >= 8 else torch.float32
        return Device("cuda", dtype, facts.total_memory / 1e9, facts.name)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return Device("cpu", torch.float32, memory / 1e9, f"{os.cpu_count()} CPU cores")
