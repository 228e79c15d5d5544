"""Write the manifests that Custom Labels is trained and tested on.

Source: "Object localization in manifest files", Amazon Rekognition Custom Labels guide.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from storyboard_ops.core.pictures.pixel_rect import PixelRect
from storyboard_ops.domain.error_tree import ProductionError

T = TypeVar("T")

#: One in five pictures of a character is held out for the test, as Custom Labels itself splits.
TEST_EVERY = 5


@dataclass(frozen=True)
class LabelledPicture:
    """A picture in S3 that shows one character in one place."""

    uri: str
    width: int  # pixels
    height: int
    label: str
    box: PixelRect


def split_for_test(pictures: Mapping[str, Sequence[T]]) -> tuple[list[T], list[T]]:
    """Return the training and test pictures of every label, in order; each label is in both.

    The first pictures of a character are its best, so the last ones go to the test. Raises
    ProductionError for a character with a single picture.
    """
    training: list[T] = []
    test: list[T] = []
    for label, own in pictures.items():
        if len(own) < 2:
            raise ProductionError(
                f"Character {label!r} has {len(own)} reference picture; Custom Labels needs 2 or "
                "more, to train on and to test with. Add one, or leave custom_labels out of the "
                "parameter detectors."
            )
        kept_back = -(-len(own) // TEST_EVERY)
        training += own[:-kept_back]
        test += own[-kept_back:]
    return training, test


def manifest_text(pictures: Iterable[LabelledPicture], created_at: str) -> str:
    """Write one JSON line per picture; ``created_at`` is in UTC, like ``2026-11-23T08:00:00``."""
    listed = list(pictures)
    names = sorted({picture.label for picture in listed})
    return "".join(f"{json.dumps(_line(one, names, created_at))}\n" for one in listed)


def _line(picture: LabelledPicture, names: Sequence[str], created_at: str) -> dict[str, object]:
    box = picture.box
    return {
        "source-ref": picture.uri,
        "bounding-box": {
            "image_size": [{"width": picture.width, "height": picture.height, "depth": 3}],
            "annotations": [
                {
                    "class_id": names.index(picture.label),
                    "left": box.left,
                    "top": box.top,
                    "width": box.width,
                    "height": box.height,
                }
            ],
        },
        "bounding-box-metadata": {
            "objects": [{"confidence": 1}],
            "class-map": {str(number): name for number, name in enumerate(names)},
            "type": "groundtruth/object-detection",
            "human-annotated": "yes",
            "creation-date": created_at,
            "job-name": "storyboard-references",
        },
    }
