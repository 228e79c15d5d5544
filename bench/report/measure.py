"""Runs the steps from linted captions to the report page on a bucket in memory, and times them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from storyboard_ops.core.dataset.caption_linter import captioned_picture, lint_captions, rules_for
from storyboard_ops.core.pictures.codec import encode_png
from storyboard_ops.domain.image_records import ImageRecord
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.report.report_facts import RunManifests
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.steps.dataset.assemble_dataset import assemble_dataset
from storyboard_ops.steps.dataset.publish_dataset import publish_dataset
from storyboard_ops.steps.report.write_report import write_report
from storyboard_ops.steps.review.apply_review import apply_review
from storyboard_ops.steps.review.open_review import open_review
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.fakes.memory_bucket import MemoryBucket
from tests.material import cost_factories, factories, reports

DISTINCT = 24
CROP_SIZE, PANEL_SIZE = (1024, 1280), (1280, 720)  # pixels, width and height
GRAIN = 6.0  # standard deviation, 0..255 units
VOCABULARY = (
    "harbour lantern quay tide gulls rope lamp boat window kitchen stairs tower market bridge "
    "laughs waits leans whispers stares jumps points frowns sings turns reads climbs hides waves "
    "close wide low high behind above left right dim bright warm cold misty golden blue grey"
)


@dataclass
class Clock:
    """Wall and processor seconds by stage."""

    seconds: dict[str, float] = field(default_factory=dict)
    processor: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure what runs inside."""
        start, busy = time.perf_counter(), time.process_time()
        yield
        self.seconds[name] = round(time.perf_counter() - start, 2)
        self.processor[name] = round(time.process_time() - busy, 2)


def distinct_pictures(size: tuple[int, int]) -> list[bytes]:
    """Some drawn pictures as PNG, with the grain of film, which determines their size."""
    dice = np.random.default_rng(0)
    drawn = (factories.picture(seed, *size) for seed in range(DISTINCT))
    return [
        encode_png(np.clip(dice.normal(picture, GRAIN), 0, 255).astype(np.uint8))
        for picture in drawn
    ]


def prepare_run(
    pictures: int, panels: int
) -> tuple[ToolBox[RunSettings], MemoryBucket, RunManifests]:
    """A run up to its captions, with a storyboard, in a bucket in memory."""
    run = reports.long_run(pictures, panels)
    bucket = MemoryBucket()
    settings = factories.settings(
        review_desk="without_people", max_images_per_shot=1_000, max_images_per_character=10_000
    )
    tools = ToolBox("bench", settings, lambda service, region=None: {"s3": bucket}[service])
    tools.write_record("production.json", factories.production())
    tools.write_record("preflight.json", cost_factories.preflight())
    crops, frames = distinct_pictures(CROP_SIZE), distinct_pictures(PANEL_SIZE)
    images = [_as_captioned(tools, image, n) for n, image in enumerate(run["images"])]
    _store(bucket, [image.uri for image in images], crops)
    _store(bucket, [frame.uri for frame in run["frames"] if frame.uri], frames)
    _store(bucket, [panel.uri for panel in run["panels"]], frames)

    def commit(name: str, kind: str, records: Sequence[Any]) -> ManifestRef:
        return tools.manifests.commit(tools.run_root / name, kind, "bench", records)

    manifests = RunManifests(
        finished_at="2026-11-20T12:12:00+00:00",
        frames=(commit("frames.jsonl", "frames", run["frames"]),),
        detections=(commit("detections.jsonl", "detections", run["detections"]),),
        crop_drops=commit("drops.jsonl", "drops", run["crop_drops"]),
        images=commit("captions/images.jsonl", "images", images),
        model=run["model"],
        capacity=run["capacity"],
        panels=commit("storyboard/panels.jsonl", "panels", run["panels"]),
    )
    return tools, bucket, manifests


def _as_captioned(tools: ToolBox[RunSettings], image: ImageRecord, number: int) -> ImageRecord:
    """The picture as the caption step writes it, with a caption of random words."""
    dice = np.random.default_rng(number)
    name = image.character.title()
    text = f"{name} {' '.join(dice.choice(VOCABULARY.split(), 22))}"
    uri = str(tools.run_root / f"crops/{image.image_id}.png")
    dropped = image.dropped if image.dropped and image.dropped.stage == "duplicate" else None
    changes = {"uri": uri, "review": None, "caption": factories.caption(text), "dropped": dropped}
    return image.model_copy(update=changes)


def _store(bucket: MemoryBucket, uris: Sequence[str], bodies: Sequence[bytes]) -> None:
    for number, uri in enumerate(uris):
        bucket.objects[S3Uri.parse(uri).key] = bodies[number % len(bodies)]


def lint(tools: ToolBox[RunSettings], ref: ManifestRef) -> None:
    """Lint the captions, as the caption step does."""
    images = tools.manifests.read(ref, ImageRecord, "images").records
    captions = [captioned_picture(image, image.caption.text) for image in images if image.caption]
    lint_captions(captions, tools.production.characters, rules_for(tools.production))


def run_steps(tools: ToolBox[RunSettings], manifests: RunManifests, clock: Clock) -> bytes:
    """Run the steps from captions to the report; return the page."""
    assert manifests.images is not None
    with clock.stage("lint captions"):
        lint(tools, manifests.images)
    with clock.stage("assemble candidates"):
        candidates = assemble_dataset(tools, manifests.images)
    with clock.stage("apply review"):
        reviewed = apply_review(tools, candidates, open_review(tools, candidates))
    with clock.stage("publish dataset"):
        publish_dataset(tools, reviewed)
    with clock.stage("write report and storyboard"):
        write_report(tools, manifests.model_copy(update={"images": reviewed}))
    return tools.objects.get(tools.run_root / "report.html")
