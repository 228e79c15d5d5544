"""Rekognition DetectLabels, from measurements of the picture.

Implemented: Face and Person have boxes, from OpenCV's face and person detectors; a face also gives
a Person, whose box is the body that a face of that size usually has below it. Outdoors, Nature, Sky
and Grass have no boxes and follow from smooth blue above green, Night from a dark picture, with
modest confidence.
Not implemented: other objects, and most drawn characters; filters and image properties.

Source: Detecting labels, Amazon Rekognition developer guide.
"""

from dataclasses import dataclass
from typing import Any

from local_aws.operations.context import Answer, Context, Request
from local_aws.protocol.errors import ServiceError
from local_aws.services.rekognition.images import InputImage, read_image
from local_aws.vision.face_finder import FoundObject, find_faces, find_people
from local_aws.vision.picture_cache import answers
from local_aws.vision.picture_codec import Pixels
from local_aws.vision.picture_facts import measure_picture

MODEL_VERSION = "3.0"
DEFAULT_CONFIDENCE = 55.0

PARENTS = {"Face": ("Head", "Person"), "Head": ("Person",), "Sky": ("Nature", "Outdoors"),
           "Grass": ("Nature", "Plant"), "Night": ("Nature", "Outdoors"),
           "Nature": ("Outdoors",)}  # fmt: skip
ALIASES = {"Person": ("Human",)}
CATEGORIES = {"Face": "Person Description", "Head": "Person Description",
              "Person": "Person Description"}  # fmt: skip
OTHER_CATEGORY = "Nature and Outdoors"


@dataclass(frozen=True)
class Measured:
    """The labels of one picture: confidence 0..100 and pixel boxes by label."""

    confidences: dict[str, float]
    boxes: dict[str, list[FoundObject]]


def detect_labels(request: Request, context: Context) -> Answer:
    """Return up to MaxLabels labels above MinConfidence, highest first."""
    if "Settings" in request or set(request.get("Features", [])) - {"GENERAL_LABELS"}:
        raise ServiceError(
            "InvalidParameterException",
            "The local endpoint returns general labels only, without filters.",
        )
    image = read_image(request["Image"], context)
    context.meter.record("rekognition", "DetectLabels", {"image": 1})
    measured = answers.get(("labels", image.sha256), lambda: _measure(image.pixels()))
    return {
        "Labels": _list_labels(image, measured, request),
        "LabelModelVersion": MODEL_VERSION,
    }


def _measure(pixels: Pixels) -> Measured:
    faces, people = find_faces(pixels), find_people(pixels)
    people += [_estimate_body(face, pixels) for face in faces if not _is_inside_any(face, people)]
    confidences = {
        name: 100 * max(each.confidence for each in found)
        for name, found in (("Face", faces), ("Head", faces), ("Person", people))
        if found
    }
    facts = measure_picture(pixels)
    if facts.sky_above_green:
        confidences |= {"Outdoors": 72.0, "Nature": 70.0, "Sky": 68.0, "Grass": 62.0}
    if facts.brightness < 14:
        confidences["Night"] = 60.0
    return Measured(confidences, {"Face": faces, "Head": faces, "Person": people})


def _estimate_body(face: FoundObject, pixels: Pixels) -> FoundObject:
    left, top, width, height = face.box
    bottom = min(float(pixels.shape[0]), top + 6.5 * height)
    start = max(0.0, left - 0.9 * width)
    end = min(float(pixels.shape[1]), left + 1.9 * width)
    above = max(0.0, top - 0.4 * height)
    return FoundObject((start, above, end - start, bottom - above), 0.9 * face.confidence)


def _is_inside_any(face: FoundObject, people: list[FoundObject]) -> bool:
    x, y = face.box[0] + face.box[2] / 2, face.box[1] + face.box[3] / 2
    return any(
        left <= x <= left + width and top <= y <= top + height
        for left, top, width, height in (person.box for person in people)
    )


def _list_labels(image: InputImage, measured: Measured, request: Request) -> list[dict[str, Any]]:
    least = request.get("MinConfidence", DEFAULT_CONFIDENCE)
    labels = [
        _describe_label(image, name, confidence, measured.boxes.get(name, []))
        for name, confidence in sorted(measured.confidences.items(), key=lambda item: -item[1])
        if confidence >= least
    ]
    return labels[: request.get("MaxLabels", len(labels))]


def _describe_label(
    image: InputImage, name: str, confidence: float, found: list[FoundObject]
) -> dict[str, Any]:
    return {
        "Name": name,
        "Confidence": confidence,
        "Instances": [
            {"BoundingBox": image.ratios(*each.box), "Confidence": 100 * each.confidence}
            for each in found
        ],
        "Parents": [{"Name": parent} for parent in PARENTS.get(name, ())],
        "Aliases": [{"Name": alias} for alias in ALIASES.get(name, ())],
        "Categories": [{"Name": CATEGORIES.get(name, OTHER_CATEGORY)}],
    }
