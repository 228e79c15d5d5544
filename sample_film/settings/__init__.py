"""The places of the film."""

from __future__ import annotations

from .cards import CREDITS, TITLE
from .cliff import CLIFF
from .harbour import HARBOUR
from .hills import HILLS
from .wood import WOOD
from .workshop import WORKSHOP

__all__ = ["CLIFF", "CREDITS", "HARBOUR", "HILLS", "TITLE", "WOOD", "WORKSHOP"]
