"""Read boxes of Rekognition: ratios of the picture, which may extend beyond it."""

from __future__ import annotations

from typing import Any


def edges(box: Any) -> list[float]:
    """Convert a BoundingBox to [left, top, right, bottom]."""
    left, top = box["Left"], box["Top"]
    return [left, top, left + box["Width"], top + box["Height"]]
