"""Rebuild the report and the dataset card of a run from its current manifests."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePosixPath

from storyboard_ops.core.dataset.split import DatasetSplit
from storyboard_ops.core.removal.mention_filter import header_of
from storyboard_ops.domain.bounded_text import read_json
from storyboard_ops.domain.image_records import ImageRecord
from storyboard_ops.domain.object_keys import S3Uri, Workspace
from storyboard_ops.domain.report.report_facts import RunFacts
from storyboard_ops.gateways.storage.object_store import ObjectStore
from storyboard_ops.steps.dataset.publish_dataset import card_files
from storyboard_ops.steps.report.collect_manifests import collect_manifests
from storyboard_ops.steps.report.write_report import REPORT_FACTS, write_report
from storyboard_ops.steps.run.clients import Clients
from storyboard_ops.steps.run.earlier_runs import tools_of_run
from storyboard_ops.steps.run.tool_box import ToolBox

log = logging.getLogger(__name__)


def remake_pages(workspace: Workspace, clients: Clients, pages: Iterable[str]) -> list[str]:
    """Rebuild pages of runs; returns the URIs of those whose sources no longer exist."""
    makers = {(_run_of(workspace, page), MAKERS[S3Uri.parse(page).name]) for page in pages}
    for run, make in sorted(makers, key=str):
        tools = tools_of_run(workspace, clients, run)
        if tools is not None and tools.objects.head(tools.run_root / "production.json"):
            make(tools)
    objects = ObjectStore(clients("s3"))
    return [page for page in pages if objects.head(S3Uri.parse(page)) is None]


def _run_of(workspace: Workspace, page: str) -> str:
    return page.removeprefix(f"{workspace.root}/runs/").split("/")[0]


def _rebuild_report(tools: ToolBox) -> None:
    facts = tools.read_record(REPORT_FACTS, RunFacts)
    if facts is None:
        log.warning(
            "The report of run %s is not rebuilt: its start and end are not recorded.",
            tools.run_key,
        )
        return
    times = facts.started_at, facts.finished_at
    run = collect_manifests(tools, *times, facts.failure, facts.panels_page)
    write_report(tools, run)


def _rebuild_card(tools: ToolBox) -> None:
    """Rebuild the card with the split of the existing files, so that no picture changes sides."""
    root = tools.run_root / "dataset"
    found = tools.manifests.latest(tools.run_root / "review/images.jsonl")
    if found is None or tools.objects.head(root / "train.jsonl") is None:
        return
    ref, _ = found
    images = tools.manifests.stream(ref, ImageRecord, "images")
    files = _read_listed_files(tools)
    split = _restore_split(images, files["train.jsonl"])
    for name, body in card_files(tools, ref, split, files).items():
        tools.objects.put(root / name, body)


def _read_listed_files(tools: ToolBox) -> dict[str, bytes]:
    """Return the dataset files that the card lists with digests: no pages, no manifests."""
    root = tools.run_root / "dataset"
    names = [head.uri.key.removeprefix(f"{root.key}/") for head in tools.objects.list(root / "")]
    own = [name for name in names if "/" not in name and name not in MAKERS]
    bodies = {name: tools.objects.get(root / name) for name in own if not name.endswith(".html")}
    return {name: body for name, body in bodies.items() if header_of(body) is None}


def _restore_split(images: Iterable[ImageRecord], training_file: bytes) -> DatasetSplit:
    lines = [read_json(line, "train.jsonl") for line in training_file.split(b"\n") if line]
    stems = {PurePosixPath(line["image-ref"]).stem.rpartition("_")[2] for line in lines}
    kept = [image.image_id for image in images if image.kept]
    return DatasetSplit(
        training=tuple(image_id for image_id in kept if image_id[:12] in stems),
        evaluation=tuple(image_id for image_id in kept if image_id[:12] not in stems),
        notes=("Pictures were removed after this dataset was made.",),
    )


#: What rebuilds each page, by the file name of its key.
MAKERS: Mapping[str, Callable[[ToolBox], None]] = {
    "report.html": _rebuild_report,
    "card.json": _rebuild_card,
    "README.md": _rebuild_card,
}
