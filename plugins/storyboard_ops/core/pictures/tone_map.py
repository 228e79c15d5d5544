"""Tone-map HDR and wide-gamut pictures to 8-bit BT.709, as a standard screen shows them.

Sources: SMPTE ST 2084 (PQ), ITU-R BT.2100 (HLG and its OOTF for a 1,000 cd/m2 screen), BT.2087
(BT.2020 to BT.709 primaries), BT.2408 (HDR reference white is 203 cd/m2), BT.1886 (gamma 2.4).
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from storyboard_ops.core.pictures.arrays import Picture
from storyboard_ops.domain.sampling.transfer import Transfer

Deep = npt.NDArray[np.uint16]  # (height, width, 3), R'G'B' as coded, 0..65535
Light = npt.NDArray[np.float32]  # linear light, 1.0 = reference white


class DeepRows(Protocol):
    """Rows of a deep picture: an array, or an object that converts rows on demand."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(height, width, 3)."""
        ...

    def __getitem__(self, rows: slice, /) -> Deep: ...


REFERENCE_WHITE = 203.0  # cd/m2, BT.2408
PEAK = 1000.0  # cd/m2: brighter light is white
KNEE = 0.7  # of reference white: below it the picture keeps its brightness
SCREEN_GAMMA = 2.4  # BT.1886
#: Pixels converted at a time: linear light takes several times 12 bytes per pixel.
BAND = 128 * 1024

#: BT.2087, annex 2: linear BT.2020 to linear BT.709.
BT2020_TO_BT709 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]],
    dtype=np.float32,
)
_HLG_LUMA = np.array([0.2627, 0.6780, 0.0593], dtype=np.float32)


def to_standard(deep: DeepRows, transfer: Transfer) -> Picture:
    """Convert a BT.2020 picture to BT.709 at 8 bits.

    Light up to 0.7 of reference white keeps its brightness; brighter light is rolled off so that
    1,000 cd/m2 becomes white. The roll-off acts on the largest component, which preserves hues.
    Pixels are independent, so a large picture is converted in bands of rows.
    """
    height, width, _ = deep.shape
    rows = max(1, BAND // width)
    picture = np.empty(deep.shape, dtype=np.uint8)
    for top in range(0, height, rows):
        picture[top : top + rows] = _band_to_standard(deep[top : top + rows], transfer)
    return picture


def _band_to_standard(deep: Deep, transfer: Transfer) -> Picture:
    light = _linear_light(deep, transfer) @ BT2020_TO_BT709.T
    np.maximum(light, 0, out=light)
    if transfer != "gamma":
        light *= _roll_off(light.max(axis=2, keepdims=True))
    np.minimum(light, 1, out=light)
    coded: Picture = np.rint(255 * light ** np.float32(1 / SCREEN_GAMMA)).astype(np.uint8)
    return coded


def _linear_light(deep: Deep, transfer: Transfer) -> Light:
    light = _CURVES[transfer][deep]
    if transfer != "hlg":
        return light
    # The OOTF maps scene light to light on a 1,000 cd/m2 screen (system gamma 1.2).
    luma = np.maximum(light @ _HLG_LUMA, 1e-6)[..., None]
    on_screen: Light = light * luma ** np.float32(0.2) * np.float32(PEAK / REFERENCE_WHITE)
    return on_screen


def _roll_off(brightest: Light) -> Light:
    """Return the gain per pixel: 1 below the knee, above it a smooth shoulder to the peak."""
    over = np.maximum(brightest - KNEE, 0) / (1 - KNEE)
    full = (PEAK / REFERENCE_WHITE - KNEE) / (1 - KNEE)
    shoulder = KNEE + (1 - KNEE) * over * (1 + over / full**2) / (1 + over)
    return np.where(brightest > KNEE, shoulder / np.maximum(brightest, KNEE), 1).astype(np.float32)


def _pq_curve() -> Light:
    m1, m2 = 2610 / 16384, 2523 / 4096 * 128
    c1, c2, c3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
    power = np.linspace(0, 1, 65536) ** (1 / m2)
    nits = 10_000 * (np.maximum(power - c1, 0) / (c2 - c3 * power)) ** (1 / m1)
    return (nits / REFERENCE_WHITE).astype(np.float32)


def _hlg_curve() -> Light:
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    signal = np.linspace(0, 1, 65536)
    scene = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12)
    return scene.astype(np.float32)


_CURVES: dict[Transfer, Light] = {
    "pq": _pq_curve(),
    "hlg": _hlg_curve(),
    "gamma": (np.linspace(0, 1, 65536) ** SCREEN_GAMMA).astype(np.float32),
}
