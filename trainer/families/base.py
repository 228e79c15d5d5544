"""What the program needs from a base model, whatever its architecture.

A family is used in this order: encoders first, so that they are gone before the network is loaded;
then the network, to train or to draw. Latents and embeddings are kept on the CPU between both.

    family = find_family("flux2_klein")(folder, device, text_tokens=512)
    family.load_encoders()
    ... family.encode_prompt(...), family.encode_picture(...)
    family.free_encoders()
    family.load_network()
    family.start_training(recipe)  # or family.load_result(folder, strength)
    ... family.losses(...), family.draw(...)
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import torch
from PIL import Image

from trainer.inputs.recipe import Recipe
from trainer.machine.device import Device

Embedding = dict[str, torch.Tensor]  # of one prompt, without a batch axis, on the CPU
Weights = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Schedule:
    """How the optimizer is run; what a family's recipe was measured with.

    The rate rises over ``warmup_steps``, stays, and falls to 0 after the share ``decay_from`` of
    all steps. ``average`` is the decay of a moving average of the weights, which then is what is
    drawn with and saved; 0: none. ``clip`` is the most that the gradient's norm may be.
    """

    betas: tuple[float, float] = (0.9, 0.999)
    weight_decay: float = 0.01
    warmup_steps: int = 0
    decay_from: float = 1.0
    clip: float = 1.0
    average: float = 0.0


@dataclass(frozen=True)
class Question:
    """A picture to draw: what is drawn is the same for equal questions on one machine.

    ``nothing`` is the embedding of the empty prompt, for guidance. Sizes are in px.
    """

    prompt: Embedding
    nothing: Embedding
    width: int
    height: int
    seed: int
    steps: int
    guidance: float
    references: tuple[Image.Image, ...] = ()


class Family(ABC):
    """A base model of one architecture, in a folder."""

    #: Both sides of a picture must be divisible by this.
    multiple: ClassVar[int]
    takes_references: ClassVar[bool] = False
    schedule: ClassVar[Schedule] = Schedule()

    def __init__(self, folder: Path, device: Device, text_tokens: int) -> None:
        """``text_tokens`` is how many tokens of a prompt are used, where the family may choose."""
        self.folder = folder
        self.device = device
        self.text_tokens = text_tokens

    @abstractmethod
    def load_encoders(self) -> None:
        """Load what encodes prompts and pictures; raises JobFailed for damaged weights."""

    @abstractmethod
    def encode_prompt(self, prompt: str) -> Embedding:
        """Return the embedding of a prompt, cut by ``cut_tokens``."""

    def cut_tokens(self, prompt: str) -> int:
        """Return how many tokens of a prompt are cut; 0: it is read whole."""
        return 0

    @abstractmethod
    def encode_picture(self, picture: Image.Image) -> torch.Tensor:
        """Return the latents (C, h, w), on the CPU, of an RGB picture.

        Its sides are divisible by ``multiple``.
        """

    @abstractmethod
    def free_encoders(self) -> None:
        """Free the memory of what only encodes; what decodes pictures stays, out of the way."""

    @abstractmethod
    def load_network(self) -> None:
        """Load the network that is trained; raises JobFailed for damaged weights."""

    @abstractmethod
    def start_training(self, recipe: Recipe) -> None:
        """Make the network trainable: with new LoRA layers, or all of it."""

    @abstractmethod
    def trained(self) -> dict[str, torch.nn.Parameter]:
        """Return the parameters that learn, by name, as they are in the network."""

    @abstractmethod
    def losses(
        self,
        latents: torch.Tensor,
        prompts: Sequence[Embedding],
        generator: torch.Generator,
        prior: Sequence[Embedding] = (),
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the loss (B,) of pictures of one size, and that against the base model (B,).

        ``latents`` are (B, C, h, w) on the CPU. All randomness comes from ``generator``, which is
        on the CPU too. The second loss is how far the prediction for the prompts ``prior`` is from
        what the base model predicts for them; without ``prior`` it is 0.
        """

    @abstractmethod
    def write_result(self, weights: Weights, folder: Path, metadata: Mapping[str, str]) -> Path:
        """Write trained weights for others to load; return the main file.

        ``weights`` have the names of ``trained``.
        """

    @abstractmethod
    def load_result(self, folder: Path, strength: float) -> None:
        """Load what ``write_result`` wrote, to draw with it at a strength above 0.

        Raises JobFailed when there is nothing to load or it does not fit the network.
        """

    @property
    @abstractmethod
    def scheduler(self) -> str:
        """The name of how it goes from noise to a picture, for the record."""

    @abstractmethod
    def draw(self, question: Question, tick: Callable[[], None]) -> Image.Image:
        """Draw a picture; ``tick`` is called while it is drawn and may raise Interrupted."""
