"""The small flow model of this project, which trains and draws on a CPU within minutes.

Its folder contains `model.safetensors`: encoder and decoder of pictures, see `base_weights`. The
network starts from random weights, always the same ones, and a job trains all of them. It repeats
what it saw: pictures are not mirrored in training, which would double what has to be remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from PIL import Image
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from trainer.errors import JobFailed
from trainer.families.base import Embedding, Family, Question, Schedule, Weights
from trainer.families.small_flow.drawing import draw_latents
from trainer.families.small_flow.latents import PATCH, Latents
from trainer.families.small_flow.network import FlowNetwork
from trainer.families.small_flow.words import forget_words, hear, read_words
from trainer.families.tensor_files import write_tensors
from trainer.inputs.recipe import Recipe

FILE = "model.safetensors"
SEED = 0  # of the weights that the network starts from
#: Training looks most at moments around the logistic of this: a little more noise than picture.
CENTRE = 0.2


class SmallFlow(Family):
    """Flow matching over latents of patches, guided by the words of a prompt."""

    multiple: ClassVar[int] = 2 * PATCH
    schedule: ClassVar[Schedule] = Schedule(
        betas=(0.9, 0.95), warmup_steps=60, decay_from=0.6, average=0.99
    )

    def load_encoders(self) -> None:
        self.latents = Latents()
        _fill(self.latents, self.folder)
        self.latents.to(self.device.name).eval().requires_grad_(False)

    def encode_prompt(self, prompt: str) -> Embedding:
        return read_words(prompt)

    def encode_picture(self, picture: Image.Image) -> Tensor:
        pixels = np.asarray(picture, np.float32).transpose(2, 0, 1) / 127.5 - 1
        return self.latents.encode(self._there(torch.from_numpy(pixels)[None]))[0].cpu()

    def free_encoders(self) -> None:
        """Free nothing: the encoder is a matrix, and the decoder draws."""

    def load_network(self) -> None:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(SEED)
            self.network = FlowNetwork()
        self.network.to(self.device.name, memory_format=torch.channels_last)
        self.network.eval().requires_grad_(False)

    def start_training(self, recipe: Recipe) -> None:
        self.network.requires_grad_(True)

    def trained(self) -> dict[str, torch.nn.Parameter]:
        return dict(self.network.named_parameters())

    def losses(
        self,
        latents: Tensor,
        prompts: Sequence[Embedding],
        generator: torch.Generator,
        prior: Sequence[Embedding] = (),
    ) -> tuple[Tensor, Tensor]:
        count = len(latents)
        noise = torch.randn(latents.shape, generator=generator)
        times = _moments(count, generator)
        predicted = self.network(
            self._there(torch.lerp(latents, noise, times[:, None, None, None])),
            self._there(times),
            self._there(hear(forget_words(prompts, generator))),
        )
        loss = (predicted - self._there(noise - latents)).square().mean((1, 2, 3))
        return loss, torch.zeros_like(loss)

    def write_result(self, weights: Weights, folder: Path, metadata: Mapping[str, str]) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / FILE
        halves = {name: value.detach().cpu().half().contiguous() for name, value in weights.items()}
        write_tensors(path, halves, metadata)
        return path

    def load_result(self, folder: Path, strength: float) -> None:
        trained = FlowNetwork()
        _fill(trained, folder)
        with torch.no_grad():
            for ours, theirs in zip(self.network.parameters(), trained.parameters(), strict=True):
                ours.lerp_(self._there(theirs), strength)

    @property
    def scheduler(self) -> str:
        return "Euler, equal steps"

    def draw(self, question: Question, tick: Callable[[], None]) -> Image.Image:
        with torch.no_grad():
            latents = draw_latents(self.network, question, self.device.name, tick)
            pixels = self.latents(latents)[0].clamp(-1, 1).add(1).mul(127.5).round()
        return Image.fromarray(pixels.byte().permute(1, 2, 0).cpu().numpy())

    def _there(self, values: Tensor) -> Tensor:
        return values.to(self.device.name)


def _moments(count: int, generator: torch.Generator) -> Tensor:
    """Return times (count,) 0..1: the logistic of a normal variable, spread evenly over a batch."""
    places = (torch.arange(count) + torch.rand(count, generator=generator)) / count
    return torch.sigmoid(torch.special.ndtri(places.clamp(1e-4, 1 - 1e-4)) + CENTRE)


def _fill(part: torch.nn.Module, folder: Path) -> None:
    path = folder / FILE
    if not path.is_file():
        raise JobFailed(f"{path} is missing. Copy the folder of the small flow model again.")
    try:
        part.load_state_dict({name: value.float() for name, value in load_file(path).items()})
    except (SafetensorError, OSError, RuntimeError) as error:
        first = str(error).strip().partition("\n")[0]
        raise JobFailed(f"{path} is not a small flow model: {first} Copy it again.") from error
