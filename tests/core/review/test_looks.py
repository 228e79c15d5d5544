"""Looks: a picture that was coded again is known again, another frame of its shot is not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from storyboard_ops.core.pictures.codec import decode_rgb, encode_jpeg
from storyboard_ops.core.review.looks import Looks, look_of
from tests.material.drawn.figures import CAST, landscape, standing
from tests.material.factories import picture


def same(one: np.ndarray, other: np.ndarray) -> bool:
    return Looks([look_of(one)]).same_as(look_of(other)) == [0]


@pytest.mark.parametrize("quality", [95, 75, 50])
def test_coding_again_leaves_the_look(quality: int) -> None:
    shown, _ = standing(CAST[8], landscape(8, 1280, 720))
    assert same(shown, decode_rgb(encode_jpeg(shown, quality)))
    assert same(picture(3), decode_rgb(encode_jpeg(picture(3), quality)))


def test_closed_eyes_change_it() -> None:
    shown = picture(3)
    closed = shown.copy()
    dark = (shown.max(axis=2) < 60).astype(np.uint8)
    _, _, places, _ = cv2.connectedComponentsWithStats(dark)
    x, y, width, height, _ = min(places[1:], key=lambda place: place[4])
    closed[y - 4 : y + height + 4, x - 4 : x + width + 4] = 220
    assert not same(shown, closed)


def test_another_picture_and_a_shifted_one_look_different() -> None:
    shown = picture(3)
    assert not same(shown, picture(4))
    assert not same(shown, np.roll(shown, 12, axis=1))


def test_all_that_look_the_same_are_found() -> None:
    looks = Looks([look_of(picture(seed)) for seed in (1, 2, 1, 3)])
    assert looks.same_as(look_of(picture(1))) == [0, 2]
    assert looks.same_as(look_of(picture(9))) == []
    assert Looks([]).same_as(look_of(picture(1))) == []
