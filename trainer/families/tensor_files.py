"""Weights in the safetensors format, the same bytes for the same content."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import save

from trainer.machine.atomic import write_atomically

_LENGTH = 8  # bytes that say how long the header is; what follows it is aligned to as many


def write_tensors(
    path: Path, tensors: Mapping[str, torch.Tensor], metadata: Mapping[str, str]
) -> None:
    """Write tensors and metadata, sorted: the library orders metadata at random."""
    content = save(dict(tensors), dict(metadata))
    end = _LENGTH + int.from_bytes(content[:_LENGTH], "little")
    header = json.loads(content[_LENGTH:end])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % _LENGTH)
    write_atomically(path, len(text).to_bytes(_LENGTH, "little") + text + content[end:])
