"""Choose a few items spread evenly over a sequence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def evenly(items: Sequence[T], most: int) -> tuple[T, ...]:
    """Choose at most ``most`` items spread over the sequence, including the first and the last.

    >>> evenly("abcdefghi", 3)
    ('a', 'e', 'i')
    """
    if len(items) <= most:
        return tuple(items)
    if most == 1:
        return (items[0],)
    return tuple(items[round(n * (len(items) - 1) / (most - 1))] for n in range(most))
