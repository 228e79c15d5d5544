"""The flow model: a U-Net over latents that is told the time and the words of a caption."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from trainer.families.small_flow.latents import CHANNELS
from trainer.families.small_flow.words import WORDS

WIDTHS = (64, 128, 160)
#: Sides of latents are filled up to multiples of this: two levels halve them.
SIDES = 2 ** (len(WIDTHS) - 1)
TIME = 64  # numbers that a moment is written in
CONDITION = 192


class Block(nn.Module):
    """Two convolutions, shifted and scaled by the condition, beside the identity."""

    def __init__(self, taken: int, width: int) -> None:
        super().__init__()
        self.enter = nn.GroupNorm(8, taken)
        self.first = nn.Conv2d(taken, width, 3, padding=1)
        self.told = nn.Linear(CONDITION, 2 * width)
        self.middle = nn.GroupNorm(8, width)
        self.second = nn.Conv2d(width, width, 3, padding=1)
        self.aside = nn.Conv2d(taken, width, 1) if taken != width else nn.Identity()
        nn.init.zeros_(self.second.weight)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        scale, shift = self.told(condition)[:, :, None, None].chunk(2, 1)
        hidden = self.first(nn.functional.silu(self.enter(x)))
        hidden = self.middle(hidden) * (1 + scale) + shift
        kept: Tensor = self.aside(x) + self.second(nn.functional.silu(hidden))
        return kept


class Attention(nn.Module):
    """Attention between all places, beside the identity."""

    def __init__(self, width: int, heads: int = 4) -> None:
        super().__init__()
        self.enter = nn.GroupNorm(8, width)
        self.ask = nn.Conv2d(width, 3 * width, 1)
        self.leave = nn.Conv2d(width, width, 1)
        self.heads = heads
        nn.init.zeros_(self.leave.weight)

    def forward(self, x: Tensor) -> Tensor:
        rows, columns = x.shape[-2:]
        parts = self.ask(self.enter(x)).flatten(2).transpose(1, 2)
        query, key, value = parts.unflatten(2, (3 * self.heads, -1)).transpose(1, 2).chunk(3, 1)
        mixed = nn.functional.scaled_dot_product_attention(query, key, value)
        mixed = mixed.transpose(1, 2).flatten(2).transpose(1, 2).unflatten(2, (rows, columns))
        kept: Tensor = x + self.leave(mixed)
        return kept


class FlowNetwork(nn.Module):
    """Velocity (N, 16, h, w) of latents at times (N,) 0..1 under words (N, 4096) of 0 and 1."""

    def __init__(self, words: int = WORDS) -> None:
        super().__init__()
        near, half, far = WIDTHS
        self.words = nn.Linear(words, CONDITION)
        self.moment = nn.Sequential(nn.Linear(TIME, CONDITION), nn.SiLU())
        self.condition = nn.Sequential(nn.Linear(CONDITION, CONDITION), nn.SiLU())
        self.enter = nn.Conv2d(CHANNELS, near, 3, padding=1)
        self.down1 = nn.ModuleList([Block(near, near), Block(near, near)])
        self.halve1 = nn.Conv2d(near, half, 3, stride=2, padding=1)
        self.down2 = nn.ModuleList([Block(half, half)])
        self.look2 = Attention(half)
        self.halve2 = nn.Conv2d(half, far, 3, stride=2, padding=1)
        self.deep1 = Block(far, far)
        self.look3 = Attention(far)
        self.deep2 = Block(far, far)
        self.up2 = Block(far + half, half)
        self.up1 = nn.ModuleList([Block(half + near, near), Block(near, near)])
        self.leave = nn.Sequential(
            nn.GroupNorm(8, near), nn.SiLU(), nn.Conv2d(near, CHANNELS, 3, padding=1)
        )
        nn.init.zeros_(self.words.weight)  # a word that training never hears says nothing
        nn.init.zeros_(self.leave[2].weight)

    def forward(self, latents: Tensor, times: Tensor, words: Tensor) -> Tensor:
        condition = self.condition(self.moment(_waves(times)) + self.words(words))
        rows, columns = latents.shape[-2:]
        padding = (0, -columns % SIDES, 0, -rows % SIDES)
        x = self.enter(nn.functional.pad(latents, padding, mode="replicate"))
        for block in self.down1:
            x = block(x, condition)
        near = x
        x = self.halve1(x)
        for block in self.down2:
            x = block(x, condition)
        x = self.look2(x)
        half = x
        x = self.deep1(self.halve2(x), condition)
        x = self.deep2(self.look3(x), condition)
        x = self.up2(torch.cat([_double(x), half], 1), condition)
        x = torch.cat([_double(x), near], 1)
        for block in self.up1:
            x = block(x, condition)
        velocity: Tensor = self.leave(x)[..., :rows, :columns]
        return velocity

    def knows(self, word: int) -> bool:
        """Return whether training has given a word a meaning."""
        return bool(self.words.weight[:, word].any())


def _double(x: Tensor) -> Tensor:
    return nn.functional.interpolate(x, scale_factor=2.0, mode="nearest")


def _waves(times: Tensor) -> Tensor:
    rates = torch.exp(torch.linspace(0, math.log(1000), TIME // 2, device=times.device))
    angles = times[:, None] * rates
    return torch.cat([angles.sin(), angles.cos()], 1)
