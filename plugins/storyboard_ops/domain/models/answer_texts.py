"""Texts that models answer with."""

from __future__ import annotations


class CutOffText(str):
    """A text that its model could not finish: it reached the most tokens of an answer."""

    __slots__ = ()
