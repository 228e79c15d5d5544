"""The cast: one file draws each character, in drawing units, with its feet at the origin."""

from __future__ import annotations

from tools.sample_film.characters.character import Character
from tools.sample_film.characters.mira import MIRA
from tools.sample_film.characters.orso import ORSO
from tools.sample_film.characters.pell import PELL

CAST: dict[str, Character] = {who.id: who for who in (MIRA, PELL, ORSO)}

__all__ = ["CAST", "MIRA", "ORSO", "PELL", "Character"]
