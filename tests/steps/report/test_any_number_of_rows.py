"""What the report takes in memory does not depend on how many rows a run has."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from types import SimpleNamespace

from storyboard_ops.domain.image_records import FrameDetections, ImageRecord
from storyboard_ops.domain.report.report_facts import RunManifests
from storyboard_ops.gateways.storage.record_spool import RecordSpool
from storyboard_ops.steps.report.write_report import write_report
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.fakes.memory_bucket import MemoryBucket
from tests.material import cost_factories, factories


def run_of(pictures: int) -> tuple[ToolBox, RunManifests]:
    """A run whose pictures are near-duplicates but for every hundredth."""
    bedrock = SimpleNamespace(meta=SimpleNamespace(region_name="us-east-1"))
    clients = {"s3": MemoryBucket(), "bedrock": bedrock}
    tools = ToolBox("run-1", factories.settings(), lambda service, region=None: clients[service])
    tools.write_record("production.json", factories.production())
    tools.write_record("preflight.json", cost_factories.preflight())
    frames = [factories.frame(k) for k in range(pictures)]
    detections = (factories.detection("mira"),)

    def images() -> Iterator[ImageRecord]:
        for k in range(pictures):
            yield factories.near_duplicate(k) if k % 100 else factories.image(k)

    def commit(name: str, kind: str, rows: RecordSpool):
        return tools.manifests.commit(tools.run_root / name, kind, "digest", rows)

    examined = (FrameDetections(frame=frame, detections=detections) for frame in frames)
    return tools, RunManifests(
        finished_at="2026-11-20T12:12:00+00:00",
        frames=(commit("frames.jsonl", "frames", RecordSpool(frames)),),
        detections=(commit("detections.jsonl", "detections", RecordSpool(examined)),),
        images=commit("review/images.jsonl", "images", RecordSpool(images())),
    )


def peak_of(pictures: int) -> int:
    """Return the bytes that a report takes at most, beside those of the bucket."""
    tools, run = run_of(pictures)
    tracemalloc.start()
    write_report(tools, run)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_a_report_of_four_times_as_many_rows_takes_little_more():
    """Each picture has three records, of 25 KB together."""
    peak_of(20)  # what is loaded once
    few, many = peak_of(400), peak_of(1_600)
    assert many - few < 1_200 * 2_500
