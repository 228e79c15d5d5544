"""The seeds of a panel, which follow from its name and not from its place on the board."""

from __future__ import annotations

import hashlib

from storyboard_ops.domain.settings.storyboard import LARGEST_SEED


def panel_seeds(seed: int, panel_id: str, count: int = 1) -> list[int]:
    """Return the seeds of a panel's candidates, 0..LARGEST_SEED, which follow each other.

    The first is SHA-256 of ``{seed} {panel_id}``, its first 8 bytes as a number, modulo the number
    of seeds.

    >>> panel_seeds(7, "010-010-010", 2)
    [146466990, 146466991]
    """
    digest = hashlib.sha256(f"{seed} {panel_id}".encode()).digest()
    return following_seeds(int.from_bytes(digest[:8], "big"), count)


def following_seeds(first: int, count: int) -> list[int]:
    """Return a number of seeds that follow each other, 0..LARGEST_SEED."""
    return [(first + each) % (LARGEST_SEED + 1) for each in range(count)]
