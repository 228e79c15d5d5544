"""The places of the film."""

from __future__ import annotations

from tools.sample_film.settings.cards import CREDITS, TITLE
from tools.sample_film.settings.cliff import CLIFF
from tools.sample_film.settings.harbour import HARBOUR
from tools.sample_film.settings.hills import HILLS
from tools.sample_film.settings.wood import WOOD
from tools.sample_film.settings.workshop import WORKSHOP

__all__ = ["CLIFF", "CREDITS", "HARBOUR", "HILLS", "TITLE", "WOOD", "WORKSHOP"]
