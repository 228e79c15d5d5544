"""Publish the approved dataset: pictures, captions, the manifests of all trainers, the card."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from storyboard_ops.core.dataset.card import dataset_card, render_card
from storyboard_ops.core.dataset.layouts import (
    IMAGES,
    PROPS,
    LaidOutPicture,
    ai_toolkit_config,
    bedrock_manifest,
    caption_file,
    folder_of,
    kohya_config,
    labelling_file,
    musubi_config,
    trainer_manifest,
)
from storyboard_ops.core.dataset.limits import record_count_violation
from storyboard_ops.core.dataset.lineage import EVALUATION, TRAINING, lineage_table
from storyboard_ops.core.dataset.selection import shot_of
from storyboard_ops.core.dataset.split import DatasetSplit, Take, split_by_shot, takes_of
from storyboard_ops.domain.base_record import canonical_json
from storyboard_ops.domain.dataset.dataset_records import TrainingSet
from storyboard_ops.domain.error_tree import BatchFailed, GateClosed
from storyboard_ops.domain.image_records import ImageRecord, Shot
from storyboard_ops.domain.manifest_codec import ManifestRef, sha256_hex
from storyboard_ops.domain.names import phrases_in
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.gateways.aws.call_pool import WIDE_POOL_SIZE, call_each
from storyboard_ops.gateways.include_files import include_text
from storyboard_ops.gateways.training.model_files import base_models
from storyboard_ops.steps.run.progress import Progress
from storyboard_ops.steps.run.tool_box import ToolBox

log = logging.getLogger(__name__)

CARD_PAGE = "templates/dataset_card.md.j2"
#: The base model that ``ai_toolkit.yaml`` names.
AI_TOOLKIT_MODEL = "flux2-klein-base-4b"


def publish_dataset(tools: ToolBox, ref: ManifestRef) -> TrainingSet:
    """Write the approved pictures in the trainers' layout; equal input writes equal bytes.

    Files of an earlier review are deleted, because the open trainers take every picture in the
    folder. Raises GateClosed when Bedrock would refuse the number of records.
    """
    stream = partial(tools.manifests.stream, ref, ImageRecord, "images")
    kept = [image for image in stream() if image.kept]
    split = split_by_shot(kept)
    refused = record_count_violation(len(split.training))
    if refused is not None:
        raise GateClosed(f"{refused}. Add pictures, or lower max_images_per_character.")
    root = tools.run_root / "dataset"
    takes = takes_of(map(shot_of, kept))
    by_folder = {
        folder: _lay_out(tools, pictures, root / folder, takes)
        for folder, pictures in _by_folder(_chosen(kept, split.training), tools.production).items()
    }
    folders = [folder for folder, pictures in by_folder.items() if pictures]
    training = [picture for pictures in by_folder.values() for picture in pictures]
    evaluation = _lay_out(tools, _chosen(kept, split.evaluation), root / EVALUATION, takes)
    manifest = bedrock_manifest(training)
    steps = base_models().find(AI_TOOLKIT_MODEL).recipe.steps_for(len(training))
    files = {
        "labels.jsonl": labelling_file(training),
        "pictures.jsonl": b"".join(
            [
                *(trainer_manifest(TRAINING, folder, by_folder[folder]) for folder in folders),
                trainer_manifest(EVALUATION, EVALUATION, evaluation),
            ]
        ),
        "kohya.toml": kohya_config(*folders),
        "musubi.toml": musubi_config(*folders),
        "ai_toolkit.yaml": ai_toolkit_config(tools.production, steps, *folders),
        "lineage.csv": lineage_table(stream(), split, tools.production.props),
        "train.jsonl": manifest,  # last: when it exists, everything does
    }
    for name, body in (card_files(tools, ref, split, files) | files).items():
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


def _by_folder(
    images: Iterable[ImageRecord], production: Production
) -> dict[str, list[ImageRecord]]:
    """Group training pictures by their folder; one without pictures is there, to be emptied."""
    groups: dict[str, list[ImageRecord]] = {IMAGES: [], PROPS: []}
    for image in images:
        groups[folder_of(image, production.props)].append(image)
    return groups


def _lay_out(
    tools: ToolBox, images: Sequence[ImageRecord], folder: S3Uri, takes: Mapping[Shot, Take]
) -> list[LaidOutPicture]:
    """Copy pictures with their captions into a folder, and delete everything else in it."""
    existing = {head.uri for head in tools.objects.list(S3Uri(folder.bucket, f"{folder.key}/"))}

    def write(image: ImageRecord) -> LaidOutPicture:
        placed = _place(image, folder, takes[shot_of(image)], tools.production)
        picture, text = _files(folder, placed)
        if picture not in existing:  # the name contains the digest of the content
            tools.objects.copy(S3Uri.parse(image.uri), picture)
        tools.objects.put(text, caption_file(placed.caption), "text/plain; charset=utf-8")
        return placed

    progress = Progress("Stored", len(images), "training pictures with their captions")
    outcomes = call_each(images, write, threads=WIDE_POOL_SIZE, progress=progress.add_call)
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


def _place(image: ImageRecord, folder: S3Uri, take: Take, production: Production) -> LaidOutPicture:
    name = f"{image.character}_{image.image_id[:12]}.png"
    ids = {name: identity for identity, name in production.names.items()}
    named = {ids[found] for found in phrases_in(image.caption_text, ids)}
    video, start = take
    return LaidOutPicture(
        name=name,
        uri=str(folder / name),
        character=image.character,
        caption=image.caption_text,
        sha256=image.image_id,
        take=f"{video[:12]}-{start}",
        others=tuple(sorted(named - {image.character})),
    )


def _files(folder: S3Uri, placed: LaidOutPicture) -> tuple[S3Uri, S3Uri]:
    """Return the URIs of the picture and of its caption."""
    return folder / placed.name, folder / f"{placed.name.removesuffix('.png')}.txt"


def card_files(
    tools: ToolBox, ref: ManifestRef, split: DatasetSplit, files: dict[str, bytes]
) -> dict[str, bytes]:
    """Make ``card.json`` and ``README.md``, which describe the dataset to machines and people."""
    digests = {name: sha256_hex(body) for name, body in files.items()}
    images = tools.manifests.stream(ref, ImageRecord, "images")
    card = dataset_card(
        tools.run_key, tools.production, tools.settings, images, split, ref.sha256, digests
    )
    page = render_card(card, include_text(CARD_PAGE))
    return {"card.json": canonical_json(card).encode(), "README.md": page.encode()}
