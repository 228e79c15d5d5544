"""Embedding models: pictures as unit vectors whose cosine says how alike they are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from trainer.errors import JobFailed
from trainer.inputs.digests import weights_digest
from trainer.inputs.job import Embedder as EmbedderFacts

Floats = NDArray[np.floating]


class Embedder(Protocol):
    """Embeds pictures."""

    def embed(self, pictures: Sequence[Image.Image]) -> Floats:
        """Return unit vectors (N, D) of RGB pictures of any size."""
        ...


def load_embedder(facts: EmbedderFacts, folder: Path) -> tuple[Embedder, str | None]:
    """Return an embedding model and the digest of its weights, None where it has none.

    Raises JobFailed when the kind is not known, or when the weights are missing or damaged.
    """
    if facts.kind == "colour_and_edges":
        return ColourAndEdges(), None
    if facts.kind == "dinov2":
        digest = weights_digest(folder, facts.digest, facts.id)
        from trainer.scoring.dinov2 import Dinov2  # needs torch

        return Dinov2(folder), digest
    raise JobFailed(
        f"The embedding model {facts.id} is of kind {facts.kind!r}; known are dinov2 and "
        "colour_and_edges."
    )


class ColourAndEdges:
    """A stand-in without weights: it sees colours and edges, and no characters.

    Half of a vector is a histogram of colours, the other half how strong edges of each direction
    are in each part of the picture.
    """

    SIDE = 64  # px; pictures are made this large
    SHADES = 6  # of red, of green and of blue
    CELLS = 4  # the picture is divided into 4 x 4
    DIRECTIONS = 9  # over half a turn: an edge has no front

    def embed(self, pictures: Sequence[Image.Image]) -> Floats:
        return np.stack([self._embed(picture) for picture in pictures])

    def _embed(self, picture: Image.Image) -> Floats:
        small = picture.convert("RGB").resize((self.SIDE, self.SIDE), Image.Resampling.BILINEAR)
        pixels = np.asarray(small, np.float64) / 255
        parts = (self._colours(pixels), self._edges(pixels.mean(axis=2)))
        vector: Floats = np.concatenate([_unit(part) for part in parts]) / np.sqrt(2)
        return vector

    def _colours(self, pixels: Floats) -> Floats:
        shades = np.minimum((pixels * self.SHADES).astype(int), self.SHADES - 1)
        bins = shades @ np.array([self.SHADES**2, self.SHADES, 1])
        counts = np.bincount(bins.ravel(), minlength=self.SHADES**3)
        roots: Floats = np.sqrt(counts)  # a large area does not drown all others
        return roots

    def _edges(self, grey: Floats) -> Floats:
        down, right = np.gradient(grey)
        strength = np.hypot(down, right)
        turn = np.arctan2(down, right) % np.pi / np.pi
        direction = np.minimum((turn * self.DIRECTIONS).astype(int), self.DIRECTIONS - 1)
        row, column = np.indices(grey.shape) * self.CELLS // self.SIDE
        bins = (row * self.CELLS + column) * self.DIRECTIONS + direction
        size = self.CELLS**2 * self.DIRECTIONS
        sums: Floats = np.bincount(bins.ravel(), weights=strength.ravel(), minlength=size) * 1.0
        return sums


def _unit(vector: Floats) -> Floats:
    """Return a vector of length 1; one without content, as of a blank picture, is flat."""
    length = np.linalg.norm(vector)
    flat = np.full(vector.shape, 1 / np.sqrt(vector.size))
    unit: Floats = vector / length if length > 0 else flat
    return unit
