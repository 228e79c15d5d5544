"""Validation of the training data set of an image model.

Source: docs.aws.amazon.com/nova/latest/userguide/fine-tune-prepare-data-creative-content.html
(limits) and model-customization-prepare.html (file format). AWS publishes the limits and not its
messages: the wording is this endpoint's.
"""

import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from local_aws.protocol.errors import ServiceError

MINIMUM_RECORDS = 5
MAXIMUM_RECORDS = 10_000
MINIMUM_CAPTION = 3
MAXIMUM_CAPTION = 1024
MAXIMUM_PICTURE_BYTES = 50 * 1024 * 1024
MINIMUM_SIDE = 512
MAXIMUM_SIDE = 4096
MAXIMUM_PIXELS = 12_582_912
MAXIMUM_ASPECT = 4.0
PICTURE_FORMATS = ("PNG", "JPEG")

S3_URI = re.compile(r"s3://(?P<bucket>[^/]+)/(?P<key>.+)")
FILE_NAME = re.compile(r"[A-Za-z0-9_\-/.]+")

ReadObject = Callable[[str, str], bytes]
"""Returns the bytes of (bucket, key); raises ServiceError if there is no such object."""


class TrainingDataError(Exception):
    """The data set is invalid; the message is the job's failure message."""


@dataclass(frozen=True)
class TrainingRecord:
    """One validated line: the picture's URI, its encoded bytes and its caption."""

    image_ref: str
    picture: bytes
    caption: str


def validate_records(manifest_uri: str, read: ReadObject) -> Iterator[TrainingRecord]:
    """Yield the records of the JSONL manifest, each validated as it is read.

    Raises:
        TrainingDataError: the manifest is missing, has too few or too many records, or a record
            violates a limit; the message names the line.
    """
    lines = _read_manifest(manifest_uri, read)
    for number, line in lines:
        try:
            yield _check_record(line, read)
        except TrainingDataError as error:
            raise TrainingDataError(f"Line {number} of {manifest_uri}: {error}") from error


def split_uri(uri: str) -> tuple[str, str]:
    """Split an S3 URI into bucket and key; raises TrainingDataError if it is invalid."""
    match = S3_URI.fullmatch(uri)
    if match is None:
        raise TrainingDataError(f"{uri!r} is not the S3 URI of an object.")
    if not FILE_NAME.fullmatch(match["key"]):
        raise TrainingDataError(
            f"the file name in {uri} has characters other than letters, digits, _ - / and period."
        )
    return match["bucket"], match["key"]


def _read_manifest(uri: str, read: ReadObject) -> list[tuple[int, str]]:
    try:
        text = _read(uri, read).decode("utf-8")
    except UnicodeDecodeError as error:
        raise TrainingDataError(f"The training data {uri} is not UTF-8 text.") from error
    lines = [(n, line) for n, line in enumerate(text.split("\n"), start=1) if line.strip()]
    if not MINIMUM_RECORDS <= len(lines) <= MAXIMUM_RECORDS:
        raise TrainingDataError(
            f"The training data {uri} has {len(lines)} records; "
            f"{MINIMUM_RECORDS} to {MAXIMUM_RECORDS:,} are required."
        )
    return lines


def _check_record(line: str, read: ReadObject) -> TrainingRecord:
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise TrainingDataError(f"not valid JSON ({error.msg}).") from error
    image_ref, caption = _read_members(record)
    if not MINIMUM_CAPTION <= len(caption) <= MAXIMUM_CAPTION:
        raise TrainingDataError(
            f"the caption has {len(caption)} characters; "
            f"{MINIMUM_CAPTION} to {MAXIMUM_CAPTION:,} are required."
        )
    picture = _read(image_ref, read)
    _check_picture(image_ref, picture)
    return TrainingRecord(image_ref, picture, caption)


def _read_members(record: object) -> tuple[str, str]:
    if not isinstance(record, dict):
        raise TrainingDataError("not a JSON object.")
    for name in ("image-ref", "caption"):
        if not isinstance(record.get(name), str):
            raise TrainingDataError(f"the attribute {name!r} is missing or not a string.")
    return record["image-ref"], record["caption"]


def _read(uri: str, read: ReadObject) -> bytes:
    bucket, key = split_uri(uri)
    try:
        return read(bucket, key)
    except ServiceError as error:
        raise TrainingDataError(f"{uri} cannot be read: {error.message}") from error


def _check_picture(uri: str, picture: bytes) -> None:
    if len(picture) > MAXIMUM_PICTURE_BYTES:
        raise TrainingDataError(
            f"{uri} has {len(picture):,} bytes; at most {MAXIMUM_PICTURE_BYTES:,} are allowed."
        )
    width, height = _read_picture_size(uri, picture)
    if not all(MINIMUM_SIDE <= side <= MAXIMUM_SIDE for side in (width, height)):
        raise TrainingDataError(
            f"{uri} has {width}x{height} pixels; "
            f"each side must be {MINIMUM_SIDE} to {MAXIMUM_SIDE}."
        )
    if width * height > MAXIMUM_PIXELS:
        raise TrainingDataError(
            f"{uri} has {width * height:,} pixels; at most {MAXIMUM_PIXELS:,} are allowed."
        )
    if max(width, height) > MAXIMUM_ASPECT * min(width, height):
        raise TrainingDataError(
            f"{uri} has the aspect ratio {width}:{height}; 1:4 to 4:1 is allowed."
        )


def _read_picture_size(uri: str, picture: bytes) -> tuple[int, int]:
    try:
        with Image.open(io.BytesIO(picture), formats=PICTURE_FORMATS) as image:
            image.verify()
            return image.size
    except (UnidentifiedImageError, OSError, SyntaxError) as error:
        raise TrainingDataError(f"{uri} is not a readable PNG or JPEG picture.") from error
