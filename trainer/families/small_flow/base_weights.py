"""Trains the base weights: the projection of patches and the network that repairs its inverse.

    python -m tools.small_model PICTURES
    .venv-trainer/bin/python -m trainer.families.small_flow.base_weights PICTURES MODEL

The first command writes the pictures and needs OpenCV, the second needs torch and takes about five
minutes on two cores. PICTURES and MODEL are folders; the committed weights are in
include/models/small-flow. The same versions on the same machine write the same bytes.
"""

from __future__ import annotations

import logging
import math
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from trainer.families.small_flow.family import FILE
from trainer.families.small_flow.latents import Latents
from trainer.families.tensor_files import write_tensors

log = logging.getLogger(__name__)

SEED = 0
STEPS = 5000
WARMUP = 50
LEARNING_RATE = 3e-3
#: Windows for the projection and of each step, from the film and from the drawings; sides in px.
FITTED, FITTED_SIDE = (1500, 200), 128
BATCH, BATCH_SIDE = (13, 3), 64
#: Most noise in the latents that the repair learns from: those that are drawn are not exact.
NOISE = 0.1
#: Weight of differences between neighbouring pixels beside that of the pixels themselves.
EDGES = 0.5

Kinds = tuple[list[Tensor], list[Tensor]]  # film and drawings, each picture (3, H, W) of 0..255


def write_weights(pictures: Path, folder: Path, steps: int = STEPS) -> list[Path]:
    """Train on the pictures of a folder; write the base model's file into another.

    Raises FileNotFoundError when there are no pictures.
    """
    draw = torch.Generator().manual_seed(SEED)
    torch.manual_seed(SEED)
    kinds = (_load(pictures, "film"), _load(pictures, "drawn"))
    latents = Latents()
    latents.fit(_windows(kinds, FITTED, FITTED_SIDE, draw))
    train_repair(latents, kinds, steps, draw)
    weights = {name: value.half().contiguous() for name, value in latents.state_dict().items()}
    folder.mkdir(parents=True, exist_ok=True)
    write_tensors(folder / FILE, weights, {"modelspec.license": "Apache-2.0"})
    return [folder / FILE]


def train_repair(latents: Latents, kinds: Kinds, steps: int, draw: torch.Generator) -> None:
    """Train the repair of latents on random windows of pictures."""
    latents.to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(
        latents.parameters(), LEARNING_RATE, betas=(0.9, 0.99), weight_decay=0.0
    )
    for step in range(1, steps + 1):
        for group in optimizer.param_groups:
            fall = 0.5 + 0.5 * math.cos(math.pi * step / steps)
            group["lr"] = LEARNING_RATE * min(1.0, step / WARMUP) * fall
        shown = _windows(kinds, BATCH, BATCH_SIDE, draw)
        encoded = latents.encode(shown)
        strength = NOISE * torch.rand(len(encoded), 1, 1, 1, generator=draw)
        noised = encoded + strength * torch.randn(encoded.shape, generator=draw)
        off = latents(noised.contiguous(memory_format=torch.channels_last)) - shown
        edges = off.diff(dim=3).abs().mean() + off.diff(dim=2).abs().mean()
        optimizer.zero_grad()
        (off.abs().mean() + EDGES * edges).backward()
        optimizer.step()
        if step % 500 == 0:
            log.info("step %d of %d: %.2f dB on its windows", step, steps, decibels(off.detach()))


def decibels(off: Tensor) -> float:
    """Return the peak signal-to-noise ratio of differences between pictures in -1..1."""
    return 10 * math.log10(4 / float(off.square().mean()))


def _load(folder: Path, kind: str) -> list[Tensor]:
    paths = sorted(folder.glob(f"{kind}_*.png"))
    if not paths:
        raise FileNotFoundError(
            f"{folder} has no {kind}_*.png; write the pictures first: "
            f"python -m tools.small_model {folder}"
        )
    return [_open(path) for path in paths]


def _open(path: Path) -> Tensor:
    with Image.open(path) as image:
        return torch.from_numpy(np.array(image.convert("RGB")).transpose(2, 0, 1))


def _windows(kinds: Kinds, counts: tuple[int, int], side: int, draw: torch.Generator) -> Tensor:
    """Cut random windows, half of them mirrored: (sum of counts, 3, side, side) in -1..1."""
    cut = [
        _window(pictures[_below(len(pictures), draw)], side, draw)
        for pictures, count in zip(kinds, counts, strict=True)
        for _ in range(count)
    ]
    return torch.stack(cut).float() / 127.5 - 1


def _window(picture: Tensor, side: int, draw: torch.Generator) -> Tensor:
    top = _below(picture.shape[1] - side + 1, draw)
    left = _below(picture.shape[2] - side + 1, draw)
    window = picture[:, top : top + side, left : left + side]
    return window.flip(2) if _below(2, draw) else window


def _below(end: int, draw: torch.Generator) -> int:
    return int(torch.randint(end, (), generator=draw))


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    write_weights(Path(sys.argv[1]), Path(sys.argv[2]))
