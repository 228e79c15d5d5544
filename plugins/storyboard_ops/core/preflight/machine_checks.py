"""Check that a studio's own machine can train a base model: packages, driver, memory, disk."""

from __future__ import annotations

from storyboard_ops.domain.training.base_models import BaseModel
from storyboard_ops.domain.training.machine_facts import MachineFacts

#: Packages of the training program, by whether the architecture is its own.
OWN_NEEDS = ("torch", "numpy", "PIL", "safetensors")
NEEDS = (*OWN_NEEDS, "diffusers", "transformers", "peft")
#: Disk for checkpoints and cached pictures, as a share of the weights, and at least this many GB.
CHECKPOINT_SHARE = 0.5
LEAST_FREE_GB = 1.0


def needed_packages(model: BaseModel) -> list[str]:
    """Return the packages that the machine's Python must have for a base model."""
    return list(OWN_NEEDS if model.trains_on_cpu else NEEDS)


def has_weights(facts: MachineFacts, model: BaseModel) -> bool:
    """Return whether the machine has the files of a base model."""
    return set(model.files) <= set(facts.weights)


def machine_fault(facts: MachineFacts, model: BaseModel, trains: bool) -> str:
    """Return what the machine lacks, with the remedy, as sentences; empty: nothing."""
    return _software_fault(facts, model, trains) or _disk_fault(facts, model)


def _software_fault(facts: MachineFacts, model: BaseModel, trains: bool) -> str:
    if facts.missing_packages:
        return (
            f"its Python lacks {', '.join(facts.missing_packages)}. Install "
            "requirements-trainer.txt into it, with the torch that suits its driver."
        )
    if model.trains_on_cpu:
        return ""
    if not facts.gpu and facts.seen_by_driver:
        return (
            f"torch {facts.torch} cannot use its GPU ({facts.seen_by_driver}). Install a torch "
            "that was built for this driver, or update the driver."
        )
    if not facts.gpu:
        return f"{facts.host} has no GPU that a driver knows. Install the driver, or set gpu."
    needed = model.needed_gb(trains)
    if facts.gpu_gb < needed:
        return (
            f"{facts.gpu} has {facts.gpu_gb:.0f} GB, {model.name} needs {needed:g} GB to "
            f"{'be trained' if trains else 'draw'}. Set open_model to a smaller one."
        )
    if facts.gpu_free_gb < model.drawing_gb:
        return (
            f"of {facts.gpu_gb:.0f} GB of {facts.gpu}, {facts.gpu_free_gb:.0f} GB are free, and "
            f"{model.name} needs {model.drawing_gb:g} GB even to draw. End what else uses the GPU."
        )
    return ""


def _disk_fault(facts: MachineFacts, model: BaseModel) -> str:
    weights = 0.0 if has_weights(facts, model) else model.weights_gb
    needed = weights + max(LEAST_FREE_GB, CHECKPOINT_SHARE * model.weights_gb)
    if facts.free_gb >= needed:
        return ""
    return (
        f"the disk of its work folder has {facts.free_gb:.1f} GB free, and weights and checkpoints "
        f"of {model.name} need {needed:.1f} GB. Make room, or set work_folder to another disk."
    )
