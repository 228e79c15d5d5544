"""Write the approved dataset in the formats that trainers read.

Sources: Amazon Nova user guide (training manifest), AWS blog on character-consistent storyboards
(labelling file), kohya-ss sd-scripts dataset configuration (docs/config_README), ostris ai-toolkit
job configuration (config/examples). Both open trainers read a folder in which every picture has
its caption in a text file of the same name.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from storyboard_ops.domain.production_sheet import Production

#: Apache-2.0, fits a GPU with 24 GB; any other base model may replace it.
OPEN_BASE_MODEL = "ostris/Flex.1-alpha"
#: Preview pictures that ai-toolkit draws while it trains.
SAMPLES = 4


@dataclass(frozen=True)
class LaidOutPicture:
    """One approved picture with its name in the dataset."""

    name: str  # file name, e.g. "mira_3f9a0c12be77.png"
    uri: str
    character: str
    caption: str


def bedrock_manifest(pictures: Sequence[LaidOutPicture]) -> bytes:
    """Return the JSON Lines that Bedrock model customization reads."""
    return _lines({"image-ref": p.uri, "caption": p.caption} for p in pictures)


def labelling_file(pictures: Sequence[LaidOutPicture]) -> bytes:
    """Return JSON Lines as the blog's labelling step prints them."""
    return _lines({"image_ref": p.uri, "alt_text": p.caption} for p in pictures)


def caption_file(caption: str) -> bytes:
    """Return a picture's text file: one line without a newline, as ai-toolkit uses the whole file.

    sd-scripts reads only the first line.
    """
    return " ".join(caption.split()).encode()


def kohya_config(images_folder: str, resolution: int = 1024) -> bytes:
    """Return the dataset configuration (TOML) for kohya-ss sd-scripts."""
    return f"""\
# Dataset configuration for kohya-ss sd-scripts. Start training in the folder of this file:
#     accelerate launch <folder of sd-scripts>/sdxl_train_network.py --dataset_config kohya.toml ...
[general]
caption_extension = ".txt"
shuffle_caption = false

[[datasets]]
resolution = {resolution}
batch_size = 4
enable_bucket = true
bucket_no_upscale = true

  [[datasets.subsets]]
  image_dir = {json.dumps(images_folder)}
  num_repeats = 10
""".encode()


def ai_toolkit_config(production: Production, images_folder: str, steps: int = 2000) -> bytes:
    """Return the job configuration (YAML) for ostris ai-toolkit."""
    process = {
        "type": "sd_trainer",
        "training_folder": "output",
        "device": "cuda:0",
        "network": {"type": "lora", "linear": 16, "linear_alpha": 16},
        "save": {"dtype": "float16", "save_every": 250, "max_step_saves_to_keep": 4},
        "datasets": [
            {
                "folder_path": images_folder,
                "caption_ext": "txt",
                "caption_dropout_rate": 0.05,
                "shuffle_tokens": False,
                "cache_latents_to_disk": True,
                "resolution": [512, 768, 1024],
            }
        ],
        "train": _training(steps),
        "model": {"name_or_path": OPEN_BASE_MODEL, "is_flux": True, "quantize": True},
        "sample": _samples(production),
    }
    job = {"job": "extension", "config": {"name": production.slug, "process": [process]}}
    head = (
        "# Job configuration for ostris ai-toolkit. Start training in the folder of this file:\n"
        "#     python <folder of ai-toolkit>/run.py ai_toolkit.yaml\n"
    )
    return (head + yaml.safe_dump(job, sort_keys=False, allow_unicode=True)).encode()


def _training(steps: int) -> dict[str, Any]:
    return {
        "batch_size": 1,
        "steps": steps,
        "gradient_accumulation_steps": 1,
        "train_unet": True,
        "train_text_encoder": False,
        "gradient_checkpointing": True,
        "noise_scheduler": "flowmatch",
        "bypass_guidance_embedding": True,
        "optimizer": "adamw8bit",
        "lr": 1e-4,
        "dtype": "bf16",
    }


def _samples(production: Production) -> dict[str, Any]:
    """Return previews: the first panels of the production's script, always with one seed."""
    panels = [panel for scene in production.storyboard for panel in scene.panels]
    return {
        "sampler": "flowmatch",
        "sample_every": 250,
        "width": 1024,
        "height": 1024,
        "prompts": [panel.description for panel in panels[:SAMPLES]],
        "seed": 42,
        "walk_seed": True,
        "guidance_scale": 4,
        "sample_steps": 25,
    }


def _lines(records: Iterable[dict[str, str]]) -> bytes:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()
