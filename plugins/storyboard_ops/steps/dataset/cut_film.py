"""Cut the pictures of one film: resolve its detections by shot, crop, and compare in each shot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from storyboard_ops.core.dataset.crops import Crop, CropRules, cut_crops
from storyboard_ops.core.dataset.shot_comparison import compare_in_shots
from storyboard_ops.core.detection.rules import (
    DetectionRules,
    Resolved,
    questions,
    resolve_shot,
)
from storyboard_ops.core.pictures.arrays import Picture
from storyboard_ops.core.pictures.codec import decode_rgb
from storyboard_ops.core.pictures.cross_fade import is_double_exposure, look
from storyboard_ops.domain.image_records import (
    CropDrop,
    Drop,
    Frame,
    FrameDetections,
    ImageRecord,
)
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.gateways.aws.call_pool import Outcome, call_each
from storyboard_ops.steps.run.progress import Progress
from storyboard_ops.steps.run.tool_box import ToolBox


@dataclass(frozen=True)
class FrameCuts:
    """What to crop from one frame: accepted detections, and unsure ones for people to decide."""

    found: FrameDetections
    asked: tuple[CropDrop, ...] = ()


@dataclass(frozen=True)
class CutFrame:
    """What was cut from a frame, and its look, which tells a cross-fade."""

    made: tuple[ImageRecord | CropDrop, ...]
    look: Picture


@dataclass(frozen=True)
class FilmCuts:
    """The pictures of a film, and its detections without one."""

    images: tuple[ImageRecord, ...]
    refused: tuple[CropDrop, ...]  # by the detections of the shot
    uncut: tuple[CropDrop, ...]  # no picture could be cut, or it exists already
    outdone: tuple[CropDrop, ...]  # by the other pictures of the shot
    frames: int  # with something to crop
    failures: tuple[str, ...]  # why frames could not be cropped


def cut_film(tools: ToolBox[RunSettings], examined: Iterable[FrameDetections]) -> FilmCuts:
    """Cut the characters found in all examined frames of a film, and store the pictures."""
    settings, props = tools.settings, tools.production.props
    cuts = CropRules(
        settings.crop_padding, settings.max_enlargement, frozenset(settings.framings), props
    )
    rules = DetectionRules(settings.min_confidence, props=props)
    resolved = _resolve(examined, rules)
    asked = questions(resolved, settings.ask_confidence, rules)
    occupied = _occupied(resolved, asked)
    progress = Progress("Cut pictures from", len(occupied), "frames of the film")
    outcomes = call_each(
        occupied, lambda frame: _cut(tools, cuts, frame), progress=progress.add_call
    )
    found, uncut = _collect(outcomes)
    frames = _stored_samples(resolved)
    compared = compare_in_shots(found, frames, _double_exposures(tools, outcomes, frames))
    answered = frozenset(asked)
    return FilmCuts(
        images=tuple(one for one in compared if isinstance(one, ImageRecord)),
        refused=tuple(drop for drop in resolved.dropped if drop not in answered),
        uncut=tuple(uncut),
        outdone=tuple(one for one in compared if isinstance(one, CropDrop)),
        frames=len(occupied),
        failures=tuple(one.failure for one in outcomes if one.value is None),
    )


def _resolve(frames: Iterable[FrameDetections], rules: DetectionRules) -> Resolved:
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


def _occupied(resolved: Resolved, asked: Sequence[CropDrop]) -> list[FrameCuts]:
    """Return the frames with something to crop."""
    by_frame: dict[str, list[CropDrop]] = defaultdict(list)
    for question in asked:
        by_frame[question.frame.uri].append(question)
    every = (FrameCuts(found, tuple(by_frame[found.frame.uri])) for found in resolved.frames)
    return [one for one in every if one.found.detections or one.asked]


def _stored_samples(resolved: Resolved) -> list[Frame]:
    """Return the samples that can be read, in the order of their films."""
    stored = (found.frame for found in resolved.frames if found.frame.uri)
    return sorted(stored, key=lambda frame: (frame.video.uri, frame.pts))


def _double_exposures(
    tools: ToolBox[RunSettings],
    outcomes: Sequence[Outcome[FrameCuts, CutFrame]],
    frames: Sequence[Frame],
) -> set[str]:
    """Return the URIs of the cut frames that are in the middle of a cross-fade.

    ``frames``: samples in the order of their films; the ones next to a cut frame are read too.
    """
    looks = {one.item.found.frame.uri: one.value.look for one in outcomes if one.value is not None}
    around = {
        here.uri: (before, after)
        for before, here, after in zip(frames, frames[1:], frames[2:], strict=False)
        if here.uri in looks and before.video == here.video == after.video
    }
    beside = {frame.uri: frame for pair in around.values() for frame in pair}
    missing = [frame for uri, frame in beside.items() if uri not in looks]
    read = call_each(missing, lambda frame: look(_read(tools, frame)))
    looks |= {one.item.uri: one.value for one in read if one.value is not None}
    return {
        uri
        for uri, (before, after) in around.items()
        if before.uri in looks
        and after.uri in looks
        and is_double_exposure(looks[before.uri], looks[uri], looks[after.uri])
    }


def _read(tools: ToolBox[RunSettings], frame: Frame) -> Picture:
    return decode_rgb(tools.objects.get(S3Uri.parse(frame.uri)))


def _cut(tools: ToolBox[RunSettings], rules: CropRules, frame: FrameCuts) -> CutFrame:
    """Read a frame once, crop every detection, and store the pictures."""
    pixels = _read(tools, frame.found.frame)
    accepted, asked = frame.found.detections, [question.detection for question in frame.asked]
    cuts = cut_crops(pixels, accepted, rules, asked)
    made: list[ImageRecord | CropDrop] = []
    for detection, cut in zip(accepted, cuts, strict=False):
        if isinstance(cut, Drop):
            made.append(CropDrop(frame=frame.found.frame, detection=detection, drop=cut))
        else:
            made += [_store(tools, frame.found.frame, crop) for crop in cut]
    for question, cut in zip(frame.asked, cuts[len(accepted) :], strict=True):
        if isinstance(cut, Drop):
            made.append(question)
        else:
            made += [_store(tools, question.frame, crop, question.drop.detail) for crop in cut]
    return CutFrame(tuple(made), look(pixels))


def _store(tools: ToolBox[RunSettings], frame: Frame, crop: Crop, doubt: str = "") -> ImageRecord:
    image_id, character = crop.image_id, crop.facts.detection.character
    assert character is not None  # the rules accept and ask about named detections only
    return ImageRecord(
        image_id=image_id,
        uri=tools.objects.put(tools.run_root / f"crops/{image_id}.png", crop.png, "image/png"),
        character=character,
        width=crop.width,
        height=crop.height,
        frame=frame,
        crop=crop.facts,
        unsure="; ".join(filter(None, (doubt, crop.doubt))),
    )


def _collect(
    outcomes: Sequence[Outcome[FrameCuts, CutFrame]],
) -> tuple[list[ImageRecord], list[CropDrop]]:
    """Collect distinct pictures and drops; an unreadable frame drops all its detections."""
    images: dict[str, ImageRecord] = {}
    drops: list[CropDrop] = []
    for outcome in outcomes:
        if outcome.value is None:
            drops += _drop_unreadable(outcome.item, outcome.failure)
            continue
        for item in outcome.value.made:
            if isinstance(item, CropDrop):
                drops.append(item)
            elif item.image_id in images:
                drops.append(drop_repeated(item))
            else:
                images[item.image_id] = item
    return list(images.values()), drops


def _drop_unreadable(cuts: FrameCuts, failure: str) -> list[CropDrop]:
    drop = Drop(stage="crop", reason="frame unreadable", detail=failure)
    frame = cuts.found.frame
    dropped = [CropDrop(frame=frame, detection=one, drop=drop) for one in cuts.found.detections]
    return [*dropped, *cuts.asked]


def drop_repeated(image: ImageRecord) -> CropDrop:
    """Return the drop of a picture that exists already."""
    drop = Drop(stage="duplicate", reason="same picture", detail=f"as {image.image_id[:12]}")
    return CropDrop(frame=image.frame, detection=image.crop.detection, drop=drop)
