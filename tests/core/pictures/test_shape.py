"""From the coded picture to the one that is shown."""

from fractions import Fraction

import cv2
import numpy as np
import pytest

from storyboard_ops.core.pictures.shape import oriented, shown, square_width, with_square_pixels

ONE = 1 << 16
#: A 2x3 picture whose pixels tell where they were.
CODED = np.arange(6, dtype=np.uint8).reshape(2, 3, 1).repeat(3, axis=2)


def matrix(a: int, b: int, c: int, d: int) -> tuple[int, ...]:
    return (a * ONE, b * ONE, 0, c * ONE, d * ONE, 0, 0, 0, 1 << 30)


@pytest.mark.parametrize(
    ("display", "shown"),
    [
        (None, [[0, 1, 2], [3, 4, 5]]),
        (matrix(1, 0, 0, 1), [[0, 1, 2], [3, 4, 5]]),
        (matrix(0, 1, -1, 0), [[3, 0], [4, 1], [5, 2]]),  # a phone held upright
        (matrix(-1, 0, 0, -1), [[5, 4, 3], [2, 1, 0]]),
        (matrix(0, -1, 1, 0), [[2, 5], [1, 4], [0, 3]]),
        (matrix(-1, 0, 0, 1), [[2, 1, 0], [5, 4, 3]]),  # mirrored, as selfie cameras do
        (matrix(1, 0, 0, -1), [[3, 4, 5], [0, 1, 2]]),
        (matrix(0, 1, 1, 0), [[0, 3], [1, 4], [2, 5]]),
        (matrix(0, -1, -1, 0), [[5, 2], [4, 1], [3, 0]]),
        (matrix(1, 1, -1, 1), [[0, 1, 2], [3, 4, 5]]),  # an eighth turn is left alone
    ],
)
def test_every_display_matrix(display, shown) -> None:
    assert oriented(CODED, display)[..., 0].tolist() == shown


@pytest.mark.parametrize(
    ("width", "aspect", "square"),
    [
        (720, Fraction(64, 45), 1024),  # PAL, 16:9
        (720, Fraction(8, 9), 640),  # NTSC, 4:3
        (360, Fraction(16, 9), 640),
        (427, Fraction(3824, 3843), 425),
        (1920, Fraction(1), 1920),
        (1920, None, 1920),
        (1920, Fraction(0), 1920),  # "unknown" in some containers
    ],
)
def test_square_width(width: int, aspect: Fraction | None, square: int) -> None:
    assert square_width(width, aspect) == square


def test_square_pixels_keep_the_height() -> None:
    assert with_square_pixels(CODED, Fraction(2)).shape == (2, 6, 3)
    assert with_square_pixels(CODED, None) is CODED


def test_a_picture_is_shown_with_its_light_its_pixels_and_its_turn() -> None:
    """Deep light is brought to 8 bits, pixels are made square before the picture is turned."""
    assert shown(CODED, None, None, None).tolist() == CODED.tolist()
    white = np.full((2, 3, 3), 65_535, np.uint16)
    bright = shown(white, "gamma", Fraction(2), matrix(0, 1, -1, 0))
    assert (bright.shape, bright.dtype, int(bright.min())) == ((6, 2, 3), np.uint8, 255)


@pytest.mark.parametrize(
    ("width", "aspect", "square"), [(1, Fraction(1, 9), 1), (720, Fraction(-1), 720)]
)
def test_a_picture_keeps_a_column_and_an_aspect_below_nothing_is_none(
    width: int, aspect: Fraction, square: int
) -> None:
    assert square_width(width, aspect) == square


def test_narrow_pixels_are_averaged_and_wide_ones_are_interpolated() -> None:
    stripes = np.zeros((1, 4, 3), np.uint8)
    stripes[:, 1::2] = 200
    assert with_square_pixels(stripes, Fraction(1, 2))[0, :, 0].tolist() == [100, 100]
    wide = cv2.resize(stripes, (8, 1), interpolation=cv2.INTER_CUBIC)
    assert np.array_equal(with_square_pixels(stripes, Fraction(2)), wide)
    assert with_square_pixels(CODED, Fraction(1)) is CODED
