"""Find what was approved since the last training, and merge all of it into one dataset.

The search only reads manifests, at no cost. The bucket decides, not Airflow's asset events, so a
lost metadata database neither loses a picture nor pays for one twice.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence

from storyboard_ops.core.dataset.selection import apply_caps
from storyboard_ops.core.text.wording import pluralize
from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.error_tree import ObjectMissing
from storyboard_ops.domain.image_records import ImageRecord
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.settings.model import RetrainingSettings
from storyboard_ops.domain.training.retraining_records import ApprovedDataset, News
from storyboard_ops.gateways.storage.production_files import load_production
from storyboard_ops.steps.dataset.approved_datasets import approved_datasets, last_training
from storyboard_ops.steps.dataset.drop_near_duplicates import Embedder, drop_near_duplicates
from storyboard_ops.steps.run.manifest_step import Made, find_or_make
from storyboard_ops.steps.run.tool_box import ToolBox

log = logging.getLogger(__name__)

VERSION = 1


def look_for_news(tools: ToolBox) -> News:
    """Count what was approved since the last training; makes no paid call."""
    production = load_production(tools.objects, tools.settings.production).production.slug
    datasets = approved_datasets(tools, production)
    approved = _read_approved(tools, datasets)
    last = last_training(tools, production)
    known = _trained_pictures(tools, last)
    news = News(
        production=production,
        runs=tuple(entry.run_key for entry in datasets),
        approved=len(approved),
        new=sum(image.image_id not in known for image in approved),
        last_run=last.run_key if last else "",
    )
    log.info(
        "%s: %d pictures approved in %d runs, %d of them new.",
        *(production, news.approved, len(news.runs), news.new),
    )
    return news


def merge_approved(
    tools: ToolBox[RetrainingSettings], news: News, embedder: Embedder
) -> ManifestRef:
    """Merge the approved pictures into one "images" manifest, without duplicates, within caps.

    When two runs contain the same picture, the later decision counts. The summary reports how many
    kept pictures are new; a better copy of a known picture is not.
    """
    settings = tools.settings
    datasets = [e for e in approved_datasets(tools, news.production) if e.run_key in news.runs]
    digest = digest_of(
        VERSION,
        [entry.dataset.images.sha256 for entry in datasets],
        [settings.duplicate_above, embedder.model_id],
        [settings.max_images_per_shot, settings.max_images_per_character],
    )
    return find_or_make(
        tools.manifests,
        tools.run_root / "review/images.jsonl",
        "images",
        digest,
        lambda digest: _merge(tools, news, datasets, embedder, digest),
    )


def _merge(
    tools: ToolBox[RetrainingSettings],
    news: News,
    datasets: Sequence[ApprovedDataset],
    embedder: Embedder,
    digest: str,
) -> Made:
    settings = tools.settings
    together = tools.manifests.commit(
        tools.run_root / "dataset/together.jsonl", "images", digest, _read_approved(tools, datasets)
    )
    distinct = drop_near_duplicates(tools, together, embedder)
    images = tools.manifests.read(distinct, ImageRecord, "images").records
    chosen = apply_caps(images, settings.max_images_per_shot, settings.max_images_per_character)
    known = _trained_pictures(tools, last_training(tools, news.production))
    summary = {
        "runs": list(news.runs),
        "kept": sum(image.kept for image in chosen),
        "new": len(_new_pictures(chosen, known)),
    }
    log.info(
        "%s of %s are merged: %d kept, of which %d are new since the last training.",
        pluralize(len(images), "picture"),
        pluralize(len(news.runs), "run"),
        summary["kept"],
        summary["new"],
    )
    return Made(chosen, summary)


def _new_pictures(images: Iterable[ImageRecord], known: set[str]) -> set[str]:
    """Return the ids of kept pictures that are neither known nor better copies of known ones."""
    images = list(images)
    copies = {
        i.duplicate.nearest for i in images if i.image_id in known and i.dropped and i.duplicate
    }
    return {image.image_id for image in images if image.kept} - known - copies


def skip_reason(tools: ToolBox[RetrainingSettings], new: int, kind: str) -> str:
    """Return why training is skipped when too few pictures are new; "" when enough are.

    ``kind`` describes the counted pictures, e.g. "distinct".
    """
    settings = tools.settings
    if new >= settings.min_new_pictures:
        return ""
    return (
        f"{new} {kind} pictures were approved since the last model; retraining starts at "
        f"{settings.min_new_pictures} (min_new_pictures). Nothing was trained."
    )


def _read_approved(tools: ToolBox, datasets: Iterable[ApprovedDataset]) -> list[ImageRecord]:
    """Return each picture whose latest decision is an approval, as cut there, sorted by id."""
    latest: dict[str, ImageRecord] = {}
    for entry in datasets:
        latest |= {image.first_id: image for image in _read_pictures(tools, entry) if image.review}
    return [image for _, image in sorted(latest.items()) if image.kept]


def _trained_pictures(tools: ToolBox, last: ApprovedDataset | None) -> set[str]:
    """Return the ids of the pictures in the dataset of the last training.

    The verdict on its model does not matter: a refused model is no reason to pay for another.
    """
    return {image.image_id for image in _read_pictures(tools, last)} if last else set()


def _read_pictures(tools: ToolBox, entry: ApprovedDataset) -> Iterator[ImageRecord]:
    """Yield the pictures of a run; none, with a warning, when its dataset was removed."""
    try:
        yield from tools.manifests.stream(entry.dataset.images, ImageRecord, "images")
    except ObjectMissing as error:
        log.warning("The dataset of %s is left out: %s", entry.run_key, error)
