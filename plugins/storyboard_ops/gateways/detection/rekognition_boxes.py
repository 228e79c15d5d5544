"""Boxes as Rekognition writes them: ratios of the picture, which may leave it."""

from __future__ import annotations

from typing import Any


def edges(box: Any) -> list[float]:
    """A BoundingBox as [left, top, right, bottom]."""
    left, top = box["Left"], box["Top"]
    return [left, top, left + box["Width"], top + box["Height"]]
