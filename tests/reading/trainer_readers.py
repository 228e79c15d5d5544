"""Datasets read as the open trainers read them, by their documented schemas; imports no product.

Sources: kohya-ss sd-scripts, docs/config_README (scopes and options of a dataset configuration,
where pictures and captions are looked for) and its loader's rules for caption files; kohya-ss
musubi-tuner 30c658c, dataset/config_utils.py; ostris ai-toolkit 27a03a91, config/examples (form of
a job), its architectures, and its loader's rules for folders. Any option that a
trainer does not document at its place is an error here, as it is there.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

#: What each trainer takes for a picture when it looks into a folder.
KOHYA_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
AI_TOOLKIT_PICTURES = (".jpg", ".jpeg", ".png", ".webp")

Number = (int, float)
#: Options of a dataset and of a subset, with their types; a wider scope may set those of both.
KOHYA_DATASET: Mapping[str, Any] = {
    "batch_size": int, "bucket_no_upscale": bool, "bucket_reso_steps": int, "enable_bucket": bool,
    "max_bucket_reso": int, "min_bucket_reso": int, "resolution": (int, list),
}  # fmt: skip
KOHYA_SUBSET: Mapping[str, Any] = {
    "color_aug": bool, "face_crop_aug_range": list, "flip_aug": bool, "keep_tokens": int,
    "num_repeats": int, "random_crop": bool, "shuffle_caption": bool, "caption_prefix": str,
    "caption_suffix": str, "caption_separator": str, "keep_tokens_separator": str,
    "secondary_separator": str, "enable_wildcard": bool, "resize_interpolation": str,
    "caption_extension": str, "cache_info": bool, "caption_dropout_every_n_epochs": int,
    "caption_dropout_rate": Number, "caption_tag_dropout_rate": Number,
}  # fmt: skip
KOHYA_SUBSET_ONLY: Mapping[str, Any] = {"image_dir": str, "class_tokens": str, "is_reg": bool}


#: Options of musubi-tuner for every dataset, and for a dataset of pictures only.
MUSUBI_GENERAL: Mapping[str, Any] = {
    "caption_extension": str, "batch_size": int, "num_repeats": int, "resolution": (int, list),
    "enable_bucket": bool, "bucket_no_upscale": bool,
}  # fmt: skip
MUSUBI_PICTURES: Mapping[str, Any] = {
    "image_directory": str, "image_jsonl_file": str, "cache_directory": str,
    "control_directory": str, "multiple_target": bool, "no_resize_control": bool,
    "control_resolution": (int, list),
}  # fmt: skip
MUSUBI_FORMATS = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
#: Architectures of ai-toolkit that this project writes.
AI_TOOLKIT_ARCHITECTURES = ("flux2_klein_4b",)


class LayoutError(ValueError):
    """The trainer would not start with this."""


@dataclass(frozen=True)
class ReadPicture:
    """What a trainer trains with."""

    file: Path
    caption: str
    repeats: int = 1


def read_kohya(config: Path) -> list[ReadPicture]:
    """Pictures and captions of a DreamBooth-style dataset; paths start at the file's folder."""
    document = tomllib.loads(config.read_text())
    _check("file", document, {"general": dict, "datasets": list})
    general = document.get("general", {})
    _check("[general]", general, {**KOHYA_DATASET, **KOHYA_SUBSET})
    return [
        picture
        for dataset in document["datasets"]
        for picture in _kohya_dataset(config.parent, general, dataset)
    ]


def _kohya_dataset(root: Path, general: dict, dataset: dict) -> list[ReadPicture]:
    allowed = {**KOHYA_DATASET, **KOHYA_SUBSET, "subsets": list}
    _check("[[datasets]]", dataset, allowed)
    if "resolution" not in general | dataset:
        raise LayoutError("a dataset has no resolution")
    found = []
    for subset in dataset["subsets"]:
        _check("[[datasets.subsets]]", subset, {**KOHYA_SUBSET, **KOHYA_SUBSET_ONLY})
        inherited = {k: v for k, v in (general | dataset).items() if k in KOHYA_SUBSET}
        found += _kohya_subset(root, inherited | subset)
    return found


def _kohya_subset(root: Path, options: dict) -> list[ReadPicture]:
    folder = root / options["image_dir"]
    if not folder.is_dir():
        raise LayoutError(f"{folder} is no folder")
    extension = options.get("caption_extension", ".caption")
    pictures = [path for path in sorted(folder.iterdir()) if path.suffix.lower() in KOHYA_PICTURES]
    if not pictures:
        raise LayoutError(f"{folder} holds no picture")
    return [
        ReadPicture(picture, _first_line(picture, extension, options), options["num_repeats"])
        for picture in pictures
    ]


