"""Write numbers and durations as people do."""

from __future__ import annotations


def pluralize(number: int, thing: str) -> str:
    """Write the number with its noun: ``1 panel``, ``2 panels``."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def running_time(seconds: float) -> str:
    """Format as ``1:05``, or ``1:02:05`` from one hour; half seconds round up."""
    whole = int(seconds + 0.5)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
