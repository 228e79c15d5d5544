"""Pairs of pictures on both sides of the near-duplicate threshold, to choose it by eye.

A cosine says nothing until one has seen what it looks like in this film and with this model. Each
pair is a picture and the better one that is most like it; those below the threshold were both
kept, of those from it on the better one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from storyboard_ops.core.dataset.picture_hash import HASH_MODEL
from storyboard_ops.core.report.even_choice import evenly
from storyboard_ops.domain.image_records import ImageRecord

#: Pairs that are shown on either side.
SHOWN = 6
#: Cosines within this of the threshold help to choose it.
REACH = 0.12


@dataclass(frozen=True)
class ThresholdPair:
    """A picture, the better one that is most like it, and their cosine."""

    image: ImageRecord
    better: ImageRecord
    similarity: float


def threshold_pairs(images: Iterable[ImageRecord], threshold: float) -> tuple[ThresholdPair, ...]:
    """At most twice ``SHOWN`` pairs by rising similarity, spread over what lies within reach.

    Copies that a hash has found are not among them: no threshold of a cosine concerns those.
    """
    known = {image.image_id: image for image in images}
    pairs = [
        ThresholdPair(image, known[facts.nearest], facts.similarity)
        for image in known.values()
        if (facts := image.duplicate) is not None
        and facts.model_id != HASH_MODEL
        and facts.nearest in known
        and abs(facts.similarity - threshold) <= REACH
    ]
    pairs.sort(key=lambda pair: (pair.similarity, pair.image.image_id))
    below = [pair for pair in pairs if pair.similarity < threshold]
    return (*evenly(below, SHOWN), *evenly(pairs[len(below) :], SHOWN))
