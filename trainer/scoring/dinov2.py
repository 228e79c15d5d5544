"""DINOv2: embeddings of what is in a picture, by transformers from a folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from transformers import Dinov2Model

from trainer.errors import JobFailed


class Dinov2:
    """The class token of a DINOv2 model, computed on the CPU: pictures are few."""

    def __init__(self, folder: Path) -> None:
        """Load the model; raises JobFailed when its files are missing or damaged."""
        try:
            self._facts = json.loads((folder / "preprocessor_config.json").read_text())
            self._model = Dinov2Model.from_pretrained(str(folder), local_files_only=True).eval()
        except (OSError, ValueError, RuntimeError) as error:
            raise JobFailed(
                f"The embedding model in {folder} cannot be loaded: {error} Copy it again."
            ) from error

    def embed(self, pictures: Sequence[Image.Image]) -> NDArray[np.floating]:
        with torch.no_grad():
            rows = [
                self._model(self._prepare(picture)).last_hidden_state[0, 0].double().numpy()
                for picture in pictures
            ]
        vectors = np.stack(rows)
        unit: NDArray[np.floating] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit

    def _prepare(self, picture: Image.Image) -> torch.Tensor:
        """Reduce the short side, cut out the middle, normalize: (1, 3, h, w)."""
        facts = self._facts
        scale = facts["size"]["shortest_edge"] / min(picture.size)
        size = (round(picture.width * scale), round(picture.height * scale))
        resized = picture.convert("RGB").resize(size, Image.Resampling.BICUBIC)
        width, height = facts["crop_size"]["width"], facts["crop_size"]["height"]
        left, top = (size[0] - width) // 2, (size[1] - height) // 2
        cut = resized.crop((left, top, left + width, top + height))
        pixels = np.asarray(cut, np.float32) / 255
        normal = (pixels - np.float32(facts["image_mean"])) / np.float32(facts["image_std"])
        return torch.from_numpy(normal.astype(np.float32)).permute(2, 0, 1)[None]
