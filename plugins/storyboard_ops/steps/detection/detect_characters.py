"""Find the characters in the kept frames of one shard."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.image_records import Detection, Frame, FrameDetections
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.settings.pictures import DetectionSection
from storyboard_ops.gateways.aws.call_pool import call_each
from storyboard_ops.steps.detection.detectors import Detector, chosen_detectors
from storyboard_ops.steps.run.lost_share import check_lost_share
from storyboard_ops.steps.run.manifest_step import Made, find_or_make
from storyboard_ops.steps.run.progress import Progress, spending
from storyboard_ops.steps.run.tool_box import ToolBox

log = logging.getLogger(__name__)

VERSION = 1
#: Enough for 50 calls per second that take a third of a second each.
CALLS_AT_ONCE = 16


def detect_characters(tools: ToolBox[DetectionSection], ref: ManifestRef) -> ManifestRef:
    """Detect characters in the kept frames of a "frames" manifest; returns a "detections" manifest.

    A frame that cannot be examined gets the reason and the others continue; raises BatchFailed
    when too many fail. Runs share a manifest without failures; one with failures belongs to the
    run, so that the next run, or a cleared task, examines those frames again.
    """
    detectors = chosen_detectors(tools)
    digest = digest_of(VERSION, ref.sha256, [detector.digest for detector in detectors])
    return find_or_make(
        tools.manifests,
        _detections_uri(S3Uri.parse(ref.uri), digest),
        "detections",
        digest,
        lambda digest: _detections(tools, ref, detectors, digest),
    )


def _detections(
    tools: ToolBox[DetectionSection], ref: ManifestRef, detectors: Sequence[Detector], digest: str
) -> Made:
    frames = [f for f in tools.manifests.read(ref, Frame, "frames").records if f.dropped is None]
    progress = Progress("Examined", len(frames), "frames", spending(tools))
    with tools.booking(f"detect-{digest[:16]}"):
        outcomes = call_each(
            frames,
            lambda frame: _examine(tools, detectors, frame),
            threads=CALLS_AT_ONCE,
            progress=progress.add_call,
        )
    records = [
        FrameDetections(frame=one.item, detections=one.value or (), failure=one.failure)
        for one in outcomes
    ]
    failed = [record.failure for record in records if record.failure]
    check_lost_share(tools, "frames could not be examined", len(records), failed)
    found_in = sum(bool(record.detections) for record in records)
    log.info(
        "Examined %d frames, found characters in %d; %d answers were of other runs.",
        len(records),
        found_in,
        tools.answers.from_other_runs,
    )
    # Nothing here may depend on the run: runs that examine the same frames at the same time write
    # the same bytes, so that the last one changes nothing that another has read.
    summary = {
        "frames_manifest": ref.model_dump(mode="json"),
        "frames": len(records),
        "detections": sum(len(record.detections) for record in records),
        "failed": len(failed),
    }
    own = tools.run_root / f"detections/{digest[:16]}.jsonl"
    return Made(records, summary, instead_at=own if failed else None)


def _examine(
    tools: ToolBox[DetectionSection], detectors: Sequence[Detector], frame: Frame
) -> tuple[Detection, ...]:
    picture = tools.objects.get(S3Uri.parse(frame.uri))
    return tuple(detection for detector in detectors for detection in detector.find(picture))


def _detections_uri(frames: S3Uri, digest: str) -> S3Uri:
    """Map ``…/shards/<uri>/0-60.jsonl`` to ``…/detections/<digest>/0-60.jsonl``."""
    folder = frames.key.rpartition("/shards/")[0]
    return S3Uri(frames.bucket, f"{folder}/detections/{digest[:16]}/{frames.name}")
