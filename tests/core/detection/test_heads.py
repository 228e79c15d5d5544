"""Where the head of a detected character is, and when that is not known."""

from __future__ import annotations

import pytest

from storyboard_ops.core.detection.heads import HeadPlace, head_place
from storyboard_ops.core.pictures.pixel_rect import PixelRect
from storyboard_ops.domain.image_records import Box
from tests.material.factories import detection

FRAME = (1000, 1000)


@pytest.mark.parametrize(("height", "stands"), [(159, False), (160, True)])
def test_a_figure_stands_from_1_6_times_as_high_as_wide(height: int, stands: bool) -> None:
    found = head_place(detection(), PixelRect(50, 60, 100, height), FRAME)
    assert isinstance(found, HeadPlace) == stands


def test_the_upper_third_of_a_standing_figure_is_its_head() -> None:
    place = HeadPlace(PixelRect(50, 60, 100, 100), "proportion")
    assert head_place(detection(), PixelRect(50, 60, 100, 300), FRAME) == place
    assert head_place(detection(), PixelRect(0, 0, 1, 2), FRAME) == HeadPlace(
        PixelRect(0, 0, 1, 1), "proportion"
    )


def test_a_head_reaches_half_a_face_above_one_below_and_three_quarters_beside_it() -> None:
    seen = detection(face=Box(x=0.5, y=0.5, w=0.04, h=0.06))
    place = HeadPlace(PixelRect(470, 470, 100, 150), "face")
    assert head_place(seen, PixelRect(0, 0, 10, 10), FRAME) == place
