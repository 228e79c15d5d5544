"""Manifests for Custom Labels: the documented lines, and tests on what was not trained on."""

from __future__ import annotations

import json

import pytest

from storyboard_ops.core.detection.label_manifest import (
    LabelledPicture,
    manifest_text,
    split_for_test,
)
from storyboard_ops.core.pictures.pixel_rect import PixelRect
from storyboard_ops.domain.error_tree import ProductionError

WHEN = "2026-11-23T08:00:00"


def test_a_line_is_as_the_guide_documents_it():
    pictures = [
        LabelledPicture("s3://b/1.png", 274, 416, "pell", PixelRect(81, 23, 112, 370)),
        LabelledPicture("s3://b/2.png", 300, 300, "mira", PixelRect(0, 0, 300, 300)),
    ]
    first, second = map(json.loads, manifest_text(pictures, WHEN).splitlines())
    assert first == {
        "source-ref": "s3://b/1.png",
        "bounding-box": {
            "image_size": [{"width": 274, "height": 416, "depth": 3}],
            "annotations": [{"class_id": 1, "left": 81, "top": 23, "width": 112, "height": 370}],
        },
        "bounding-box-metadata": {
            "objects": [{"confidence": 1}],
            "class-map": {"0": "mira", "1": "pell"},
            "type": "groundtruth/object-detection",
            "human-annotated": "yes",
            "creation-date": WHEN,
            "job-name": "storyboard-references",
        },
    }
    assert second["bounding-box"]["annotations"][0]["class_id"] == 0


@pytest.mark.parametrize(("count", "in_training"), [(2, 1), (3, 2), (5, 4), (6, 4), (10, 8)])
def test_every_fifth_picture_from_the_end_is_kept_for_the_test(count, in_training):
    shown = {"mira": list(range(count)), "pell": ["a", "b"]}
    training, test = split_for_test(shown)
    assert training == [*range(in_training), "a"]
    assert test == [*range(in_training, count), "b"]


def test_a_single_picture_cannot_be_split():
    with pytest.raises(ProductionError, match="Character 'pell' has 1 reference picture"):
        split_for_test({"mira": [1, 2], "pell": [3]})
