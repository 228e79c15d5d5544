"""Check pictures and datasets against the limits of a trainer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.image_records import RecordLimit
from storyboard_ops.domain.training.trainer_limits import NOVA_CANVAS, TrainingLimits


class TrainingFile(Record):
    """What a trainer receives for one record."""

    key: str  # object key of the picture, without its bucket
    width: int  # pixels
    height: int
    size: int  # bytes
    caption: str


class Violation(Record):
    """One limit that a record exceeds."""

    limit: RecordLimit
    message: str  # with the value and the allowed range


def violations(file: TrainingFile, limits: TrainingLimits = NOVA_CANVAS) -> tuple[Violation, ...]:
    """Return every limit that one record breaks; empty when the trainer accepts it."""
    return tuple(Violation(limit=limit, message=text) for limit, text in _broken(file, limits))


def record_count_violation(count: int, limits: TrainingLimits = NOVA_CANVAS) -> str | None:
    """Return why the trainer refuses a dataset of ``count`` records, for people, or None."""
    least, most = limits.records
    if least <= count <= most:
        return None
    return f"{count:,} records; {limits.trainer} takes {least:,} to {most:,}"


def _broken(file: TrainingFile, limits: TrainingLimits) -> Iterator[tuple[RecordLimit, str]]:
    size = f"{file.width} x {file.height} px"
    shorter, longer = sorted((file.width, file.height))
    least, most = limits.side_px
    if shorter < least or longer > most:
        yield "side", f"{size}; each side must be {least:,} to {most:,} px"
    if file.width * file.height > limits.pixels:
        yield "pixels", f"{size}; at most {limits.pixels:,} pixels are allowed"
    if longer > limits.aspect * shorter:
        yield "aspect", f"{size}; the shape must be 1:{limits.aspect} to {limits.aspect}:1"
    if file.size > limits.file_bytes:
        yield "bytes", f"{file.size:,} bytes; at most {limits.file_bytes:,} are allowed"
    if not re.fullmatch(limits.file_name, file.key):
        yield "file name", f"{file.key!r} must match {limits.file_name}"
    if file.key.rpartition(".")[2].lower() not in limits.formats:
        yield "format", f"{file.key!r} must end in {', '.join('.' + end for end in limits.formats)}"
    least, most = limits.caption_characters
    if not least <= len(file.caption) <= most:
        yield "caption", f"{len(file.caption):,} characters; {least:,} to {most:,} are allowed"
