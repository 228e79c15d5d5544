"""Numbers and durations as people write them."""

from __future__ import annotations


def counted(number: int, thing: str) -> str:
    """``1 panel``, ``2 panels``."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def running_time(seconds: float) -> str:
    """``1:05`` minutes and seconds, half a second rounded up; ``1:02:05`` from an hour on."""
    whole = int(seconds + 0.5)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
