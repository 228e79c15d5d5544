"""From noise to latents of a picture.

Training sees pictures that are about square, and two characters together only where the film shows
them so. In a wide picture each name therefore has a square window of its own, from left to right in
the order of the prompt; where windows overlap, each counts most around its middle. One name or none
has one window in the middle, and what is beside it stays blank.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from trainer.families.base import Embedding, Question
from trainer.families.small_flow.latents import CHANNELS, PATCH
from trainer.families.small_flow.network import FlowNetwork
from trainer.families.small_flow.words import hear

#: Width by height from which a picture has room for several windows.
WIDE = 1.5
#: How much more the middle of a window counts than its edges: higher means narrower seams.
FOCUS = 3


@dataclass(frozen=True)
class Window:
    """Columns of latents, and the words that are heard there."""

    left: int
    width: int
    prompt: Embedding


def draw_latents(
    network: FlowNetwork, question: Question, device: str, tick: Callable[[], None]
) -> Tensor:
    """Return latents (1, 16, h, w) that answer a question.

    Euler steps of equal length; the velocity is led away from that of the empty prompt.
    """
    seeded = torch.Generator().manual_seed(question.seed)
    shape = (1, CHANNELS, question.height // PATCH, question.width // PATCH)
    latents = torch.randn(shape, generator=seeded).to(device)
    windows = lay_windows(network, question.prompt, shape[3], shape[2])
    words = hear([each.prompt for each in windows] + [question.nothing] * len(windows)).to(device)
    shares = _shares(windows, shape[3]).to(device)
    length = 1 / question.steps
    for step in range(question.steps):
        tick()
        seen = torch.cat([latents[..., w.left : w.left + w.width] for w in windows])
        times = torch.full((2 * len(windows),), 1 - step * length, device=device)
        told, untold = network(seen.repeat(2, 1, 1, 1), times, words).chunk(2)
        led = untold + question.guidance * (told - untold)
        velocity = torch.zeros_like(latents)
        for window, part, share in zip(windows, led, shares, strict=True):
            columns = slice(window.left, window.left + window.width)
            velocity[0, ..., columns] += part * share[columns]
        latents = latents - length * velocity
    return latents * (shares.sum(0) > 0)


def lay_windows(network: FlowNetwork, prompt: Embedding, width: int, height: int) -> list[Window]:
    """Return a window for each known name of a wide picture, else one in its middle."""
    if width < WIDE * height:
        return [Window(0, width, prompt)]
    names = [name for name in prompt["names"] if network.knows(int(name))]
    if len(names) < 2:
        return [Window((width - height) // 2, height, prompt)]
    room = (width - height) / (len(names) - 1)
    return [
        Window(round(place * room), height, {"names": name[None], "words": prompt["words"]})
        for place, name in enumerate(names)
    ]


def _shares(windows: list[Window], width: int) -> Tensor:
    """Return how much each window counts in each column, (N, width), 1 in total."""
    counts = torch.zeros(len(windows), width)
    for row, window in zip(counts, windows, strict=True):
        places = torch.arange(window.width)
        inside = torch.minimum(places, window.width - 1 - places) + 1.0
        row[window.left : window.left + window.width] = inside**FOCUS
    return counts / counts.sum(0).clamp(min=1.0)
