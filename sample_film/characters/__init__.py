"""The cast. Each character is one file that draws it, in units, with its feet at the origin."""

from __future__ import annotations

from .character import Character, Drawing
from .mira import MIRA
from .orso import ORSO
from .pell import PELL

CAST: dict[str, Character] = {who.id: who for who in (MIRA, PELL, ORSO)}

__all__ = ["CAST", "MIRA", "ORSO", "PELL", "Character", "Drawing"]
