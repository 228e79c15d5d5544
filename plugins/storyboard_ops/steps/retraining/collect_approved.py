"""Nightly: what was approved since the last training, and the one dataset of all of it.

Looking for news costs nothing: it reads manifests. What the bucket says counts, not Airflow's
memory of events, so that a lost metadata database loses no picture and pays for none twice.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from storyboard_ops.core.dataset.selection import apply_caps
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
    """Count what was approved since the last training; buys nothing."""
    production = load_production(tools.objects, tools.settings.production).production.slug
    datasets = approved_datasets(tools, production)
    approved = _approved(tools, datasets)
    last = last_training(tools, production)
    known = _known(tools, last)
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
    """The approved pictures of the runs as one "images" manifest, without doubles, within caps.

    Where two runs hold the same picture, the later decision about it counts. The summary says how
    many of the kept pictures are new; a better copy of a known picture is no news.
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
        lambda digest: _merged(tools, news, datasets, embedder, digest),
    )


def _merged(
    tools: ToolBox[RetrainingSettings],
    news: News,
    datasets: Sequence[ApprovedDataset],
    embedder: Embedder,
    digest: str,
) -> Made:
    settings = tools.settings
    together = tools.manifests.commit(
        tools.run_root / "dataset/together.jsonl", "images", digest, _approved(tools, datasets)
    )
    distinct = drop_near_duplicates(tools, together, embedder)
    images = tools.manifests.read(distinct, ImageRecord, "images").records
    chosen = apply_caps(images, settings.max_images_per_shot, settings.max_images_per_character)
    known = _known(tools, last_training(tools, news.production))
    summary = {
        "runs": list(news.runs),
        "kept": sum(image.kept for image in chosen),
        "new": len(_really_new(chosen, known)),
    }
    log.info("Of %d pictures %s", len(images), summary)
    return Made(chosen, summary)


def _really_new(images: Iterable[ImageRecord], known: set[str]) -> set[str]:
    """Ids of kept pictures that are neither known nor a better copy of one that is."""
    images = list(images)
    copies = {
        i.duplicate.nearest for i in images if i.image_id in known and i.dropped and i.duplicate
    }
    return {image.image_id for image in images if image.kept} - known - copies


def why_not_to_train(tools: ToolBox[RetrainingSettings], new: int, counted: str) -> str:
    """A sentence when too few pictures are new; empty when there are enough.

    ``counted`` says what was counted, e.g. "distinct".
    """
    settings = tools.settings
    if new >= settings.min_new_pictures:
        return ""
    return (
        f"{new} {counted} pictures were approved since the last model; retraining starts at "
        f"{settings.min_new_pictures} (min_new_pictures). Nothing was trained."
    )


def _approved(tools: ToolBox, datasets: Iterable[ApprovedDataset]) -> list[ImageRecord]:
    """Every picture whose latest decision is an approval, once; in the order of their ids."""
    latest: dict[str, ImageRecord] = {}
    for entry in datasets:
        latest |= {image.image_id: image for image in _pictures(tools, entry) if image.review}
    return [image for _, image in sorted(latest.items()) if image.kept]


def _known(tools: ToolBox, last: ApprovedDataset | None) -> set[str]:
    """Ids of the pictures that the last training was given, or might have been.

    What became of its model plays no part: a refused one is no reason to pay for another.
    """
    return {image.image_id for image in _pictures(tools, last)} if last else set()


def _pictures(tools: ToolBox, entry: ApprovedDataset) -> Sequence[ImageRecord]:
    """The pictures of a run; none, and the others go on, when its dataset was removed."""
    try:
        return tools.manifests.read(entry.dataset.images, ImageRecord, "images").records
    except ObjectMissing as error:
        log.warning("The dataset of %s is left out: %s", entry.run_key, error)
        return ()
