"""Rekognition DetectLabels, from measurements of the picture.

Implemented: Face and Person have boxes, from OpenCV's face and person detectors; a face also gives
a Person, whose box is the body that a face of that size usually has below it. Outdoors, Nature, Sky
and Grass have no boxes and follow from smooth blue above green, Night from a dark picture, with
modest confidence. Image properties are measured.
Not implemented: other objects, and most drawn characters.

Source: Detecting labels, Amazon Rekognition developer guide.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from local_aws.operations.context import Answer, Context, Handler, Request
from local_aws.protocol.errors import ServiceError
from local_aws.services.rekognition.images import InputImage, read_image
from local_aws.vision.face_finder import FoundObject, find_faces, find_people
from local_aws.vision.panels.painted_backdrop import palette_of
from local_aws.vision.picture_cache import answers
from local_aws.vision.picture_codec import Pixels, limit_sides
from local_aws.vision.picture_facts import measure_picture, name_colour

MODEL_VERSION = "3.0"
DEFAULT_CONFIDENCE = 55.0
DEFAULT_COLOURS = 10
GENERAL = "GENERAL_LABELS"
PROPERTIES = "IMAGE_PROPERTIES"

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
    """Return labels above MinConfidence, highest first, filtered and limited."""
    image = read_image(request["Image"], context)
    features = request.get("Features") or [GENERAL]
    settings = request.get("Settings", {})
    if "Settings" in request and "GeneralLabels" in settings and GENERAL not in features:
        raise ServiceError("InvalidParameterException", "Request has invalid parameters")
    context.meter.record("rekognition", "DetectLabels", {"image": 1})
    answer: dict[str, Any] = {"LabelModelVersion": MODEL_VERSION}
    if GENERAL in features:
        measured = answers.get(("labels", image.sha256), lambda: _measure(image.pixels()))
        answer["Labels"] = _list_labels(image, measured, request, settings.get("GeneralLabels", {}))
    if PROPERTIES in features:
        most = settings.get("ImageProperties", {}).get("MaxDominantColors", DEFAULT_COLOURS)
        answer["ImageProperties"] = answers.get(
            ("properties", image.sha256, str(most)),
            lambda: _measure_properties(image.pixels(), most),
        )
        context.meter.record("rekognition", "DetectLabels", {"image_properties": 1})
    return answer


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


def _list_labels(
    image: InputImage, measured: Measured, request: Request, filters: dict[str, Any]
) -> list[dict[str, Any]]:
    least = request.get("MinConfidence", DEFAULT_CONFIDENCE)
    labels = [
        _describe_label(image, name, confidence, measured.boxes.get(name, []))
        for name, confidence in sorted(measured.confidences.items(), key=lambda item: -item[1])
        if confidence >= least and _passes_filters(name, filters)
    ]
    return labels[: request.get("MaxLabels", len(labels))]


def _passes_filters(name: str, filters: dict[str, Any]) -> bool:
    category = CATEGORIES.get(name, OTHER_CATEGORY)
    included = (
        filters.get("LabelInclusionFilters", []),
        filters.get("LabelCategoryInclusionFilters", []),
    )
    if any(included) and name not in included[0] and category not in included[1]:
        return False
    return name not in filters.get("LabelExclusionFilters", []) and category not in filters.get(
        "LabelCategoryExclusionFilters", []
    )


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


def _measure_properties(pixels: Pixels, most_colours: int) -> dict[str, Any]:
    small, _ = limit_sides(pixels, 256)
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.float32)
    sharpness = float(np.log1p(cv2.Laplacian(grey, cv2.CV_32F).var()) / np.log(1e4))
    return {
        "Quality": {
            "Brightness": float(100 * grey.mean() / 255),
            "Sharpness": 100 * min(1.0, sharpness),
            "Contrast": float(min(100.0, 100 * grey.std() / 90)),
        },
        "DominantColors": _find_dominant_colours(small, most_colours),
    }


def _find_dominant_colours(pixels: Pixels, most: int) -> list[dict[str, Any]]:
    if most == 0:
        return []
    colours = palette_of(pixels, np.ones(pixels.shape[:2], bool), min(most, 12))
    flat = pixels.reshape(-1, 3).astype(np.float32)
    nearest = ((flat[:, None] - colours[None]) ** 2).sum(axis=2).argmin(axis=1)
    shares = np.bincount(nearest, minlength=len(colours)) * (100 / len(flat))
    return [
        {
            "Red": round(float(red)),
            "Green": round(float(green)),
            "Blue": round(float(blue)),
            "HexCode": f"#{round(float(red)):02x}{round(float(green)):02x}{round(float(blue)):02x}",
            "CSSColor": name_colour((blue, green, red)),
            "SimplifiedColor": name_colour((blue, green, red)),
            "PixelPercent": float(share),
        }
        for (blue, green, red), share in sorted(
            zip(colours, shares, strict=True), key=lambda pair: -pair[1]
        )
    ]


OPERATIONS: dict[str, Handler] = {"DetectLabels": detect_labels}
