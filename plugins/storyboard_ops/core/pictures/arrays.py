"""What arrays of pixels mean: shape, range and order of colours."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]  # (height, width, 3), RGB, 0..255
BgrPicture = npt.NDArray[np.uint8]  # (height, width, 3), BGR as OpenCV has it, 0..255
Luma = npt.NDArray[np.uint8]  # (height, width), 0..255
