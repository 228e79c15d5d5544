"""Train 100 steps of a base model at full size and draw one picture; print memory and speed.

    PYTHONPATH=plugins:. .venv-trainer/bin/python -m bench.gpu [z_image|flux2_klein]

The weights are random, because neither memory nor speed depends on them, and so are latents and
embeddings: nothing has to be downloaded. It takes a few minutes and ends with a message where there
is no NVIDIA GPU. Text encoders are left out; they are gone before a network is loaded.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, AutoencoderKLFlux2, FlowMatchEulerDiscreteScheduler

from bench.shared.result_files import markdown_table, measured, save, show
from trainer.families.base import Family, Question
from trainer.families.flux2_klein import Flux2Klein
from trainer.families.z_image import ZImage
from trainer.inputs.dataset import Picture
from trainer.inputs.recipe import Recipe
from trainer.inputs.versions import package_versions
from trainer.machine.device import Device, find_device
from trainer.training.cache import Cache
from trainer.training.steps import Steps

VAE_BLOCKS = {
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
    "block_out_channels": (128, 256, 512, 512),
    "layers_per_block": 2,
}


@dataclass(frozen=True)
class Architecture:
    """A base model by the arguments of its parts, and the shapes of what it is given."""

    family: type[Any]
    network: Mapping[str, Any]  # those that differ from the defaults of diffusers
    vae: Callable[[], Any]
    latents: tuple[int, ...]  # of a picture of 1,024 x 1,024 px
    prompt: tuple[int, ...]  # tokens, width


#: From the configurations that the makers publish with their weights.
ARCHITECTURES = {
    "z_image": Architecture(
        family=ZImage,
        network={},
        vae=lambda: AutoencoderKL(
            latent_channels=16, scaling_factor=0.3611, shift_factor=0.1159, **VAE_BLOCKS
        ),
        latents=(16, 128, 128),
        prompt=(128, 2_560),
    ),
    "flux2_klein": Architecture(
        family=Flux2Klein,
        network={
            "num_layers": 5,
            "num_single_layers": 20,
            "num_attention_heads": 24,
            "joint_attention_dim": 7_680,
            "guidance_embeds": False,
        },
        vae=lambda: AutoencoderKLFlux2(**VAE_BLOCKS),
        latents=(128, 64, 64),
        prompt=(512, 7_680),
    ),
}
PICTURES, SIDE = 8, 1_024
#: Kernels are chosen and memory is allocated in the first steps.
WARM_UP = 3


def measure(architecture: Architecture, device: Device, steps: int) -> dict[str, Any]:
    """Train, then draw a picture; return seconds and GB of 10^9 bytes."""
    family = build(architecture, device)
    family.start_training(Recipe())
    training = Steps(family, Recipe(), [PICTURE] * PICTURES, make_cache(architecture))
    for _ in range(WARM_UP):
        training.advance()
    seconds, training_gb = timed(lambda: [training.advance() for _ in range(steps)])
    picture_seconds, drawing_gb = timed(lambda: draw(family, training.cache))
    return {
        "measured": measured(),
        "device": device.description,
        "versions": package_versions(),
        "network_parameters": sum(p.numel() for p in family.network.parameters()),
        "trained_parameters": sum(p.numel() for p in family.trained().values()),
        "optimizer": training.optimizer_name,
        "steps": steps,
        "step_seconds": round(seconds / steps, 3),
        "pictures_per_second": round(steps * Recipe().pictures_per_step / seconds, 2),
        "training_gb": training_gb,
        "picture_seconds": round(picture_seconds, 2),
        "drawing_gb": drawing_gb,
    }


PICTURE = Picture(Path("none"), "a caption", ("somebody",), "none")


def build(architecture: Architecture, device: Device) -> Any:
    """Return a family whose parts are made on the device, without files."""
    family = architecture.family(Path("none"), device, 512)
    before = torch.get_default_dtype()
    torch.set_default_dtype(device.dtype)
    try:
        with torch.device(device.name):
            family.network = family.network_class(**architecture.network)
            vae = architecture.vae().eval()
    finally:
        torch.set_default_dtype(before)
    family.network.requires_grad_(False)
    for parameter in family.network.parameters():  # padding tokens are made without values
        parameter.data.nan_to_num_(0.0)
    family.pipe = family.pipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=vae.to("cpu"),
        text_encoder=None,
        tokenizer=None,
        transformer=family.network,
    )
    return family


def make_cache(architecture: Architecture) -> Cache:
    """Return random latents and embeddings."""
    prompt = {"text": torch.randn(architecture.prompt)}
    latents = tuple(torch.randn(architecture.latents) for _ in range(PICTURES))
    return Cache(latents, {PICTURE.caption: prompt, "": prompt})


def draw(family: Family, cache: Cache) -> None:
    """Draw a picture as panels are drawn."""
    prompt = cache.prompts[PICTURE.caption]
    question = Question(prompt, cache.nothing, SIDE, SIDE, seed=1, steps=50, guidance=4.0)
    family.draw(question, lambda: None)


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Return seconds of some work and the most memory that it held, in GB."""
    torch.cuda.synchronize()
    torch.cuda.reset_peak_memory_stats()
    began = time.perf_counter()
    work()
    torch.cuda.synchronize()
    return time.perf_counter() - began, round(torch.cuda.max_memory_allocated() / 1e9, 1)


def section(name: str, result: Mapping[str, Any]) -> str:
    """Return the result as Markdown."""
    rows = [
        (key.replace("_", " "), f"{value:,}" if isinstance(value, int | float) else value)
        for key, value in result.items()
        if key not in ("measured", "versions")
    ]
    versions = ", ".join(f"{package} {number}" for package, number in result["versions"].items())
    return "\n\n".join(
        (
            f"## Training {name} at full size",
            f"Measured {result['measured']}; {versions}. Random weights, {SIDE} px, the defaults "
            "of the recipe; memory in GB of 10^9 bytes.",
            markdown_table(("figure", "value"), rows),
        )
    )


def main() -> int:
    """Measure, save the result and print it; 1 without a GPU."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("family", nargs="?", default="z_image", choices=ARCHITECTURES)
    parser.add_argument("--steps", type=int, default=100)
    given = parser.parse_args()
    device = find_device()
    if device.name != "cuda":
        sys.stderr.write("There is no NVIDIA GPU here, so nothing was measured.\n")
        return 1
    result = measure(ARCHITECTURES[given.family], device, given.steps)
    save(f"gpu_{given.family}", result)
    show(section(given.family, result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
