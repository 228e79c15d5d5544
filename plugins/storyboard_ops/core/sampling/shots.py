"""Find shot boundaries between consecutive samples, or take them from known cuts.

Samples are an interval apart, so they show which shot a sample belongs to, not the exact frame of
the cut (for that, see ``exact_cuts``). This costs a thumbnail per sample, whereas decoding every
frame would cost more than the planned decode saves.

A shot is identified by the number of its first sample. So that this number does not depend on the
shards, every sample whose number is a multiple of ``ANCHOR`` begins a new shot whatever it shows. A
worker that starts elsewhere looks at the samples from the previous anchor on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from storyboard_ops.core.pictures.arrays import Picture
from storyboard_ops.core.pictures.shape import thumbnail

#: The most samples in a shot.
ANCHOR = 64

#: Width and height at which pictures are compared; a picture of this size is taken as it is.
SIGNATURE_SIZE = (64, 36)

#: A picture whose luma varies by less than this (0..255) is flat: its layout is mostly noise and
#: is weighted down.
LEAST_CONTRAST = 4.0

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Signature:
    """The properties of a picture that change at a cut."""

    colours: Floats  # histogram over hue, saturation, value; shape (8, 4, 4), sums to 1
    layout: Floats  # luma of a coarse picture, shape (9, 16), mean 0, length at most 1


def anchor_before(k: int) -> int:
    """Return the sample from which the shot of sample k can be determined."""
    return k - k % ANCHOR


def signature(picture: Picture) -> Signature:
    """Compute the signature of an RGB picture of any size."""
    small = thumbnail(picture, *SIGNATURE_SIZE)
    hsv = cv2.cvtColor(small, cv2.COLOR_RGB2HSV)
    colours = cv2.calcHist([hsv], [0, 1, 2], None, [8, 4, 4], [0, 180, 0, 256, 0, 256])
    luma = cv2.cvtColor(thumbnail(small, 16, 9), cv2.COLOR_RGB2GRAY).astype(np.float32)
    luma -= luma.mean()
    length = max(float(np.linalg.norm(luma)), LEAST_CONTRAST * luma.size**0.5)
    return Signature(
        colours=(colours / colours.sum()).astype(np.float32), layout=luma / np.float32(length)
    )


def distance(one: Signature, other: Signature) -> float:
    """Return how different two pictures are: 0 equal, 1 nothing in common.

    It is the mean of the share of pixels that changed colour and the change of the layout.
    """
    colour = 1 - float(np.minimum(one.colours, other.colours).sum())
    layout = float(np.square(one.layout - other.layout).sum()) / 4
    return (colour + layout) / 2


class CutFinder(Protocol):
    """Decides for consecutive samples whether each begins a shot."""

    def begins_shot(self, k: int, picture: Picture) -> bool:
        """Whether there is a cut between the previous sample and sample k, of SIGNATURE_SIZE."""
        ...


class SampledCuts:
    """Cuts seen on the samples: two consecutive ones differ by more than ``cut_above``."""

    def __init__(self, cut_above: float) -> None:
        self._cut_above = cut_above
        self._before: Signature | None = None

    def begins_shot(self, k: int, picture: Picture) -> bool:
        now, before = signature(picture), self._before
        self._before = now
        return before is None or distance(before, now) > self._cut_above


class KnownCuts:
    """Cuts known in advance, by the first sample after each."""

    def __init__(self, first_samples: frozenset[int]) -> None:
        self._first_samples = first_samples

    def begins_shot(self, k: int, picture: Picture) -> bool:
        return k in self._first_samples
