"""Cut a picture of every character found; what gives no picture is written down with its reason."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from storyboard_ops.core.crop_cutter import Crop, CropRules, cut_crops
from storyboard_ops.core.detection_rules import DetectionRules, Resolved, resolve_shot
from storyboard_ops.core.picture_codec import decode_rgb
from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.image_records import (
    CropDrop,
    Detection,
    Drop,
    FrameDetections,
    ImageRecord,
)
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.gateways.call_pool import Outcome, call_each
from storyboard_ops.steps.tool_box import ToolBox

log = logging.getLogger(__name__)

VERSION = 1

CutFrame = Outcome[FrameDetections, "list[ImageRecord | CropDrop]"]


def crop_characters(tools: ToolBox, refs: list[ManifestRef]) -> ManifestRef:
    """Pictures of the characters in "detections" manifests, as an "images" manifest.

    Detections are first resolved over each shot. Beside ``crops/manifest.jsonl`` stands
    ``crops/drops.jsonl``, of kind "drops", with a CropDrop for every detection that gave no
    picture: unsure, too small, in a frame that cannot be read, or the same picture again.
    """
    settings = tools.settings
    rules = CropRules(settings.crop_padding, settings.max_enlargement)
    uri = tools.run_root / "crops/manifest.jsonl"
    digest = digest_of(
        VERSION,
        [ref.sha256 for ref in refs],
        settings.min_confidence,
        settings.crop_padding,
        settings.max_enlargement,
    )
    if found := tools.manifests.find(uri, digest):
        return found[0]
    resolved = _resolved(
        [
            record
            for ref in refs
            for record in tools.manifests.read(ref, FrameDetections, "detections").records
            if not tools.removed.covers(record.frame)
        ],
        DetectionRules(settings.min_confidence),
    )
    occupied = [frame for frame in resolved.frames if frame.detections]
    outcomes = call_each(occupied, lambda found: _cut(tools, rules, found))
    images, drops = _sorted_out(outcomes)
    drops = [*resolved.dropped, *drops]
    tools.manifests.commit(tools.run_root / "crops/drops.jsonl", "drops", digest, drops)
    log.info("Cut %d pictures from %d frames.", len(images), len(occupied))
    summary = {
        "detections_manifests": [ref.model_dump(mode="json") for ref in refs],
        **_summary(images, drops),
    }
    return tools.manifests.commit(uri, "images", digest, images, summary)


def _resolved(frames: Iterable[FrameDetections], rules: DetectionRules) -> Resolved:
    shots: dict[tuple[str, int], list[FrameDetections]] = defaultdict(list)
    for found in sorted(frames, key=_place_in_film):
        shots[found.frame.video.sha256, found.frame.shot].append(found)
    parts = [resolve_shot(shot, rules) for shot in shots.values()]
    return Resolved(
        tuple(frame for part in parts for frame in part.frames),
        tuple(drop for part in parts for drop in part.dropped),
    )


def _place_in_film(found: FrameDetections) -> tuple[str, int]:
    return found.frame.video.sha256, found.frame.pts


def _cut(tools: ToolBox, rules: CropRules, found: FrameDetections) -> list[ImageRecord | CropDrop]:
    """Read a frame once, cut every detection, and store the pictures."""
    pixels = decode_rgb(tools.objects.get(S3Uri.parse(found.frame.uri)))
    crops = cut_crops(pixels, found.detections, rules)
    return [
        CropDrop(frame=found.frame, detection=detection, drop=crop)
        if isinstance(crop, Drop)
        else _stored(tools, found, detection, crop)
        for detection, crop in zip(found.detections, crops, strict=True)
    ]


def _stored(
    tools: ToolBox, found: FrameDetections, detection: Detection, crop: Crop
) -> ImageRecord:
    assert detection.character is not None  # detection_rules hold named ones only
    image_id = crop.image_id
    return ImageRecord(
        image_id=image_id,
        uri=tools.objects.put(tools.run_root / f"crops/{image_id}.png", crop.png, "image/png"),
        character=detection.character,
        width=crop.width,
        height=crop.height,
        frame=found.frame,
        crop=crop.facts,
    )


def _sorted_out(outcomes: Sequence[CutFrame]) -> tuple[list[ImageRecord], list[CropDrop]]:
    """Pictures, each once, and drops; a frame that could not be read drops all it held."""
    images: dict[str, ImageRecord] = {}
    drops: list[CropDrop] = []
    for outcome in outcomes:
        if outcome.value is None:
            drops += _unreadable(outcome.item, outcome.failure)
            continue
        for item in outcome.value:
            if isinstance(item, CropDrop):
                drops.append(item)
            elif item.image_id in images:
                drops.append(_again(item))
            else:
                images[item.image_id] = item
    return list(images.values()), drops


def _unreadable(found: FrameDetections, failure: str) -> list[CropDrop]:
    drop = Drop(stage="crop", reason="frame unreadable", detail=failure)
    return [
        CropDrop(frame=found.frame, detection=detection, drop=drop)
        for detection in found.detections
    ]


def _again(image: ImageRecord) -> CropDrop:
    drop = Drop(stage="duplicate", reason="same picture", detail=f"as {image.image_id[:12]}")
    return CropDrop(frame=image.frame, detection=image.crop.detection, drop=drop)


def _summary(images: Sequence[ImageRecord], drops: Sequence[CropDrop]) -> dict[str, object]:
    return {
        "pictures": len(images),
        "by_character": dict(sorted(Counter(image.character for image in images).items())),
        "enlarged": sum(image.crop.enlargement > 1 for image in images),
        "dropped": dict(Counter(drop.drop.reason for drop in drops).most_common()),
    }
