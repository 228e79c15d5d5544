"""A crop that a reviewer has corrected: its pixels are the frame's, and its facts are new."""

from __future__ import annotations

import numpy as np
import pytest

from storyboard_ops.core.dataset.crop_geometry import cut_fault, least_cut_side
from storyboard_ops.core.dataset.crops import Crop
from storyboard_ops.core.dataset.recut import recut
from storyboard_ops.core.pictures.codec import decode_rgb
from storyboard_ops.domain.image_records import Box, Drop
from storyboard_ops.domain.review.corrected_cut import CutBox
from tests.material.factories import detection, image, picture

FRAME = picture(1, 1280, 720)
BRAM = detection("bram", box=Box(x=0.5, y=0.5, w=0.25, h=0.5))


def cut(left: int, top: int, width: int, height: int) -> CutBox:
    return CutBox(left=left, top=top, width=width, height=height)


def made(box: CutBox, most: float = 1.5) -> Crop | Drop:
    return recut(FRAME, image(1), box, [detection(), BRAM], max_enlargement=most, by="ben")


def test_the_pixels_are_those_of_the_frame() -> None:
    crop = made(cut(640, 120, 600, 560))
    assert isinstance(crop, Crop)
    assert np.array_equal(decode_rgb(crop.png), FRAME[120:680, 640:1240])
    assert (crop.width, crop.height, crop.facts.enlargement) == (600, 560, 1.0)
    assert crop.facts.overlap == {"bram": 0.8889}
    corrected = crop.facts.corrected
    assert corrected is not None
    assert (corrected.by, str(corrected.before)) == ("ben", "300,100,512,640")
    assert corrected.image_id == image(1).image_id
    assert crop.facts.detection == image(1).crop.detection


def test_a_small_cut_is_enlarged_as_far_as_the_run_allows() -> None:
    crop = made(cut(0, 0, 400, 342))
    assert isinstance(crop, Crop)
    assert (crop.width, crop.height) == (598, 512)
    assert crop.facts.enlargement == pytest.approx(512 / 342)


@pytest.mark.parametrize(
    ("box", "why"),
    [
        (cut(0, 0, 400, 341), "The crop has 400 x 341 px; each side must be at least 342 px"),
        (cut(900, 0, 400, 400), "The crop is not inside the frame of 1280 x 720 px"),
        (cut(0, 400, 400, 400), "The crop is not inside the frame of 1280 x 720 px"),
    ],
)
def test_a_cut_that_no_trainer_takes_gives_its_reason(box: CutBox, why: str) -> None:
    drop = made(box)
    assert isinstance(drop, Drop)
    assert (drop.stage, drop.reason, drop.detail) == ("review", "cut unusable", f"{why}.")


@pytest.mark.parametrize(("most", "least"), [(1.0, 512), (1.5, 342), (8.0, 64)])
def test_the_shortest_side_follows_the_largest_enlargement(most: float, least: int) -> None:
    assert least_cut_side(most) == least
    assert cut_fault(cut(0, 0, least, least), (1280, 720), most) == ""
    assert cut_fault(cut(0, 0, least - 1, least), (1280, 720), most)


def test_a_band_longer_than_four_to_one_is_refused() -> None:
    assert cut_fault(cut(0, 0, 1200, 300), (1280, 720), 2.0) == ""
    fault = cut_fault(cut(0, 0, 1201, 300), (1280, 720), 2.0)
    assert fault.endswith("a side may be at most 4 times as long as the other")


def test_a_cut_is_the_same_part_of_a_frame_of_another_size() -> None:
    whole = cut(0, 0, 1280, 720)
    assert str(whole.scaled((1280, 720), (1920, 1080))) == "0,0,1920,1080"
    assert str(cut(640, 120, 600, 560).scaled((1280, 720), (640, 360))) == "320,60,300,280"
