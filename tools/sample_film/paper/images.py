"""The two kinds of pictures that the drawing works on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ByteImage = NDArray[np.uint8]  # 0..255
FloatImage = NDArray[np.float32]  # 0..1
