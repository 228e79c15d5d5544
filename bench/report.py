"""Dataset and report of a long run: time by step, size of the page, peak memory, smoothness.

    python -m bench.report [--pictures 10000] [--panels 200] [--page FILE]

The steps themselves run, from linted captions to the written page, on a bucket in memory:
everything but the network. Its calls are counted, and what they would add is told beside the
times. A few distinct pictures stand for all of them; each is decoded as often as it is shown.
`--page` keeps the page. Where Chromium and its driver are there, it opens the page and scrolls it.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.markdown import Markdown

from bench.report_browser import browse
from bench.result_files import markdown_table, measured, save
from storyboard_ops.core.dataset.caption_linter import captioned, lint_captions, rules_of
from storyboard_ops.core.pictures.codec import encode_png
from storyboard_ops.domain.image_records import ImageRecord
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.report.report_facts import RunManifests
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.gateways.aws.call_pool import WIDE_POOL_SIZE
from storyboard_ops.steps.dataset.assemble_dataset import assemble_dataset
from storyboard_ops.steps.dataset.publish_dataset import publish_dataset
from storyboard_ops.steps.report.write_report import write_report
from storyboard_ops.steps.review.apply_review import apply_review
from storyboard_ops.steps.review.open_review import open_review
from storyboard_ops.steps.run.tool_box import ToolBox
from tests import cost_factories, factories
from tests.memory_bucket import MemoryBucket

SECONDS_LIMIT, MEGABYTES_LIMIT, PAGE_LIMIT = 60.0, 1_000.0, 15.0
DISTINCT = 24
CROP_SIZE, PANEL_SIZE = (1024, 1280), (1280, 720)  # pixels, width and height
GRAIN = 6.0  # standard deviation, 0..255 units
#: A call to S3 within its region takes about this long; nearly all of them are the dataset's, of
#: which so many go out at a time.
CALL_SECONDS, CALLS_AT_A_TIME = 0.03, WIDE_POOL_SIZE
#: A display that shows 60 pictures a second has this long for each.
FRAME_MS = 1_000 / 60
VOCABULARY = (
    "harbour lantern quay tide gulls rope lamp boat window kitchen stairs tower market bridge "
    "laughs waits leans whispers stares jumps points frowns sings turns reads climbs hides waves "
    "close wide low high behind above left right dim bright warm cold misty golden blue grey"
)


@dataclass
class Clock:
    """Seconds by stage, on the wall and on the processor."""

    seconds: dict[str, float] = field(default_factory=dict)
    processor: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start, busy = time.perf_counter(), time.process_time()
        yield
        self.seconds[name] = round(time.perf_counter() - start, 2)
        self.processor[name] = round(time.process_time() - busy, 2)


def distinct_pictures(size: tuple[int, int]) -> list[bytes]:
    """PNG bytes of some drawn pictures with the grain of film, which is what costs bytes."""
    dice = np.random.default_rng(0)
    drawn = (factories.picture(seed, *size) for seed in range(DISTINCT))
    return [
        encode_png(np.clip(dice.normal(picture, GRAIN), 0, 255).astype(np.uint8))
        for picture in drawn
    ]


def prepared(pictures: int, panels: int) -> tuple[ToolBox[RunSettings], MemoryBucket, RunManifests]:
    """A run up to its captions, and its storyboard, in a bucket in memory."""
    facts = factories.large_report_facts(pictures, panels)
    bucket = MemoryBucket()
    settings = factories.settings(
        review_desk="auto", max_images_per_shot=1_000, max_images_per_character=10_000
    )
    tools = ToolBox("bench", settings, lambda service: {"s3": bucket}[service])
    tools.write_record("production.json", factories.production())
    tools.write_record("preflight.json", cost_factories.preflight())
    crops, frames = distinct_pictures(CROP_SIZE), distinct_pictures(PANEL_SIZE)
    images = [_as_captioned(tools, image, n) for n, image in enumerate(facts.images or ())]
    _store(bucket, [image.uri for image in images], crops)
    _store(bucket, [frame.uri for frame in facts.frames or () if frame.uri], frames)
    _store(bucket, [panel.uri for panel in facts.panels or ()], frames)

    def commit(name: str, kind: str, records: Sequence[Any]) -> ManifestRef:
        return tools.manifests.commit(tools.run_root / name, kind, "bench", records)

    manifests = RunManifests(
        finished_at="2026-11-20T12:12:00+00:00",
        frames=(commit("frames.jsonl", "frames", facts.frames or ()),),
        detections=(commit("detections.jsonl", "detections", facts.detections or ()),),
        crop_drops=commit("drops.jsonl", "drops", facts.crop_drops or ()),
        images=commit("captions/images.jsonl", "images", images),
        model=facts.model,
        capacity=facts.capacity,
        panels=commit("storyboard/panels.jsonl", "panels", facts.panels or ()),
    )
    return tools, bucket, manifests


def _as_captioned(tools: ToolBox[RunSettings], image: ImageRecord, number: int) -> ImageRecord:
    """The picture as the caption step leaves it, in the bucket of the bench."""
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
    captions = [captioned(image, image.caption.text) for image in images if image.caption]
    lint_captions(captions, tools.production.characters, rules_of(tools.production))


def run_steps(tools: ToolBox[RunSettings], manifests: RunManifests, clock: Clock) -> bytes:
    """From captions to the written page; returns the page."""
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


def section(result: dict[str, Any]) -> str:
    """The result as a section of RESULTS.md."""
    stages, busy = result["stages_s"], result["processor_s"]
    limit = f"{SECONDS_LIMIT:.0f} s"
    rows = [
        *((stage, f"{s:.1f} s", f"{busy[stage]:.1f} s", "") for stage, s in stages.items()),
        ("all of it", f"{sum(stages.values()):.1f} s", f"{sum(busy.values()):.1f} s", limit),
        ("peak memory", f"{result['peak_mb']} MB", "", f"{MEGABYTES_LIMIT:.0f} MB"),
        ("page", f"{result['page_mb']:.1f} MB", "", f"{PAGE_LIMIT:.0f} MB"),
        *_browser_rows(result.get("browser")),
    ]
    title = f"## Dataset and report of {result['pictures']:,} pictures, {result['panels']} panels"
    table = markdown_table(("figure", "wall", "processor", "limit"), rows)
    added = result["s3_calls"] * CALL_SECONDS / CALLS_AT_A_TIME
    network = (
        f"The bucket is in memory. S3 would have been called {result['s3_calls']:,} times: at "
        f"{1e3 * CALL_SECONDS:.0f} ms a call and {CALLS_AT_A_TIME} at a time, about "
        f"{added:.0f} s more, spent waiting."
    )
    return f"{title}\n\nMeasured {result['measured']}. {network}\n\n{table}"


def _browser_rows(found: dict[str, float] | None) -> Iterator[tuple[str, str, str, str]]:
    if found is None:
        return
    yield "first picture of the page on screen", f"{found['first_paint_ms']:.0f} ms", "", ""
    yield "page complete", f"{found['load_ms']:.0f} ms", "", ""
    for name in ("median", "95 %", "longest"):
        yield f"frame while scrolling, {name}", f"{found[name]:.0f} ms", "", f"{FRAME_MS:.0f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pictures", type=int, default=10_000)
    parser.add_argument("--panels", type=int, default=200)
    parser.add_argument("--page", type=Path, help="keep the page here")
    options = parser.parse_args()
    clock = Clock()
    tools, bucket, manifests = prepared(options.pictures, options.panels)
    bucket.calls = 0
    page = run_steps(tools, manifests, clock)
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with tempfile.TemporaryDirectory() as folder:
        file = options.page or Path(folder) / "report.html"
        file.write_bytes(page)
        browser = browse(file)
    result = {
        "measured": measured(),
        "pictures": options.pictures,
        "panels": options.panels,
        "stages_s": clock.seconds,
        "processor_s": clock.processor,
        "s3_calls": bucket.calls,
        "peak_mb": round(peak_kb / 1_000),
        "page_mb": round(len(page) / 1e6, 2),
        "browser": browser,
    }
    save("report", result)
    Console().print(Markdown(section(result)))


if __name__ == "__main__":
    main()
