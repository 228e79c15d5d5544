"""Write numbers and durations as people do."""

from __future__ import annotations

from collections.abc import Mapping


def pluralize(number: int, thing: str) -> str:
    """Write the number with its noun: ``1 panel``, ``2 panels``."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def running_time(seconds: float) -> str:
    """Format as ``1:05``, or ``1:02:05`` from one hour; half seconds round up."""
    whole = int(seconds + 0.5)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def count_in_words(counts: Mapping[str, int]) -> str:
    """Write counts by name, the largest first: ``12 near-identical, 3 black``."""
    largest_first = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{number:,} {name}" for name, number in largest_first)


def titled(name: str) -> str:
    """Return a name as a sentence begins with it; its other letters stay as they are.

    >>> titled("panel 12A-010-020")
    'Panel 12A-010-020'
    """
    return name[:1].upper() + name[1:]
