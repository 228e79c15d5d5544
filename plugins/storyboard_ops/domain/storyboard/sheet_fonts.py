"""Families of fonts in which the sheets of a storyboard are set, and their letters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

LATIN, SIGNS = "Noto Sans", "DejaVu Sans"
#: Families of one file that share its letters and differ in the shapes of Chinese characters.
CJK_FAMILIES = {
    "zh-CN": "Noto Sans CJK SC",
    "zh-TW": "Noto Sans CJK TC",
    "ja": "Noto Sans CJK JP",
    "ko": "Noto Sans CJK KR",
}
Coverage = Mapping[str, frozenset[int]]  # code points by family


class Fonts(NamedTuple):
    """Families and their letters: those of the product's packages, and what the system adds."""

    packaged: Coverage
    system: Coverage
