"""Runs the product's own steps on a film and compares the answers with its ground truth.

Sampling, detection and cropping are the steps of the DAG with its tool box; the clients call the
local endpoint instead of AWS.
"""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.accuracy.cases import Case
from bench.accuracy.scores import Judged, Rect, Sighting, judge
from storyboard_ops.domain.detection.detector_facts import ModelWait
from storyboard_ops.domain.image_records import (
    Box,
    CropDrop,
    CropFacts,
    Detection,
    Frame,
    FrameDetections,
    ImageRecord,
)
from storyboard_ops.domain.manifest_codec import ManifestRef, decode_manifest
from storyboard_ops.domain.object_keys import S3Uri, slug
from storyboard_ops.domain.preflight.preflight_report import PreflightReport
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.gateways.storage.production_files import load_production
from storyboard_ops.steps.dataset.crop_characters import crop_characters
from storyboard_ops.steps.detection.custom_inference import stop_inference
from storyboard_ops.steps.detection.detect_characters import detect_characters
from storyboard_ops.steps.detection.prepare_detectors import check_awaited, prepare_detectors
from storyboard_ops.steps.preflight.check_preflight import write_run
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.sampling.plan_shards import plan_shards
from storyboard_ops.steps.sampling.sample_frames import sample_frames
from tests.studio.studio_fixture import Studio

#: Why sampling drops a picture that shows the same as the one before, which is judged instead.
REPEATED = "near-identical"


@dataclass(frozen=True)
class Answers:
    """What the product found in a film: its samples by number, and the characters in each.

    failures: why frames could not be examined. drops: crops that were not cut, by reason.
    """

    frames: dict[int, Frame]
    sightings: dict[int, list[Sighting]]
    failures: tuple[str, ...]
    drops: Counter[str]

    @property
    def sampling_drops(self) -> Counter[str]:
        """Samples that were not examined, by reason."""
        return Counter(frame.dropped.reason for frame in self.frames.values() if frame.dropped)


def examine(studio: Studio, case: Case) -> Answers:
    """Sample, detect and crop one film as a run of the DAG does."""
    tools = studio.tools(
        slug(case.name),
        videos=[studio.upload(case.film, f"{slug(case.name)}{case.film.suffix}")],
        production=_uploaded(studio, case),
        sample_interval_s=float(case.interval),
        **case.settings,
    )
    loaded = load_production(tools.objects, tools.settings.production)
    write_run(tools, loaded, PreflightReport(checks=()))
    sampled = [sample_frames(tools, shard) for shard in plan_shards(tools)]
    _prepare(tools)
    detected = [detect_characters(tools, ref) for ref in sampled]
    stop_inference(tools)
    return _answers(tools, sampled, detected, crop_characters(tools, detected))


def _prepare(tools: ToolBox[RunSettings]) -> None:
    """Prepare the detectors as the DAG does; a training at the endpoint takes seconds."""
    while isinstance(wait := prepare_detectors(tools), ModelWait):
        time.sleep(1)
        check_awaited(tools, wait)


def _uploaded(studio: Studio, case: Case) -> str:
    """The name of a bundled production, or the URI of the uploaded one."""
    if isinstance(case.production, str):
        return case.production
    folder = S3Uri(studio.bucket, f"productions/{slug(case.name)}")
    bodies = {name: file.read_bytes() for name, file in case.references.items()}
    bodies["production.yaml"] = json.dumps(case.production).encode()  # JSON is YAML
    for name, body in bodies.items():
        studio.client("s3").put_object(Bucket=folder.bucket, Key=f"{folder.key}/{name}", Body=body)
    return str(folder / "production.yaml")


def _answers(
    tools: ToolBox[RunSettings],
    sampled: list[ManifestRef],
    detected: list[ManifestRef],
    cut: ManifestRef,
) -> Answers:
    frames = [f for ref in sampled for f in tools.manifests.read(ref, Frame, "frames").records]
    examined = [
        record
        for ref in detected
        for record in tools.manifests.read(ref, FrameDetections, "detections").records
    ]
    images = tools.manifests.read(cut, ImageRecord, "images").records
    body = tools.objects.get(tools.run_root / "crops/drops.jsonl")
    drops = decode_manifest(body, CropDrop, "drops").records
    sightings: dict[int, list[Sighting]] = defaultdict(list)
    certain = [image for image in images if not image.unsure]
    bodies = [image for image in certain if image.crop.part == "body"]
    heads: dict[tuple[str, Detection], list[Rect]] = defaultdict(list)
    for image in certain:
        if image.crop.part == "head":
            heads[image.frame.uri, image.crop.detection].append(_crop_rect(image.crop, image.frame))
    found = [_of_image(image, heads[image.frame.uri, image.crop.detection]) for image in bodies]
    for k, sighting in (*found, *_uncropped(drops)):
        sightings[k].append(sighting)
    return Answers(
        frames={frame.k: frame for frame in frames},
        sightings=sightings,
        failures=tuple(record.failure for record in examined if record.failure),
        drops=Counter(drop.drop.reason for drop in drops),
    )


def _of_image(image: ImageRecord, heads: Sequence[Rect]) -> tuple[int, Sighting]:
    detection = image.crop.detection
    return image.frame.k, Sighting(
        image.character,
        detection.confidence,
        _rect(detection.box),
        _crop_rect(image.crop, image.frame),
        heads=tuple(heads),
        sharpness=image.crop.against_shot,
    )


def _uncropped(drops: tuple[CropDrop, ...]) -> Iterator[tuple[int, Sighting]]:
    """Detections that passed the rules, but gave no crop."""
    for drop in drops:
        character = drop.detection.character
        if drop.drop.stage != "detect" and character is not None:
            box = _rect(drop.detection.box)
            yield drop.frame.k, Sighting(character, drop.detection.confidence, box)


def _rect(box: Box) -> Rect:
    return box.x, box.y, box.right, box.bottom


def _crop_rect(crop: CropFacts, frame: Frame) -> Rect:
    """The crop as ratios of the displayed frame."""
    return (
        crop.left / frame.width,
        crop.top / frame.height,
        (crop.left + crop.width) / frame.width,
        (crop.top + crop.height) / frame.height,
    )


def judge_all(case: Case, answers: Answers) -> Iterator[tuple[float, str, Judged]]:
    """Yield second, character and judgement for everything in the truth that can be scored.

    Not scored: frames that the truth ignores, ambiguous characters, and samples that repeat the
    one before. In a sample that was dropped as black, blurred or a title, nobody was found.
    """
    for entry in case.truth["frames"]:
        k = round(entry["t"] / case.interval)
        frame = answers.frames.get(k)
        repeated = frame and frame.dropped and frame.dropped.reason == REPEATED
        if entry["ignore"] or repeated:
            continue
        for character in case.characters:
            judged = judge(entry, character, answers.sightings.get(k, []))
            if judged is not None:
                yield entry["t"], character, judged
