"""Transparent parts show one neutral ground, whatever is hidden under them."""

import numpy as np
import pytest

from storyboard_ops.core.pictures.transparency import GROUND, on_ground


@pytest.mark.parametrize("hidden", [(0, 0, 0), (0, 255, 0), (255, 255, 255), (1, 2, 3)])
def test_what_is_hidden_leaves_no_trace(hidden: tuple[int, int, int]) -> None:
    rgb = np.full((4, 6, 3), hidden, np.uint8)
    assert (on_ground(rgb, np.zeros((4, 6), np.uint8)) == GROUND).all()


def test_opaque_parts_are_unchanged() -> None:
    rgb = np.arange(256 * 3, dtype=np.int64).reshape(16, 16, 3).astype(np.uint8)
    assert np.array_equal(on_ground(rgb, np.full((16, 16), 255, np.uint8)), rgb)


def test_half_transparent_parts_are_between() -> None:
    rgb = np.array([[[0, 128, 255]]], np.uint8)
    for alpha in range(256):
        expected = [
            round((value * alpha + GROUND * (255 - alpha)) / 255) for value in rgb[0, 0].tolist()
        ]
        assert on_ground(rgb, np.array([[alpha]], np.uint8))[0, 0].tolist() == expected
