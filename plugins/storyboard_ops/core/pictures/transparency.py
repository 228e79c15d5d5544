"""Lay pictures with transparent parts on one neutral ground."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from storyboard_ops.core.pictures.arrays import Picture

#: Grey level of the ground, of 255: middle grey, on which neither dark nor light lines vanish.
GROUND = 128


def on_ground(rgb: Picture, alpha: npt.NDArray[np.uint8]) -> Picture:
    """Blend a picture, (height, width, 3), with the ground by its alpha, (height, width).

    Colours are straight, not premultiplied. What is hidden under alpha 0 leaves no trace.
    """
    share = alpha[..., None].astype(np.uint16)
    blended = rgb * share + np.uint16(GROUND) * (255 - share)
    return ((blended + 127) // 255).astype(np.uint8)
