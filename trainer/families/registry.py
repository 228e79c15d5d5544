"""Which adapter knows which family; only the one that a job needs is imported."""

from __future__ import annotations

from importlib import import_module

from trainer.errors import JobFailed
from trainer.families.base import Family

FAMILIES = {
    "flux2_klein": "trainer.families.flux2_klein:Flux2Klein",
    "z_image": "trainer.families.z_image:ZImage",
    "sdxl": "trainer.families.sdxl:StableDiffusionXL",
    "small_flow": "trainer.families.small_flow.family:SmallFlow",
}


def find_family(name: str) -> type[Family]:
    """Return the adapter of a family; raises JobFailed for one that is not known."""
    if name not in FAMILIES:
        raise JobFailed(f"The model family {name!r} is not known; known are {', '.join(FAMILIES)}.")
    module, _, adapter = FAMILIES[name].partition(":")
    try:
        family: type[Family] = getattr(import_module(module), adapter)
    except ImportError as error:
        raise JobFailed(
            f"The model family {name} cannot be used here: {error}. The environment needs torch, "
            "diffusers, peft and transformers; `make trainer-setup` makes one."
        ) from error
    return family
