"""Decide which detections become crops: detectors and the whole shot agree, or it is "unsure".

Detectors that know the characters (the multimodal model) say who is where. Detectors that only
label kinds of things (Rekognition labels) confirm that somebody is there, not who. A detector may
also report a person who is none of the characters; this counts as a rival claim to the place.
Nothing is guessed: where the evidence does not decide, the detection is dropped as "unsure", with
its reason, and ``questions`` selects the ones worth asking people about.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from storyboard_ops.domain.image_records import (
    Box,
    CropDrop,
    Detection,
    DetectReason,
    Drop,
    FrameDetections,
)
from storyboard_ops.domain.production_sheet import NONE_OF_THEM


@dataclass(frozen=True)
class DetectionRules:
    """Thresholds for matching boxes and for accepting detections."""

    min_confidence: float
    #: Intersection over union from which two boxes are the same place.
    same_place_iou: float = 0.6
    #: Share of the smaller box inside the larger from which it is a part of it (a face in a body).
    nested_share: float = 0.85
    #: Of two characters in one place the more confident wins when it is ahead by this much.
    clear_lead: float = 0.15
    #: A character seen in only one frame of a shot must be at least this sure.
    lone_confidence: float = 0.75
    #: Frames from which a shot can contradict a single sighting.
    min_shot_frames: int = 2
    #: Ids of props: the box of an object may lie inside that of the character who carries it.
    props: frozenset[str] = frozenset()

    def may_share_place(self, one: Detection, other: Detection) -> bool:
        """Return whether one is a prop and the other a character."""
        named = one.character is not None and other.character is not None
        return named and (one.character in self.props) != (other.character in self.props)


@dataclass(frozen=True)
class Resolved:
    """Frames with the accepted detections, and every other detection with its reason."""

    frames: tuple[FrameDetections, ...]
    dropped: tuple[CropDrop, ...]


def resolve_shot(frames: Sequence[FrameDetections], rules: DetectionRules) -> Resolved:
    """Decide on all sampled frames of one shot, each with the detections of every detector.

    Reasons for drops, all of stage "detect": "nameless" (a labels box, used as confirmation only),
    "stranger" (none of the characters), "same box" (a second box of the same character), "other
    character" (the place belongs to another one), "unsure" (too little confidence, two equally
    likely characters, or one weak sighting in the whole shot). The result does not depend on the
    order of detections.
    """
    seen = [_resolve_frame(found, rules) for found in frames]
    sightings = Counter(
        character for held, _ in seen for character in {detection.character for detection in held}
    )
    examined = sum(not found.failure for found in frames)
    resolved, dropped = [], []
    for found, (held, refused) in zip(frames, seen, strict=True):
        lone = [
            detection
            for detection in held
            if examined >= rules.min_shot_frames
            and sightings[detection.character] == 1
            and not _holds_alone(detection, found, rules)
        ]
        kept = tuple(detection for detection in held if detection not in lone)
        resolved.append(found.model_copy(update={"detections": kept}))
        dropped += [
            CropDrop(frame=found.frame, detection=detection, drop=drop)
            for detection, drop in (*refused, *((weak, _lone(weak, examined)) for weak in lone))
        ]
    return Resolved(tuple(resolved), tuple(dropped))


def questions(resolved: Resolved, least: float, rules: DetectionRules) -> list[CropDrop]:
    """Select unsure detections to ask people about, from this confidence on, below 1.

    Only the most confident of one place is selected, and none where a detection is accepted.
    """
    taken = {found.frame.uri: [d.box for d in found.detections] for found in resolved.frames}
    asked = []
    unsure = (one for one in resolved.dropped if one.drop.reason == "unsure")
    for one in sorted(unsure, key=lambda drop: _most_confident_first(drop.detection)):
        box, places = one.detection.box, taken.setdefault(one.frame.uri, [])
        if least < 1 and one.detection.confidence >= least and not _overlaps(box, places, rules):
            places.append(box)
            asked.append(one)
    return asked


def _overlaps(box: Box, places: Sequence[Box], rules: DetectionRules) -> bool:
    return any(box.iou(place) >= rules.same_place_iou for place in places)


def find_figures(detections: Sequence[Detection], rules: DetectionRules) -> list[Detection]:
    """Return all figures and props, known or not, the most confident first.

    Boxes of one place, and boxes around or inside another one, count once; a prop counts beside
    the character who carries it.
    """
    places: list[Detection] = []
    for detection in sorted(detections, key=_most_confident_first):
        rivals = [one.box for one in places if not rules.may_share_place(detection, one)]
        sure = detection.confidence >= rules.min_confidence
        inside = any(_nested(detection.box, place) >= rules.nested_share for place in rivals)
        if sure and not inside and not _overlaps(detection.box, rivals, rules):
            places.append(detection)
    return places


Refusals = list[tuple[Detection, Drop]]


def _resolve_frame(
    found: FrameDetections, rules: DetectionRules
) -> tuple[list[Detection], Refusals]:
    refused: Refusals = []
    named: list[Detection] = []
    strangers: list[Detection] = []
    for detection in sorted(found.detections, key=_most_confident_first):
        if detection.label == NONE_OF_THEM:
            strangers.append(detection)
            refused.append((detection, _drop("stranger", "is none of the characters")))
        elif detection.character is None:
            refused.append((detection, _drop("nameless", f"a {detection.label} box names nobody")))
        elif twin := _same_character(detection, named, rules):
            refused.append((detection, _drop("same box", f"{twin.confidence:.2f} is ahead")))
            named[named.index(twin)] = _with_face(twin, detection)
        else:
            named.append(detection)
    held: list[Detection] = []
    for detection in named:
        drop = _contested(detection, [*named, *strangers], rules) or _weak(detection, rules)
        if drop:
            refused.append((detection, drop))
        else:
            held.append(detection)
    return held, refused


def _same_character(
    detection: Detection, earlier: Sequence[Detection], rules: DetectionRules
) -> Detection | None:
    """Find an earlier box of the same character in the same place, or around or inside this one."""
    for other in earlier:
        if other.character == detection.character and (
            detection.box.iou(other.box) >= rules.same_place_iou
            or _nested(detection.box, other.box) >= rules.nested_share
        ):
            return other
    return None


def _with_face(kept: Detection, again: Detection) -> Detection:
    """Merge two boxes of one character: the kept one, with the face that either of them has."""
    return kept if kept.face or not again.face else kept.model_copy(update={"face": again.face})


def _weak(detection: Detection, rules: DetectionRules) -> Drop | None:
    if detection.confidence >= rules.min_confidence:
        return None
    return _drop(
        "unsure",
        f"confidence {detection.confidence:.2f} is below {rules.min_confidence:.2f}",
        detection.confidence,
    )


def _contested(
    detection: Detection, claims: Sequence[Detection], rules: DetectionRules
) -> Drop | None:
    """Return why another character has this place: one box contains one character."""
    rivals = [
        other
        for other in claims
        if other.character != detection.character
        and detection.box.iou(other.box) >= rules.same_place_iou
        and not rules.may_share_place(detection, other)
    ]
    if not rivals:
        return None
    strongest = min(rivals, key=_most_confident_first)
    if detection.confidence - strongest.confidence >= rules.clear_lead:
        return None
    rival = strongest.character or "a stranger"
    detail = f"{rival} in the same place has {strongest.confidence:.2f}"
    behind = strongest.confidence - detection.confidence >= rules.clear_lead
    return _drop("other character" if behind else "unsure", detail, detection.confidence)


def _holds_alone(detection: Detection, found: FrameDetections, rules: DetectionRules) -> bool:
    """Whether to accept a single sighting in a shot: very confident, or confirmed by a detector."""
    return detection.confidence >= rules.lone_confidence or any(
        other.detector != detection.detector
        and other.character in (None, detection.character)
        and other.box.iou(detection.box) >= rules.same_place_iou
        for other in found.detections
    )


def _lone(detection: Detection, examined: int) -> Drop:
    return _drop(
        "unsure",
        f"seen in 1 of {examined} frames of the shot, with confidence {detection.confidence:.2f}",
        detection.confidence,
    )


def _most_confident_first(detection: Detection) -> tuple[object, ...]:
    """Sort key with a total order, so that ties do not depend on the order of the input."""
    box = detection.box
    return (-detection.confidence, -box.area, box.x, box.y, detection.character or "",
            detection.label, detection.detector)  # fmt: skip


def _nested(a: Box, b: Box) -> float:
    """Return the share of the smaller box that is inside the larger."""
    return a.common_area(b) / min(a.area, b.area)


def _drop(reason: DetectReason, detail: str, score: float | None = None) -> Drop:
    return Drop(stage="detect", reason=reason, detail=detail, score=score)
