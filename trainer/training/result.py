"""What a training leaves: metadata of the weights, a model card, and a record."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from trainer.inputs.job import TrainingJob
from trainer.inputs.recipe import Recipe

#: Points of the loss curve; each is a mean over the steps since the last one.
MOST_POINTS = 200


def metadata(job: TrainingJob, recipe: Recipe, step: int) -> dict[str, str]:
    """Return the metadata of the weights' file: strings, and nothing that differs by run time."""
    facts = {
        "modelspec.sai_model_spec": "1.0.1",
        "modelspec.title": f"{job.production}: {', '.join(job.cast.values())}",
        "modelspec.architecture": f"{job.base.family}/{recipe.method}",
        "modelspec.implementation": "diffusers",
        "modelspec.license": _licence(job),
        "modelspec.trigger_phrase": ", ".join(job.cast.values()),
        "modelspec.usage_hint": "name the characters in the prompt",
        "base_model": job.base.id,
        "base_model_source": str(job.base["upstream"] or ""),
        "base_model_revision": str(job.base["revision"] or ""),
        "dataset_sha256": job.dataset_sha256,
        "characters": json.dumps(dict(job.cast), ensure_ascii=False, sort_keys=True),
        "recipe": json.dumps(asdict(recipe), sort_keys=True),
        "step": str(step),
    }
    if recipe.method == "lora":
        facts |= {"ss_network_dim": str(recipe.rank), "ss_network_alpha": str(recipe.rank)}
    return facts


def curve_points(losses: Sequence[float]) -> list[dict[str, float]]:
    """Return the loss curve, as means over groups of steps, each with its last step."""
    size = max(1, -(-len(losses) // MOST_POINTS))
    groups = [losses[start : start + size] for start in range(0, len(losses), size)]
    points = []
    step = 0
    for group in groups:
        step += len(group)
        points.append({"step": step, "loss": round(sum(group) / len(group), 6)})
    return points


def model_card(job: TrainingJob, recipe: Recipe, record: Mapping[str, Any]) -> str:
    """Return README.md for those who are handed the weights."""
    names = "\n".join(f"- {name} (`{character}`)" for character, name in job.cast.items())
    upstream = job.base["upstream"] or job.base.id
    kind = f"A LoRA of rank {recipe.rank}" if recipe.method == "lora" else "All weights"
    files = (
        "`lora.safetensors` has the names of diffusers, `lora.comfyui.safetensors` those that "
        "ComfyUI and ai-toolkit read."
        if recipe.method == "lora"
        else "`model.safetensors` replaces the network's weights."
    )
    scores = "\n".join(
        f"| {one['step']} | {_figure(one['likeness'])} | {_range(one)} |"
        for one in record["checkpoints"]
    )
    chosen = record["chosen_step"]
    return f"""---
base_model: {upstream}
license: other
license_name: {json.dumps(_licence(job), ensure_ascii=False)}
tags: [{recipe.method}, text-to-image]
---
# {job.production}

{kind} on {job.base["name"] or job.base.id}, trained on pictures of a film that its owner approved.
It draws these characters when a prompt names them:

{names}

{files}

- Base model: {upstream}, revision {job.base["revision"] or "not stated"}; weights' digest
  `{record["base_digest"]}`
- Licence of the base model: {_licence(job)}
- Dataset: `{job.dataset_sha256}`, {record["training_pictures"]} training pictures,
  {record["held_out_pictures"]} held out{_cut(record)}
- Recipe: `{json.dumps(asdict(recipe), sort_keys=True)}`
- Step {chosen} of {recipe.steps}: {record["chosen_because"]}

| step | likeness | 95 % interval |
|---|---|---|
{scores}

Likeness is measured with {record["embedder"]["id"]} on pictures drawn for the captions of held-out
pictures: 1 is as clearly the character as the film's own pictures, 0 nobody in particular. Step 0
is the base model. It says nothing about how good a drawing is. The rights in the film bind what is
drawn.
"""


def _cut(record: Mapping[str, Any]) -> str:
    count = record["cut_captions"]
    return f"; {count} captions are longer than the base model reads" if count else ""


def _licence(job: TrainingJob) -> str:
    licence = job.base["licence"]
    return str(licence.get("name", "")) if isinstance(licence, dict) else str(licence or "")


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _range(score: Mapping[str, Any]) -> str:
    return "-" if score["low"] is None else f"{score['low']:.3f} to {score['high']:.3f}"
