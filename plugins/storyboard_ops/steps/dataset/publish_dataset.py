"""Publish the approved dataset: pictures, captions, the manifests of all trainers, the card."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from storyboard_ops.core.dataset.card import dataset_card, render_card
from storyboard_ops.core.dataset.layouts import (
    LaidOutPicture,
    ai_toolkit_config,
    bedrock_manifest,
    caption_file,
    kohya_config,
    labelling_file,
)
from storyboard_ops.core.dataset.limits import record_count_violation
from storyboard_ops.core.dataset.lineage import lineage_table
from storyboard_ops.core.dataset.split import DatasetSplit, split_by_shot
from storyboard_ops.domain.base_record import canonical_json
from storyboard_ops.domain.dataset.dataset_records import TrainingSet
from storyboard_ops.domain.error_tree import BatchFailed, GateClosed
from storyboard_ops.domain.image_records import ImageRecord
from storyboard_ops.domain.manifest_codec import ManifestRef, sha256_hex
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.gateways.aws.call_pool import WIDE_POOL_SIZE, call_each
from storyboard_ops.gateways.include_files import include_text
from storyboard_ops.steps.run.tool_box import ToolBox

log = logging.getLogger(__name__)

CARD_PAGE = "templates/dataset_card.md.j2"


def publish_dataset(tools: ToolBox, ref: ManifestRef) -> TrainingSet:
    """Write the approved pictures in the trainers' layout; equal input writes equal bytes.

    Files of an earlier review are deleted, because the open trainers take every picture in the
    folder. Raises GateClosed when Bedrock would refuse the number of records.
    """
    images = tools.manifests.read(ref, ImageRecord, "images").records
    kept = [image for image in images if image.kept]
    split = split_by_shot(kept)
    refused = record_count_violation(len(split.training))
    if refused is not None:
        raise GateClosed(f"{refused}. Add pictures, or lower max_images_per_character.")
    root = tools.run_root / "dataset"
    training = _lay_out(tools, _chosen(kept, split.training), root / "images")
    _lay_out(tools, _chosen(kept, split.evaluation), root / "evaluation")
    manifest = bedrock_manifest(training)
    files = {
        "labels.jsonl": labelling_file(training),
        "kohya.toml": kohya_config("images"),
        "ai_toolkit.yaml": ai_toolkit_config(tools.production, "images"),
        "lineage.csv": lineage_table(images, split),
        "train.jsonl": manifest,  # last: when it exists, everything does
    }
    for name, body in (card_files(tools, ref, images, split, files) | files).items():
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


def _chosen(images: Iterable[ImageRecord], ids: Iterable[str]) -> list[ImageRecord]:
    wanted = set(ids)
    return [image for image in images if image.image_id in wanted]


def _lay_out(tools: ToolBox, images: Sequence[ImageRecord], folder: S3Uri) -> list[LaidOutPicture]:
    """Copy pictures with their captions into a folder, and delete everything else in it."""
    existing = {head.uri for head in tools.objects.list(S3Uri(folder.bucket, f"{folder.key}/"))}

    def write(image: ImageRecord) -> LaidOutPicture:
        placed = _place(image, folder)
        picture, text = _files(folder, placed)
        if picture not in existing:  # the name contains the digest of the content
            tools.objects.copy(S3Uri.parse(image.uri), picture)
        tools.objects.put(text, caption_file(placed.caption), "text/plain; charset=utf-8")
        return placed

    outcomes = call_each(images, write, threads=WIDE_POOL_SIZE)
    failures = [f"{one.item.uri}: {one.failure}" for one in outcomes if one.value is None]
    if failures:
        raise BatchFailed(
            f"{len(failures)} of {len(images)} pictures could not be copied to {folder}; clear "
            f"the task to try again. The first: {failures[0]}"
        )
    laid_out = [one.value for one in outcomes if one.value is not None]
    wanted = {uri for placed in laid_out for uri in _files(folder, placed)}
    tools.objects.delete(sorted(existing - wanted, key=str))
    return laid_out


def _place(image: ImageRecord, folder: S3Uri) -> LaidOutPicture:
    name = f"{image.character}_{image.image_id[:12]}.png"
    caption = image.caption.text if image.caption else ""
    return LaidOutPicture(name, str(folder / name), image.character, caption)


def _files(folder: S3Uri, placed: LaidOutPicture) -> tuple[S3Uri, S3Uri]:
    """Return the URIs of the picture and of its caption."""
    return folder / placed.name, folder / f"{placed.name.removesuffix('.png')}.txt"


def card_files(
    tools: ToolBox,
    ref: ManifestRef,
    images: Sequence[ImageRecord],
    split: DatasetSplit,
    files: dict[str, bytes],
) -> dict[str, bytes]:
    """Make ``card.json`` and ``README.md``, which describe the dataset to machines and people."""
    digests = {name: sha256_hex(body) for name, body in files.items()}
    card = dataset_card(
        tools.run_key, tools.production, tools.settings, images, split, ref.sha256, digests
    )
    page = render_card(card, include_text(CARD_PAGE))
    return {"card.json": canonical_json(card).encode(), "README.md": page.encode()}
