"""The approved dataset in the forms that trainers read.

Sources: Amazon Nova user guide (training manifest), AWS blog on character-consistent storyboards
(labelling file), kohya-ss sd-scripts dataset configuration, ostris ai-toolkit configuration.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import yaml

from storyboard_ops.domain.production_sheet import Production


@dataclass(frozen=True)
class LaidOutPicture:
    """One approved picture under its name in the dataset."""

    name: str  # file name, e.g. "mira_3f9a0c12be77.png"
    uri: str
    character: str
    caption: str


def bedrock_manifest(pictures: Sequence[LaidOutPicture]) -> bytes:
    """JSON Lines that Bedrock model customization takes."""
    return _lines({"image-ref": p.uri, "caption": p.caption} for p in pictures)


def labelling_file(pictures: Sequence[LaidOutPicture]) -> bytes:
    """JSON Lines as the blog's labelling step prints them."""
    return _lines({"image_ref": p.uri, "alt_text": p.caption} for p in pictures)


def kohya_config(images_folder: str, resolution: int = 1024) -> bytes:
    """Dataset configuration (TOML) for kohya-ss sd-scripts; captions lie beside the pictures."""
    return f"""\
# Dataset configuration for kohya-ss sd-scripts: --dataset_config kohya.toml
[general]
caption_extension = ".txt"
shuffle_caption = false
keep_tokens = 1

[[datasets]]
resolution = {resolution}
batch_size = 4
enable_bucket = true

  [[datasets.subsets]]
  image_dir = {json.dumps(images_folder)}
  num_repeats = 10
""".encode()


def ai_toolkit_config(production: Production, images_folder: str, steps: int = 2000) -> bytes:
    """Job configuration (YAML) for ostris ai-toolkit; captions lie beside the pictures."""
    dataset = {
        "folder_path": images_folder,
        "caption_ext": "txt",
        "caption_dropout_rate": 0.05,
        "shuffle_tokens": False,
        "resolution": [512, 768, 1024],
    }
    process = {
        "type": "sd_trainer",
        "training_folder": "output",
        "device": "cuda:0",
        "network": {"type": "lora", "linear": 16, "linear_alpha": 16},
        "datasets": [dataset],
        "train": {"batch_size": 1, "steps": steps, "lr": 1e-4, "optimizer": "adamw8bit"},
    }
    job = {"job": "extension", "config": {"name": production.slug, "process": [process]}}
    return yaml.safe_dump(job, sort_keys=False, allow_unicode=True).encode()


def _lines(records) -> bytes:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()
