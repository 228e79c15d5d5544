"""Manifests of Custom Labels: the labels and boxes of training images.

Source: Object localization and classification in manifest files, Amazon Rekognition Custom
Labels guide. A line names its picture (`source-ref`) and carries label attributes; an attribute
`NAME` is described by `NAME-metadata`.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from local_aws.operations.context import Context
from local_aws.protocol.errors import ServiceError
from local_aws.services.rekognition.images import CUSTOM_LABELS_LIMITS, check_sides
from local_aws.services.s3.encryption import make_reader
from local_aws.vision.picture_codec import Pixels, UnreadablePictureError, decode_picture

LOCALIZATION = "groundtruth/object-detection"
CLASSIFICATION = "groundtruth/image-classification"


class BadManifestError(ValueError):
    """A manifest is invalid; the message names the line and the problem."""


@dataclass(frozen=True)
class LabelledCrop:
    """The part of a training image that shows a label, uint8 BGR."""

    label: str
    pixels: Pixels


def read_manifest(context: Context, location: dict[str, Any]) -> list[str]:
    """Return the lines of a manifest in S3 that are not blank.

    Raises:
        BadManifestError: if it cannot be read.
    """
    bucket, key = location.get("Bucket", ""), location.get("Name", "")
    try:
        text = make_reader(context)(bucket, key).decode()
    except (ServiceError, UnicodeDecodeError) as error:
        raise BadManifestError(
            f"The manifest s3://{bucket}/{key} cannot be read: {error}"
        ) from error
    return [line for line in text.splitlines() if line.strip()]


def read_labelled_crops(context: Context, lines: list[str]) -> Iterator[LabelledCrop]:
    """Yield the labelled crops of a manifest, in order.

    Raises:
        BadManifestError: names the line that has no readable picture or no known label.
    """
    for number, line in enumerate(lines, start=1):
        try:
            record = json.loads(line)
            pixels = _read_picture(context, record["source-ref"])
            yield from _cut_crops(record, pixels)
        except (KeyError, ValueError, TypeError, ServiceError) as error:
            raise BadManifestError(f"Line {number} of the manifest is invalid: {error}") from error


def _read_picture(context: Context, uri: str) -> Pixels:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    try:
        pixels = decode_picture(make_reader(context)(bucket, key))
    except UnreadablePictureError as error:
        raise ValueError(f"{uri}: {error}") from error
    height, width = pixels.shape[:2]
    check_sides(height, width, CUSTOM_LABELS_LIMITS)
    return pixels


def _cut_crops(record: dict[str, Any], pixels: Pixels) -> Iterator[LabelledCrop]:
    for name, metadata in record.items():
        if not name.endswith("-metadata"):
            continue
        attribute = record[name.removesuffix("-metadata")]
        if metadata.get("type") == LOCALIZATION:
            names = metadata["class-map"]
            for box in attribute["annotations"]:
                yield LabelledCrop(names[str(box["class_id"])], _cut_box(pixels, box))
        elif metadata.get("type") == CLASSIFICATION and attribute:
            yield LabelledCrop(metadata["class-name"], pixels)


def _cut_box(pixels: Pixels, box: dict[str, Any]) -> Pixels:
    left, top = max(0, int(box["left"])), max(0, int(box["top"]))
    part = pixels[top : int(box["top"] + box["height"]), left : int(box["left"] + box["width"])]
    if min(part.shape[:2]) < 2:
        raise ValueError(f"the box {box} lies outside the picture")
    return part
