"""Write the approved dataset: pictures, captions, manifests of every trainer, and its card."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence

from storyboard_ops.core.dataset_selection import coverage
from storyboard_ops.core.dataset_split import DatasetSplit, split_by_shot
from storyboard_ops.core.trainer_layouts import (
    LaidOutPicture,
    ai_toolkit_config,
    bedrock_manifest,
    kohya_config,
    labelling_file,
)
from storyboard_ops.domain.base_record import canonical_json
from storyboard_ops.domain.dataset_records import TrainingSet
from storyboard_ops.domain.image_records import ImageRecord
from storyboard_ops.domain.manifest_codec import ManifestRef, sha256_hex
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.steps.tool_box import ToolBox

log = logging.getLogger(__name__)


def publish_dataset(tools: ToolBox, ref: ManifestRef) -> TrainingSet:
    """Lay the approved pictures out for trainers; equal input writes equal bytes."""
    images = [i for i in tools.manifests.read(ref, ImageRecord, "images").records if i.kept]
    split = split_by_shot(images)
    training = _lay_out(tools, _chosen(images, split.training), "images")
    _lay_out(tools, _chosen(images, split.evaluation), "evaluation")
    root = tools.run_root / "dataset"
    manifest = bedrock_manifest(training)
    files = {
        "labels.jsonl": labelling_file(training),
        "kohya.toml": kohya_config("images"),
        "ai_toolkit.yaml": ai_toolkit_config(tools.production, "images"),
        "card.json": _card(tools, ref, images, split),
        "train.jsonl": manifest,  # last: a trainer that finds it finds everything
    }
    for name, body in files.items():
        tools.objects.put(root / name, body)
    log.info(
        "Dataset: %d pictures to train with, %d held out.", len(training), len(split.evaluation)
    )
    return TrainingSet(
        images=ref,
        training_uri=str(root / "train.jsonl"),
        training_sha256=sha256_hex(manifest),
        training=len(training),
        evaluation=len(split.evaluation),
    )


def _chosen(images: Sequence[ImageRecord], ids: Sequence[str]) -> list[ImageRecord]:
    wanted = set(ids)
    return [image for image in images if image.image_id in wanted]


def _lay_out(tools: ToolBox, images: Sequence[ImageRecord], folder: str) -> list[LaidOutPicture]:
    root = tools.run_root / f"dataset/{folder}"
    pictures = []
    for image in images:
        stem = f"{image.character}_{image.image_id[:12]}"
        caption = image.caption.text if image.caption else ""
        uri = tools.objects.copy(S3Uri.parse(image.uri), root / f"{stem}.png")
        tools.objects.put(
            root / f"{stem}.txt", f"{caption}\n".encode(), "text/plain; charset=utf-8"
        )
        pictures.append(LaidOutPicture(f"{stem}.png", uri, image.character, caption))
    return pictures


def _card(
    tools: ToolBox, ref: ManifestRef, images: Sequence[ImageRecord], split: DatasetSplit
) -> bytes:
    """What is in the dataset, where it comes from, and with which settings it was made."""
    settings = tools.settings
    videos = {image.frame.video.uri: image.frame.video for image in images}
    card = {
        "production": tools.production.production,
        "source": tools.production.source.model_dump(mode="json"),
        "run": tools.run_key,
        "pictures": len(images),
        "by_character": dict(sorted(Counter(image.character for image in images).items())),
        "training": len(split.training),
        "evaluation": len(split.evaluation),
        "notes": split.notes,
        "enlarged": sum(image.crop.enlargement > 1 for image in images),
        "coverage": [cell.model_dump(mode="json") for cell in coverage(images)],
        "videos": [video.model_dump(mode="json") for _, video in sorted(videos.items())],
        "models": {
            "detection": settings.detection_model_id,
            "embedding": settings.embedding_model_id,
            "caption": settings.caption_model_id,
        },
        "thresholds": {
            "sample_interval_s": settings.sample_interval_s,
            "min_confidence": settings.min_confidence,
            "duplicate_above": settings.duplicate_above,
            "max_enlargement": settings.max_enlargement,
        },
        "images_manifest": ref.model_dump(mode="json"),
    }
    return canonical_json(card).encode()
