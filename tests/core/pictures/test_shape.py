"""From the coded picture to the one that is shown."""

from fractions import Fraction

import numpy as np
import pytest

from storyboard_ops.core.pictures.shape import oriented, square_width, with_square_pixels

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
