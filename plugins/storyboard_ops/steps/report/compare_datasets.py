"""Compare the approved datasets of two runs, for a page and for the report."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from storyboard_ops.core.dataset.diff import DatasetDiff, diff_datasets
from storyboard_ops.core.report.contact_sheet import ShownPicture, thumbnail
from storyboard_ops.core.report.diff_page import DiffFacts, render_diff, wanted_pictures
from storyboard_ops.domain.error_tree import ObjectMissing
from storyboard_ops.domain.image_records import ImageRecord
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.report.report_facts import DatasetChanges
from storyboard_ops.gateways.aws.call_pool import call_each
from storyboard_ops.gateways.include_files import include_text
from storyboard_ops.steps.dataset.approved_datasets import approved_datasets
from storyboard_ops.steps.run.tool_box import ToolBox

log = logging.getLogger(__name__)

#: Next to the dataset, so that it is copied along with it.
PAGE = "dataset/diff.html"


def approved_images(tools: ToolBox) -> tuple[ImageRecord, ...]:
    """Return the approved pictures of a run; raises ObjectMissing when nothing was reviewed."""
    found = tools.manifests.latest(tools.run_root / "review/images.jsonl")
    if found is None:
        raise ObjectMissing(
            f"Run {tools.run_key} has no approved dataset in {tools.workspace.root}. Choose "
            "another run: the folder runs/ there lists their keys."
        )
    rows = tools.manifests.stream(found[0], ImageRecord, "images")
    return tuple(image for image in rows if image.kept)


def compare_runs(earlier: ToolBox, later: ToolBox) -> tuple[DatasetDiff, str]:
    """Return what changed between the datasets of two runs, and the page that shows it."""
    diff = diff_datasets(approved_images(earlier), approved_images(later))
    facts = DiffFacts(
        production=later.production,
        earlier_run=earlier.run_key,
        later_run=later.run_key,
        diff=diff,
    )
    thumbnails = make_thumbnails(later, wanted_pictures(facts))
    page = render_diff(
        facts.model_copy(update={"thumbnails": thumbnails}),
        include_text("templates/dataset_diff.html.j2"),
        include_text("templates/report.css"),
    )
    return diff, page


def make_thumbnails(tools: ToolBox, pictures: Iterable[ShownPicture]) -> dict[str, bytes]:
    """Return thumbnails by key, without pictures that cannot be read; the page says so."""

    def make_thumbnail(picture: ShownPicture) -> bytes:
        return thumbnail(tools.objects.get(S3Uri.parse(picture.uri)), picture)

    shrunk = call_each(pictures, make_thumbnail)
    return {one.item.key: one.value for one in shrunk if one.value is not None}


def compare_with_previous(tools: ToolBox) -> DatasetChanges | None:
    """Compare with the previous approved dataset of the production, and write the page.

    Returns None when this run has no approved dataset, or there is none before it.
    """
    earlier = _previous_run(tools)
    if earlier is None:
        return None
    diff, page = compare_runs(earlier, tools)
    tools.objects.put(tools.run_root / PAGE, page.encode(), "text/html; charset=utf-8")
    log.info("%d pictures changed since run %s.", diff.changes, earlier.run_key)
    return DatasetChanges(
        earlier_run=earlier.run_key,
        page=PAGE,
        added=len(diff.added),
        removed=len(diff.removed),
        recropped=len(diff.recropped),
        reassigned=len(diff.reassigned),
        recaptioned=len(diff.recaptioned),
        unchanged=diff.unchanged,
    )


def _previous_run(tools: ToolBox) -> ToolBox | None:
    entries = approved_datasets(tools, tools.production.slug)
    runs = [entry.run_key for entry in entries]
    if tools.run_key not in runs or runs.index(tools.run_key) == 0:
        return None
    return ToolBox(runs[runs.index(tools.run_key) - 1], tools.settings, tools.clients)
