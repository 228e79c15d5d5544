"""Write the approved dataset in the formats that trainers read.

Sources: Amazon Nova user guide (training manifest), AWS blog on character-consistent storyboards
(labelling file), kohya-ss sd-scripts 48d368fa (library/config_util.py), kohya-ss musubi-tuner
30c658c (dataset/config_utils.py), ostris ai-toolkit 27a03a91 (toolkit/config_modules.py). All of
them read a folder in which every picture has its caption in a text file of the same name.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from storyboard_ops.domain.image_records import ImageRecord
from storyboard_ops.domain.production_sheet import Production

#: Folders of the training pictures of characters, and of props.
IMAGES, PROPS = "images", "props"
#: The base model of the job configuration: Apache-2.0, fits a GPU with 24 GB.
OPEN_BASE_MODEL = "black-forest-labs/FLUX.2-klein-base-4B"
#: Its name in ai-toolkit.
OPEN_ARCHITECTURE = "flux2_klein_4b"
#: Preview pictures that ai-toolkit draws while it trains.
SAMPLES = 4


@dataclass(frozen=True)
class LaidOutPicture:
    """One approved picture with its name in the dataset."""

    name: str  # file name, e.g. "mira_3f9a0c12be77.png"
    uri: str
    character: str
    caption: str
    sha256: str
    take: str  # the same for pictures of one take, which may look alike
    others: tuple[str, ...] = ()  # characters besides ``character`` that the caption names


def trainer_manifest(split: str, folder: str, pictures: Sequence[LaidOutPicture]) -> bytes:
    """Return the JSON Lines that this project's training program reads, for one side of the split.

    ``split``: "training" or "evaluation"; ``folder``: of the pictures, relative to the manifest.
    """
    return "".join(
        json.dumps(
            {
                "file": f"{folder}/{picture.name}",
                "sha256": picture.sha256,
                "caption": picture.caption,
                "characters": [picture.character, *picture.others],
                "split": split,
                "take": picture.take,
            },
            ensure_ascii=False,
        )
        + "\n"
        for picture in pictures
    ).encode()


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


def folder_of(image: ImageRecord, props: Collection[str]) -> str:
    """Return the folder of a training picture in the dataset; ``props``: ids that are objects."""
    return PROPS if image.character in props else IMAGES


def kohya_config(*folders: str, resolution: int = 1024) -> bytes:
    """Return the dataset configuration (TOML) for kohya-ss sd-scripts."""
    subsets = "".join(
        f"""
  [[datasets.subsets]]
  image_dir = {json.dumps(folder)}
  num_repeats = 10
"""
        for folder in folders
    )
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
{subsets}""".encode()


def musubi_config(*folders: str, resolution: int = 1024) -> bytes:
    """Return the dataset configuration (TOML) for kohya-ss musubi-tuner."""
    datasets = "".join(
        f"""
[[datasets]]
image_directory = {json.dumps(folder)}
cache_directory = {json.dumps("cache" if folder == IMAGES else f"cache-{folder}")}
num_repeats = 1
"""
        for folder in folders
    )
    return f"""\
# Dataset configuration for kohya-ss musubi-tuner. Cache and train in the folder of this file:
#     python <folder of musubi-tuner>/src/musubi_tuner/flux_2_cache_latents.py \\
#         --dataset_config musubi.toml --model_version klein-base-4b ...
[general]
resolution = [{resolution}, {resolution}]
caption_extension = ".txt"
batch_size = 1
enable_bucket = true
bucket_no_upscale = true
{datasets}""".encode()


def ai_toolkit_config(production: Production, steps: int, *folders: str) -> bytes:
    """Return the job configuration (YAML) for ostris ai-toolkit."""
    process = {
        "type": "sd_trainer",
        "training_folder": "output",
        "device": "cuda:0",
        "network": {"type": "lora", "linear": 32, "linear_alpha": 32},
        "save": {"dtype": "float16", "save_every": 250, "max_step_saves_to_keep": 4},
        "datasets": [
            {
                "folder_path": folder,
                "caption_ext": "txt",
                "caption_dropout_rate": 0.05,
                "shuffle_tokens": False,
                "cache_latents_to_disk": True,
                "resolution": [512, 768, 1024],
            }
            for folder in folders
        ],
        "train": _training(steps),
        "model": {
            "name_or_path": OPEN_BASE_MODEL,
            "arch": OPEN_ARCHITECTURE,
            "quantize": True,
            "quantize_te": True,
            "low_vram": True,
        },
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
        "gradient_accumulation_steps": 4,
        "train_unet": True,
        "train_text_encoder": False,
        "gradient_checkpointing": True,
        "noise_scheduler": "flowmatch",
        "timestep_type": "weighted",
        "optimizer": "adamw8bit",
        "lr": 1e-4,
        "dtype": "bf16",
    }


def _samples(production: Production) -> dict[str, Any]:
    """Return previews: the first panels of the production's script, always with one seed.

    Without a script, they show its characters.
    """
    panels = [panel.description for scene in production.storyboard for panel in scene.panels]
    names = [character.name for character in production.characters]
    return {
        "sampler": "flowmatch",
        "sample_every": 250,
        "width": 1024,
        "height": 1024,
        "prompts": (panels or names)[:SAMPLES],
        "seed": 42,
        "walk_seed": True,
        "guidance_scale": 4,
        "sample_steps": 50,
    }


def _lines(records: Iterable[dict[str, str]]) -> bytes:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()
