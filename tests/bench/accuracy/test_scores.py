"""Accuracy figures of frames whose answers are worked out by hand."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from bench.accuracy.scores import (
    Judged,
    Rect,
    Sighting,
    contains_centre,
    cover,
    judge,
    overlap,
    score,
    shows_head,
)

LEFT_HALF: Rect = (0.0, 0.0, 0.5, 1.0)
RIGHT_HALF: Rect = (0.5, 0.0, 1.0, 1.0)
WHOLE: Rect = (0.0, 0.0, 1.0, 1.0)
UPPER: Rect = (0.0, 0.0, 0.5, 0.4)
LOWER: Rect = (0.0, 0.1, 0.5, 0.5)
ENTRY = {
    "t": 3,
    "ignore": False,
    "characters": [
        {"id": "mira", "box": [0.0, 0.0, 0.5, 1.0]},
        {"id": "bram", "box": [0.5, 0.0, 0.5, 1.0], "ambiguous": True},
    ],
}


@pytest.mark.parametrize(
    ("a", "b", "iou", "share_of_a"),
    [
        (LEFT_HALF, LEFT_HALF, 1.0, 1.0),
        (LEFT_HALF, RIGHT_HALF, 0.0, 0.0),
        (LEFT_HALF, WHOLE, 0.5, 1.0),
        (WHOLE, LEFT_HALF, 0.5, 0.5),
        ((0.0, 0.0, 0.4, 0.4), (0.2, 0.2, 0.6, 0.6), 0.04 / 0.28, 0.25),
    ],
)
def test_overlap_and_cover(a: Rect, b: Rect, iou: float, share_of_a: float) -> None:
    assert overlap(a, b) == pytest.approx(iou)
    assert cover(a, b) == pytest.approx(share_of_a)


@pytest.mark.parametrize(
    ("outer", "holds"), [(WHOLE, True), (RIGHT_HALF, False), ((0.2, 0.4, 0.3, 0.6), True)]
)
def test_a_crop_is_right_when_it_contains_the_centre_of_the_character(
    outer: Rect, holds: bool
) -> None:
    assert contains_centre(outer, LEFT_HALF) is holds


def test_the_most_confident_detection_counts_and_every_crop() -> None:
    seen = [
        Sighting("mira", 0.6, RIGHT_HALF, RIGHT_HALF),
        Sighting("mira", 0.9, LEFT_HALF, WHOLE),
        Sighting("pip", 0.99, WHOLE, WHOLE),
    ]
    assert judge(ENTRY, "mira", seen) == Judged(LEFT_HALF, LEFT_HALF, (WHOLE, RIGHT_HALF))


def test_heads_and_sharpness_are_those_of_all_detections() -> None:
    seen = [
        Sighting("mira", 0.6, WHOLE, WHOLE, heads=(UPPER,), sharpness=0.8),
        Sighting("mira", 0.9, WHOLE, WHOLE, heads=(LOWER, UPPER)),
    ]
    judged = judge(ENTRY, "mira", seen)
    assert judged is not None
    assert (judged.heads, judged.sharpness) == ((LOWER, UPPER, UPPER), (0.8,))


@pytest.mark.parametrize(
    ("crop", "whole"),
    [
        (WHOLE, True),
        (UPPER, True),
        (LOWER, False),
        (RIGHT_HALF, False),
        ((0.1, 0.01, 0.4, 0.2), True),  # boxes are accurate to some hundredths
        ((0.1, 0.03, 0.4, 0.2), False),
        ((0.0, 0.0, 0.3, 0.3), False),  # half of the face
    ],
)
def test_a_head_is_whole_when_the_top_of_the_box_is_inside(crop: Rect, whole: bool) -> None:
    assert shows_head(crop, LEFT_HALF) is whole


def test_a_detection_may_have_no_crop() -> None:
    assert judge(ENTRY, "mira", [Sighting("mira", 0.9, WHOLE)]) == Judged(LEFT_HALF, WHOLE)


def test_an_ambiguous_character_is_not_judged() -> None:
    assert judge(ENTRY, "bram", [Sighting("bram", 0.9, RIGHT_HALF)]) is None


def test_a_character_that_is_not_in_the_frame_has_no_truth() -> None:
    assert judge(ENTRY, "pip", []) == Judged(None, None)


def test_precision_recall_and_crops_of_four_frames() -> None:
    figures = score(
        [
            # Right, and half of the crop is the character; a head.
            Judged(LEFT_HALF, LEFT_HALF, (WHOLE,), heads=(UPPER,), sharpness=(1.2,)),
            # Right, but the crop misses it.
            Judged(LEFT_HALF, WHOLE, (RIGHT_HALF,), heads=(LOWER,), sharpness=(0.6,)),
            Judged(LEFT_HALF, None),  # missed
            Judged(None, WHOLE, (WHOLE,), heads=(UPPER,)),  # nobody is there
            Judged(None, None),
        ]
    )
    assert asdict(figures) == pytest.approx(
        {
            "present": 3,
            "found": 3,
            "correct": 2,
            "precision": 2 / 3,
            "recall": 2 / 3,
            "box_iou": 0.75,
            "crops": 3,
            "crops_right": 1 / 3,
            "crop_cover": 0.5,
            "crop_iou": 0.25,
            "head_whole": 0.5,
            "sharpness": 0.9,
            "heads": 3,
            "heads_right": 1 / 3,
        }
    )


def test_nothing_to_divide_by_gives_no_figure() -> None:
    figures = score([Judged(None, None)])
    assert (figures.present, figures.found, figures.crops) == (0, 0, 0)
    assert figures.precision is figures.recall is figures.box_iou is figures.crops_right is None
