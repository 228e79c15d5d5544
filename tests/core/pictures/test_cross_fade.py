"""Double exposures of cross-fades, told from movement, changing light, cuts and fades to black."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from storyboard_ops.core.pictures.cross_fade import is_double_exposure, look
from tests.material.drawn.figures import CAST, Picture, landscape, standing
from tests.material.film_pictures import frame_at

#: Seconds of the sample film in ten different shots or takes.
SECONDS = (2, 10, 19, 29, 33, 42, 46, 50, 56, 61)


def judged(before: Picture, here: Picture, after: Picture) -> bool:
    return is_double_exposure(look(before), look(here), look(after))


def mixture(one: Picture, other: Picture, share: float) -> Picture:
    return cv2.addWeighted(one, share, other, 1 - share, 0).astype(np.uint8)


def pan(number: int, shift: int) -> Picture:
    """A view of a wide landscape with a figure that walks against the movement of the camera."""
    wide, _ = standing(CAST[number], landscape(number, 2400, 720), middle=0.5 - shift / 4800)
    return wide[:, 600 + shift : 1560 + shift]


@pytest.mark.parametrize("number", range(10))
@pytest.mark.parametrize("share", [0.3, 0.5, 0.7])
def test_the_middle_of_a_cross_fade_is_one(number: int, share: float) -> None:
    one, other = frame_at(SECONDS[number]), frame_at(SECONDS[(number + 3) % 10])
    assert judged(one, mixture(one, other, share), other)


@pytest.mark.parametrize("number", range(10))
def test_both_shots_may_move_in_a_cross_fade(number: int) -> None:
    """The samples before and after are half a second away, in which figures walk."""
    first, second = number, (number + 4) % 10
    middle = mixture(pan(first, 30), pan(second, -30), 0.5)
    assert judged(pan(first, 0), middle, pan(second, 0))


@pytest.mark.parametrize("number", range(10))
def test_a_camera_and_a_figure_that_move_are_none(number: int) -> None:
    for step in (20, 60, 150, 300):
        assert not judged(pan(number, -step), pan(number, 0), pan(number, step))


@pytest.mark.parametrize("number", range(10))
def test_a_light_that_changes_is_none(number: int) -> None:
    frame = frame_at(SECONDS[number])
    dim, dark = ((frame * share).astype(np.uint8) for share in (0.6, 0.3))
    assert not judged(frame, dim, dark)


@pytest.mark.parametrize("number", range(10))
@pytest.mark.parametrize("level", [0, 255])
def test_a_fade_to_black_or_white_is_none(number: int, level: int) -> None:
    frame = frame_at(SECONDS[number])
    plain = np.full_like(frame, level)
    assert not judged(frame, mixture(frame, plain, 0.5), plain)
    assert not judged(plain, mixture(frame, plain, 0.5), frame)


@pytest.mark.parametrize("number", range(10))
def test_a_cut_is_none(number: int) -> None:
    one, other, third = (frame_at(SECONDS[(number + step) % 10]) for step in (0, 3, 6))
    assert not judged(one, other, third)
    assert not judged(one, one, other)
    assert not judged(one, other, other)


@pytest.mark.parametrize("share", [0.05, 0.1, 0.9, 0.95])
def test_a_trace_of_the_other_shot_is_none(share: float) -> None:
    one, other = frame_at(10), frame_at(33)
    assert not judged(one, mixture(one, other, share), other)


@pytest.mark.parametrize("shape", [(1, 1), (2, 700), (500, 3)])
def test_tiny_pictures_are_none(shape: tuple[int, int]) -> None:
    dice = np.random.default_rng(1)
    pictures = [dice.integers(0, 256, (*shape, 3), np.uint8) for _ in range(3)]
    assert judged(*pictures) in (True, False)
    assert not judged(pictures[0], pictures[0], pictures[0])
