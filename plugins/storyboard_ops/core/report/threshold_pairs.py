"""Choose pairs of pictures on both sides of the near-duplicate threshold, to set it by eye.

The meaning of a cosine depends on the film and the model. Each pair is a picture and the most
similar better one; below the threshold both were kept, from the threshold on only the better one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from storyboard_ops.core.dataset.duplicates.picture_hash import HASH_MODEL
from storyboard_ops.core.report.even_choice import evenly
from storyboard_ops.domain.image_records import ImageRecord

#: Pairs shown on each side.
SHOWN = 6
#: Largest distance of a shown cosine from the threshold.
REACH = 0.12


@dataclass(frozen=True)
class ThresholdPair:
    """A picture, the most similar better one, and their cosine."""

    image: ImageRecord
    better: ImageRecord
    similarity: float


def threshold_pairs(images: Iterable[ImageRecord], threshold: float) -> tuple[ThresholdPair, ...]:
    """Choose at most ``SHOWN`` pairs per side, spread over those in reach, by ascending similarity.

    Copies found by a hash are excluded: the threshold of the cosine does not affect them.
    """
    known = {image.first_id: image for image in images}
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
