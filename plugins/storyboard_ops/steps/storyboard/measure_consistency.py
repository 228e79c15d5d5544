"""Measure how much the drawn panels look like the approved characters."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from storyboard_ops.core.dataset.split import split_by_shot
from storyboard_ops.core.storyboard.consistency import Consistency, PanelEmbedding, consistency
from storyboard_ops.domain.dataset.dataset_records import TrainingSet
from storyboard_ops.domain.image_records import ImageRecord, Panel
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.settings.pictures import DuplicateSection
from storyboard_ops.steps.dataset.embedder import PictureEmbedder
from storyboard_ops.steps.run.tool_box import ToolBox

log = logging.getLogger(__name__)


def measure_consistency(
    tools: ToolBox[DuplicateSection], panels: ManifestRef, dataset: TrainingSet
) -> Consistency:
    """The figures of core.consistency_figure, written to storyboard/consistency.json."""
    drawn = [p for p in tools.manifests.read(panels, Panel, "panels").records if not p.failure]
    images = tools.manifests.read(dataset.images, ImageRecord, "images").records
    figures = figures_of(tools, drawn, references([image for image in images if image.kept]))
    tools.book("consistency", tools.answers.usages)
    tools.write_record("storyboard/consistency.json", figures)
    log.info("Consistency: cross %s, distinctness %s.", figures.cross, figures.distinctness)
    return figures


def figures_of(
    tools: ToolBox[DuplicateSection], panels: Iterable[Panel], pictures: Iterable[ImageRecord]
) -> Consistency:
    """The figures of drawn panels, with approved pictures as references."""
    embedder = PictureEmbedder(tools)

    def embedded(uri: str, sha: str) -> np.ndarray:
        return embedder.embed(tools.objects.get(S3Uri.parse(uri)), sha)

    by_character: dict[str, list[np.ndarray]] = defaultdict(list)
    for picture in pictures:
        by_character[picture.character].append(embedded(picture.uri, picture.image_id))
    return consistency(
        [
            PanelEmbedding(
                f"panel {panel.number}", panel.characters, embedded(panel.uri, panel.sha256)
            )
            for panel in panels
        ],
        {character: np.stack(rows) for character, rows in by_character.items()},
    )


def references(images: list[ImageRecord]) -> list[ImageRecord]:
    """Pictures held out of training, for every character that has some; else all of them."""
    held_out = set(split_by_shot(images).evaluation)
    covered = {image.character for image in images if image.image_id in held_out}
    return [
        image for image in images if image.character not in covered or image.image_id in held_out
    ]
