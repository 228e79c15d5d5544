"""Where the head of a detected character is, and when that is not known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from storyboard_ops.core.detection.heads import HeadPlace, head_place
from storyboard_ops.core.pictures.pixel_rect import PixelRect, pixels_of
from storyboard_ops.domain.image_records import Box
from tests.material.drawn.figures import CAST, Figure, landscape, mouth_of, standing
from tests.material.factories import detection

FRAME = np.full((1000, 1000, 3), 128, np.uint8)


def place_of(figure: Figure, number: int) -> HeadPlace | str:
    frame, box = standing(figure, landscape(number))
    return head_place(detection(box=box), pixels_of(box, 960, 720), frame)


@pytest.mark.parametrize("number", range(len(CAST)))
def test_a_head_by_proportion_holds_the_whole_face(number: int) -> None:
    """An adult's face is in the upper third of the figure; a child's reaches below it."""
    _, box = standing(CAST[number], landscape(number))
    place = place_of(CAST[number], number)
    assert isinstance(place, HeadPlace)
    assert place.known_from == "proportion"
    assert place.rect.bottom > 720 * mouth_of(CAST[number], box) + 5
    assert place.rect.height >= round(720 * box.h / 3)
    assert place.rect.height <= 0.62 * 720 * box.h


@pytest.mark.parametrize("number", range(len(CAST)))
def test_a_head_without_a_face_is_left_out(number: int) -> None:
    """The back of a head, and a figure whose head is beyond the box."""
    assert place_of(replace(CAST[number], eyes=False), number) == (
        "no face was found where the head of a standing figure is"
    )
    frame, box = standing(CAST[number], landscape(number))
    whole = pixels_of(box, 960, 720)
    headless = PixelRect(
        whole.left, whole.top + round(CAST[number].head * whole.height), whole.width, whole.height
    )
    headless = headless.intersection(PixelRect(0, 0, 960, 720))
    assert isinstance(head_place(detection(box=box), headless, frame), str)


@pytest.mark.parametrize(
    ("height", "reason"), [(159, "does not stand"), (160, "no face was found")]
)
def test_a_figure_stands_from_1_6_times_as_high_as_wide(height: int, reason: str) -> None:
    found = head_place(detection(), PixelRect(50, 60, 100, height), FRAME)
    assert isinstance(found, str)
    assert reason in found.replace("no face was found, and the figure ", "")


def test_a_place_of_one_pixel_has_no_head() -> None:
    assert isinstance(head_place(detection(), PixelRect(0, 0, 1, 2), FRAME), str)


def test_a_head_reaches_half_a_face_above_one_below_and_three_quarters_beside_it() -> None:
    seen = detection(face=Box(x=0.5, y=0.5, w=0.04, h=0.06))
    place = HeadPlace(PixelRect(470, 470, 100, 150), "face")
    assert head_place(seen, PixelRect(0, 0, 10, 10), FRAME) == place
