"""What the other samples of a shot say of a picture: blurred, a small part, a double exposure."""

from __future__ import annotations

from typing import Any

import pytest

from storyboard_ops.core.dataset.shot_comparison import compare_in_shots
from storyboard_ops.domain.image_records import (
    Box,
    CropDrop,
    Frame,
    FrameScores,
    ImageRecord,
)
from tests.material.factories import detection, frame, image

BODY = Box(x=0.3, y=0.1, w=0.2, h=0.8)


def pictured(
    k: int, sharp: float = 100, box: Box = BODY, shot: int = 0, sample: float = 180, **facts: Any
) -> ImageRecord:
    """A picture of sample k, cut from a shot whose samples are as sharp as usual."""
    scores = FrameScores(luma=0.4, contrast=0.2, sharpness=sample)
    record = image(k, frame=frame(k, shot=shot, scores=scores))
    known = {"figure_sharpness": sharp, "detection": detection(box=box)}
    return record.model_copy(update={"crop": record.crop.model_copy(update=known | facts)})


def compared(*images: ImageRecord, mixed: tuple[str, ...] = ()) -> list[str]:
    """What becomes of every picture: why it is left out or asked about; "" where it is kept."""
    frames: dict[str, Frame] = {one.frame.uri: one.frame for one in images}
    found = compare_in_shots(images, frames.values(), mixed)
    return [one.drop.reason if isinstance(one, CropDrop) else one.unsure for one in found]


@pytest.mark.parametrize(
    ("sharpness", "reasons"),
    [
        ([100, 100, 100], ["", "", ""]),
        ([100, 10, 100], ["", "blurred", ""]),
        ([100, 34], ["", "blurred"]),
        ([100, 36], ["", ""]),
        ([100], [""]),
        ([5, 5, 5, 5], ["", "", "", ""]),  # the whole shot is soft
        ([5, 5, 5, 200], ["", "", "", ""]),
        ([100, 90, 20, 10], ["", "", "blurred", "blurred"]),
        ([0, 0, 0], ["", "", ""]),
        ([0, 80, 90], ["blurred", "", ""]),
        ([60, 100, 170], ["", "", ""]),
        ([3, 100, 170, 4, 120], ["blurred", "", "", "blurred", ""]),
    ],
)
def test_a_picture_far_blurrier_than_the_others_of_its_shot_is_left_out(
    sharpness: list[float], reasons: list[str]
) -> None:
    assert compared(*(pictured(k, value) for k, value in enumerate(sharpness))) == reasons


def test_pictures_of_other_shots_characters_and_parts_are_not_compared() -> None:
    soft = pictured(0, 5)
    others = [pictured(4, shot=4), pictured(1, part="head")]
    bram = pictured(2).model_copy(update={"character": "bram"})
    assert compared(soft, *others, bram) == [""] * 4


def test_without_other_pictures_the_samples_of_the_shot_are_compared() -> None:
    lone = pictured(0, 5, sample=20)
    others = [pictured(k).model_copy(update={"character": "bram"}) for k in (1, 2)]
    assert compared(lone, *others) == ["blurred", "", ""]
    assert compared(lone, others[0]) == ["", ""]  # too few


def test_the_record_says_how_sharp_a_picture_is_against_its_shot() -> None:
    images = [pictured(0, 60), pictured(1, 100), pictured(2, 200)]
    found = compare_in_shots(images, [one.frame for one in images], ())
    shares = [one.crop.against_shot for one in found if isinstance(one, ImageRecord)]
    assert shares == pytest.approx([60 / 150, 100 / 130, 200 / 80], abs=1e-4)


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ({"seen": 1.0}, False),
        ({"seen": 0.5}, False),
        ({"seen": 0.49}, True),
        ({"seen": 0.1}, True),
        ({"box": Box(x=0, y=0.1, w=0.03, h=0.6), "touches_edge": True}, True),
        ({"box": Box(x=0, y=0.1, w=0.06, h=0.8), "touches_edge": True}, False),
        ({"box": Box(x=0.97, y=0.5, w=0.03, h=0.2), "touches_edge": True}, True),
        ({"box": Box(x=0.4, y=0.4, w=0.08, h=0.32)}, False),  # further away
        ({"box": Box(x=0.4, y=0.4, w=0.05, h=0.15)}, True),  # an arm behind a door
        ({"box": Box(x=0.01, y=0.01, w=0.9, h=0.9)}, False),
    ],
)
def test_people_are_asked_about_a_small_part_of_a_figure(
    changes: dict[str, Any], asked: bool
) -> None:
    others = [pictured(k) for k in (1, 2, 3)]
    (verdict, *rest) = compared(pictured(0, **changes), *others)
    assert ("of the figure seems to be in the picture" in verdict) == asked
    assert rest == [""] * 3


def test_a_doubt_is_added_to_an_earlier_one() -> None:
    weak = pictured(0, seen=0.2).model_copy(update={"unsure": "confidence 0.50 is below 0.60"})
    assert compared(weak) == [
        "confidence 0.50 is below 0.60; only about 20 % of the figure seems to be in the picture"
    ]


def test_a_double_exposure_is_left_out_and_nothing_is_compared_with_it() -> None:
    ghost = pictured(1, 5)
    images = [pictured(0, 40), ghost, pictured(2, 50)]
    assert compared(*images, mixed=(ghost.frame.uri,)) == ["", "double exposure", ""]
