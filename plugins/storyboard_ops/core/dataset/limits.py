"""What a trainer accepts, as data, and every reason why a picture or a dataset does not fit.

Source: Amazon Nova user guide, "Fine-tuning Amazon Nova Canvas", data preparation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from storyboard_ops.domain.base_record import Record


@dataclass(frozen=True)
class TrainingLimits:
    """Documented limits of one trainer; pairs are (least, most), both allowed."""

    trainer: str
    records: tuple[int, int]
    caption_characters: tuple[int, int]
    side_px: tuple[int, int]
    pixels: int  # most
    aspect: int  # longer side at most this many times the shorter
    file_bytes: int  # most
    file_name: str  # pattern that a whole object key matches
    formats: tuple[str, ...]  # endings of file names


NOVA_CANVAS = TrainingLimits(
    trainer="Nova Canvas fine-tuning",
    records=(5, 10_000),
    caption_characters=(3, 1_024),
    side_px=(512, 4_096),
    pixels=12_582_912,
    aspect=4,
    # The guide says 50 MB; the smaller reading of the unit is right in either case.
    file_bytes=50_000_000,
    file_name=r"[A-Za-z0-9_\-/.]+",
    formats=("png", "jpg", "jpeg"),
)


class TrainingFile(Record):
    """What a trainer is about to be given for one record."""

    key: str  # object key of the picture, without its bucket
    width: int  # pixels
    height: int
    size: int  # bytes
    caption: str


class Violation(Record):
    """One limit that is not kept."""

    limit: str  # "side", "pixels", "aspect", "bytes", "file name", "format", "caption", "records"
    message: str  # with the figure and the allowed range


def violations(file: TrainingFile, limits: TrainingLimits = NOVA_CANVAS) -> tuple[Violation, ...]:
    """Every limit that one record breaks; empty when the trainer takes it."""
    return tuple(Violation(limit=limit, message=text) for limit, text in _broken(file, limits))


def record_count_violation(count: int, limits: TrainingLimits = NOVA_CANVAS) -> Violation | None:
    """Why a dataset of ``count`` records is refused, or None."""
    least, most = limits.records
    if least <= count <= most:
        return None
    return Violation(
        limit="records",
        message=f"{count:,} records; {limits.trainer} takes {least:,} to {most:,}",
    )


def _broken(file: TrainingFile, limits: TrainingLimits) -> Iterator[tuple[str, str]]:
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