def _first_line(picture: Path, extension: str, options: dict) -> str:
    text = picture.with_suffix(extension)
    if not text.is_file():
        if "class_tokens" in options:
            return options["class_tokens"]
        raise LayoutError(f"{picture.name} has neither a caption nor class tokens")
    lines = text.read_text(encoding="utf-8").split("\n")
    if lines == [""]:
        raise LayoutError(f"the caption of {picture.name} is empty")
    return lines[0].strip()


def read_musubi(config: Path) -> list[ReadPicture]:
    """Pictures and captions of all datasets; paths start at the file's folder."""
    document = tomllib.loads(config.read_text())
    _check("file", document, {"general": dict, "datasets": list})
    general = document.get("general", {})
    _check("[general]", general, MUSUBI_GENERAL)
    return [
        picture
        for dataset in document["datasets"]
        for picture in _musubi_dataset(config.parent, general, dataset)
    ]


def _musubi_dataset(root: Path, general: dict, dataset: dict) -> list[ReadPicture]:
    _check("[[datasets]]", dataset, {**MUSUBI_GENERAL, **MUSUBI_PICTURES})
    options = general | dataset
    if dataset.get("cache_directory") in (None, dataset["image_directory"]):
        raise LayoutError("the cache needs a folder of its own, or it lies among the pictures")
    folder = root / dataset["image_directory"]
    pictures = [p for p in sorted(folder.iterdir()) if p.suffix.lower() in MUSUBI_FORMATS]
    return [
        ReadPicture(picture, _whole_caption(picture, options), options.get("num_repeats", 1))
        for picture in pictures
    ]


def _whole_caption(picture: Path, options: dict) -> str:
    text = picture.with_suffix(options["caption_extension"])
    if not text.is_file():
        raise LayoutError(f"{picture.name} has no caption")
    return text.read_text(encoding="utf-8").strip()


def read_ai_toolkit(config: Path) -> list[ReadPicture]:
    """Pictures and captions of every dataset of a job; paths start at the file's folder."""
    job = yaml.safe_load(config.read_text())
    if job.get("job") != "extension" or not job.get("config", {}).get("name"):
        raise LayoutError("a training job is of the kind extension and has a config with a name")
    found = []
    for process in job["config"]["process"]:
        _check_process(process)
        for dataset in process["datasets"]:
            found += _ai_toolkit_dataset(config.parent, dataset)
    return found


def _check_process(process: dict) -> None:
    if process.get("type") != "sd_trainer":
        raise LayoutError("the trainer of LoRAs is the process sd_trainer")
    if not process.get("model", {}).get("name_or_path"):
        raise LayoutError("a model must have name_or_path")
    if (arch := process["model"].get("arch")) not in AI_TOOLKIT_ARCHITECTURES:
        raise LayoutError(f"there is no architecture {arch}")
    if process["network"]["type"] != "lora" or not isinstance(process["network"]["linear"], int):
        raise LayoutError("a LoRA has a rank")
    train = process["train"]
    if not (isinstance(train["steps"], int) and isinstance(train["lr"], float)):
        raise LayoutError("steps is a whole number and lr a number")
    if process["sample"]["sampler"] != train["noise_scheduler"]:
        raise LayoutError("the sampler must match the noise scheduler")


def _ai_toolkit_dataset(root: Path, dataset: dict) -> list[ReadPicture]:
    folder = root / dataset["folder_path"]
    extension = "." + dataset.get("caption_ext", ".txt").removeprefix(".")
    # It looks into folders within the folder too.
    pictures = [p for p in sorted(folder.rglob("*")) if p.suffix.lower() in AI_TOOLKIT_PICTURES]
    if not pictures:
        raise LayoutError(f"{folder} holds no picture")
    missing = [p.name for p in pictures if not p.with_suffix(extension).is_file()]
    if missing:
        raise LayoutError(f"no caption for {', '.join(missing)}")
    return [ReadPicture(p, p.with_suffix(extension).read_text(encoding="utf-8")) for p in pictures]


def _check(where: str, given: dict, allowed: Mapping[str, Any]) -> None:
    for name, value in given.items():
        if name not in allowed:
            raise LayoutError(f"{where} has no option {name}")
        wanted = allowed[name]
        if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
            raise LayoutError(f"{where} {name} is {value!r}")
