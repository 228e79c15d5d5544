"""Limits of trainers, as data.

Source: Amazon Nova user guide, "Fine-tuning Amazon Nova Canvas", data preparation.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TrainingLimits:
    """Documented limits of one trainer; pairs are (least, most), inclusive."""

    trainer: str
    records: tuple[int, int]
    caption_characters: tuple[int, int]
    side_px: tuple[int, int]
    pixels: int  # most
    aspect: int  # longer side at most this many times the shorter
    file_bytes: int  # most
    file_name: str  # pattern for the whole object key
    formats: tuple[str, ...]  # suffixes of file names


NOVA_CANVAS = TrainingLimits(
    trainer="Nova Canvas fine-tuning",
    records=(5, 10_000),
    caption_characters=(3, 1_024),
    side_px=(512, 4_096),
    pixels=12_582_912,
    aspect=4,
    # The guide says 50 MB; the smaller reading of the unit is safe in either case.
    file_bytes=50_000_000,
    file_name=r"[A-Za-z0-9_\-/.]+",
    formats=("png", "jpg", "jpeg"),
)
