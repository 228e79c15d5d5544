"""Pictures as small latents: a fixed projection of patches, and a network that repairs its loss.

A patch of 8 x 8 pixels becomes 16 numbers, its first principal components, each divided by the
square root of its deviation: coarse structure stays larger than detail, and noise of variance 1
covers both. The projection is a matrix, so latents cost next to nothing. Its inverse is blurred and
blocky; a convolutional network adds the difference.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

PATCH = 8  # pixels a side
CHANNELS = 16


class Residual(nn.Module):
    """Two convolutions beside the identity."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        kept: Tensor = x + self.second(nn.functional.silu(self.first(nn.functional.silu(x))))
        return kept


class Latents(nn.Module):
    """Encoder and decoder of pictures (N, 3, H, W), RGB in -1..1, H and W divisible by 8.

    Latents have the shape (N, 16, H / 8, W / 8).
    """

    mean: Tensor  # (192,) of a flattened patch
    components: Tensor  # (16, 192), orthonormal rows
    deviations: Tensor  # (16,) what the components are divided by

    def __init__(self, wide: int = 128, fine: int = 56) -> None:
        super().__init__()
        size = 3 * PATCH * PATCH
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("components", torch.eye(CHANNELS, size))
        self.register_buffer("deviations", torch.ones(CHANNELS))
        self.repair = nn.Sequential(
            nn.Conv2d(CHANNELS, wide, 3, padding=1),
            Residual(wide),
            Residual(wide),
            nn.Conv2d(wide, 4 * fine, 1),
            nn.PixelShuffle(2),
            Residual(fine),
            Residual(fine),
            nn.SiLU(),
            nn.Conv2d(fine, 3 * PATCH * PATCH // 4, 3, padding=1),
            nn.PixelShuffle(PATCH // 2),
        )
        nn.init.zeros_(self.repair[-2].weight)  # starts with the projection alone
        nn.init.zeros_(self.repair[-2].bias)

    def fit(self, pictures: Tensor) -> None:
        """Set the projection to the principal components of the patches of pictures.

        Pictures count with their mirror images.
        """
        both = torch.cat([pictures, pictures.flip(3)])
        patches = nn.functional.unfold(both, PATCH, stride=PATCH).transpose(1, 2)
        patches = patches.flatten(0, 1).double()
        mean = patches.mean(0)
        centred = patches - mean
        values, vectors = torch.linalg.eigh(centred.T @ centred / len(patches))
        first = vectors.flip(1)[:, :CHANNELS].T
        first = first * first[:, 0].sign()[:, None]
        deviations = values.flip(0)[:CHANNELS].sqrt()
        roots = deviations.sqrt()
        # The mean variance of a latent is 1, as large as that of the noise.
        divisors = roots * (deviations / roots).square().mean().sqrt()
        self.mean.copy_(mean)
        self.components.copy_(first)
        self.deviations.copy_(divisors)

    def encode(self, pictures: Tensor) -> Tensor:
        """Return the latents of pictures."""
        height, width = pictures.shape[-2:]
        patches = nn.functional.unfold(pictures, PATCH, stride=PATCH) - self.mean[:, None]
        projected = (self.components @ patches) / self.deviations[:, None]
        return projected.unflatten(2, (height // PATCH, width // PATCH))

    def project_back(self, latents: Tensor) -> Tensor:
        """Return the pictures that the components alone describe."""
        rows, columns = latents.shape[-2:]
        weighted = latents.flatten(2) * self.deviations[:, None]
        patches = self.components.T @ weighted + self.mean[:, None]
        return nn.functional.fold(patches, (rows * PATCH, columns * PATCH), PATCH, stride=PATCH)

    def forward(self, latents: Tensor) -> Tensor:
        """Return the pictures of latents, with what the projection lost added as far as known."""
        pictures: Tensor = self.project_back(latents) + self.repair(latents)
        return pictures
