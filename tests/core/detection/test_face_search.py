"""Faces in pictures of one figure: drawn and photographed ones, and pictures without."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from storyboard_ops.core.detection.face_search import find_face
from storyboard_ops.core.pictures.pixel_rect import PixelRect, pixels_of
from tests.material.drawn.faces import ANA, BEN, face
from tests.material.drawn.figures import CAST, Figure, Picture, landscape, standing


def upper_half(figure: Figure, number: int) -> Picture:
    """The upper half of the figure's box."""
    picture, box = standing(figure, landscape(number))
    place = pixels_of(box, picture.shape[1], picture.shape[0])
    return picture[place.top : place.top + place.height // 2, place.left : place.right]


@pytest.mark.parametrize("number", range(len(CAST)))
def test_a_drawn_face_is_found_from_brow_to_chin(number: int) -> None:
    figure = CAST[number]
    seen = upper_half(figure, number)
    found = find_face(seen)
    head = figure.head * 2 * seen.shape[0]
    assert found is not None
    assert found.top < 0.5 * head  # above the eyes
    assert 0.8 * head < found.bottom < 1.15 * head  # below the mouth
    assert found.left < seen.shape[1] / 2 < found.right


@pytest.mark.parametrize("number", range(len(CAST)))
def test_the_back_of_a_head_has_no_face(number: int) -> None:
    assert find_face(upper_half(replace(CAST[number], eyes=False), number)) is None


@pytest.mark.parametrize("number", range(len(CAST)))
def test_no_face_is_found_in_a_landscape(number: int) -> None:
    assert find_face(landscape(number, 480, 640)) is None


@pytest.mark.parametrize("look", [ANA, BEN], ids=["ana", "ben"])
@pytest.mark.parametrize("side", [90, 240, 600])
def test_a_face_as_a_camera_sees_it_is_found_in_any_size(side: int, look: object) -> None:
    found = find_face(face(look, side))  # type: ignore[arg-type]
    assert found is not None
    assert found.intersection(PixelRect(0, 0, side, side)).area > 0.1 * side * side


@pytest.mark.parametrize("angle", [-12, 12])
def test_a_head_may_be_tilted(angle: int) -> None:
    seen = upper_half(CAST[1], 1)
    centre = (seen.shape[1] / 2, seen.shape[0] / 2)
    turned = cv2.warpAffine(
        seen, cv2.getRotationMatrix2D(centre, angle, 1), seen.shape[1::-1], borderValue=(200,) * 3
    )
    assert find_face(np.asarray(turned, np.uint8)) is not None


@pytest.mark.parametrize("shape", [(1, 1), (3, 900), (900, 3), (24, 24), (30, 400)])
def test_tiny_and_narrow_pictures_have_no_face_and_do_no_harm(shape: tuple[int, int]) -> None:
    assert find_face(np.full((*shape, 3), 90, np.uint8)) is None
