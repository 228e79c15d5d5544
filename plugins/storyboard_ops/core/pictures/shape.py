"""Turn a coded picture into the displayed one: tone mapping, pixel aspect, orientation."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from storyboard_ops.core.pictures.arrays import Picture
from storyboard_ops.core.pictures.ground import lay_on_ground
from storyboard_ops.core.pictures.tone_map import DeepRows, to_standard
from storyboard_ops.domain.sampling.transfer import Transfer


def shown(
    rgb: npt.NDArray[Any] | DeepRows,
    transfer: Transfer | None,
    sample_aspect: Fraction | None,
    matrix: tuple[int, ...] | None,
    alpha: npt.NDArray[np.uint8] | None = None,
) -> Picture:
    """Convert a coded picture to the displayed one, (height, width, 3) uint8 RGB.

    ``rgb``: (height, width, 3), uint8, or uint16 BT.2020 where ``transfer`` names its transfer
    function. ``sample_aspect``: width of a pixel over its height. ``matrix``: see ``oriented``.
    ``alpha``: (height, width), None where nothing is transparent.
    """
    picture = np.asarray(rgb, dtype=np.uint8) if transfer is None else to_standard(rgb, transfer)
    if alpha is not None:
        picture = lay_on_ground(picture, alpha)
    return oriented(with_square_pixels(picture, sample_aspect), matrix)


def oriented(picture: Picture, matrix: tuple[int, ...] | None) -> Picture:
    """Rotate and mirror a picture by the film's display matrix.

    ``matrix``: the nine integers of the container's 3x3 matrix, row by row, 16.16 fixed point
    (ISO/IEC 14496-12, ``tkhd``); None for upright. Only quarter turns and mirrorings are applied;
    any other angle leaves the picture unchanged.
    """
    if matrix is None:
        return picture
    signs = tuple(np.sign(matrix[place]) for place in (0, 1, 3, 4))
    turn = _TURNS.get(signs)
    return picture if turn is None else np.ascontiguousarray(turn(picture))


#: By the signs of the matrix elements a, b, c, d: x' = a*x + c*y, y' = b*x + d*y, y downwards.
_TURNS = {
    (0, 1, -1, 0): lambda p: np.rot90(p, -1),
    (-1, 0, 0, -1): lambda p: np.rot90(p, 2),
    (0, -1, 1, 0): lambda p: np.rot90(p, 1),
    (-1, 0, 0, 1): lambda p: p[:, ::-1],
    (1, 0, 0, -1): lambda p: p[::-1],
    (0, 1, 1, 0): lambda p: p.swapaxes(0, 1),
    (0, -1, -1, 0): lambda p: np.rot90(p.swapaxes(0, 1), 2),
}


def square_width(width: int, sample_aspect: Fraction | None) -> int:
    """Return the width at which a coded picture of the same height has square pixels.

    >>> square_width(720, Fraction(64, 45))
    1024
    """
    if not sample_aspect or sample_aspect <= 0:
        return width
    return max(1, round(width * sample_aspect))


def with_square_pixels(picture: Picture, sample_aspect: Fraction | None) -> Picture:
    """Stretch a coded picture to square pixels; do this before it is rotated."""
    height, width = picture.shape[:2]
    wide = square_width(width, sample_aspect)
    if wide == width:
        return picture
    method = cv2.INTER_AREA if wide < width else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, (wide, height), interpolation=method), dtype=np.uint8)


def thumbnail(picture: Picture, width: int, height: int) -> Picture:
    """Shrink by averaging the area that each pixel covers; returns (height, width, 3)."""
    return np.asarray(
        cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8
    )
