"""Transfer functions of wide-gamut pictures."""

from __future__ import annotations

from typing import Literal

#: SMPTE ST 2084, ITU-R BT.2100 hybrid log-gamma, or the gamma of BT.2020.
Transfer = Literal["pq", "hlg", "gamma"]
