"""Recognise a picture that was coded again: in another version of its film its bytes differ.

A look is the brightness of 32 x 32 fields of a picture. Coding it again changes a field by one or
two of 255 levels, closed eyes or a turned head change some by tens.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

FIELDS = 32
#: Looks whose fields all differ by at most this many levels are of one picture.
MOST_DIFFERENCE = 6


def look_of(rgb: NDArray[np.uint8]) -> str:
    """Return the look of a picture, (H, W, 3) uint8 RGB, as text."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    fields = cv2.resize(grey, (FIELDS, FIELDS), interpolation=cv2.INTER_AREA)
    return base64.b64encode(fields.tobytes()).decode()


class Looks:
    """Many looks, in which those like another are found."""

    def __init__(self, looks: Sequence[str]) -> None:
        read = [_fields(look) for look in looks]
        self._fields = np.stack(read) if read else np.zeros((0, FIELDS * FIELDS), np.int16)

    def same_as(self, look: str) -> list[int]:
        """Return the positions of the looks that are of the same picture."""
        difference = np.abs(self._fields - _fields(look)).max(axis=1, initial=0)
        return np.flatnonzero(difference <= MOST_DIFFERENCE).tolist()


def _fields(look: str) -> NDArray[np.int16]:
    return np.frombuffer(base64.b64decode(look), np.uint8).astype(np.int16)
