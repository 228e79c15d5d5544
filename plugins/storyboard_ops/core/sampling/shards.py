"""Cutting a film into ranges of samples that can be worked on apart.

A shard is a range of sample numbers, so the frames of a film do not depend on how many shards it
was cut into. A cut is made where a worker can start with little waste: at a sample from which the
shot can be told, soon after a keyframe.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import ceil

import numpy as np

from storyboard_ops.core.sampling.packet_table import PacketTable
from storyboard_ops.core.sampling.plan import SampleClock
from storyboard_ops.core.sampling.shots import ANCHOR


def sample_ranges(
    table: PacketTable, clock: SampleClock, shard_seconds: Fraction
) -> list[tuple[int, int]]:
    """Ranges ``(first_k, last_k)``, last exclusive, that cover 0..count without gap or overlap.

    There are as many as give about ``shard_seconds`` each; cuts that would make a worker decode
    more than a quarter of a shard before its first sample are left out.
    """
    count = clock.count
    shards = max(1, min(count, ceil(count * clock.interval / shard_seconds)))
    length = ceil(count / shards)
    keys = _keyframe_pts(table)
    cuts = {_anchored(count * n // shards, length) for n in range(1, shards)}
    worth = [k for k in sorted(cuts) if 0 < k < count and _waste(k, clock, keys) <= length // 4]
    edges = [0, *worth, count]
    return list(pairwise(edges))


def _keyframe_pts(table: PacketTable) -> list[int]:
    return sorted(int(pts) for pts in table.pts[np.flatnonzero(table.keyframe)])


def _anchored(cut: int, length: int) -> int:
    """The nearest anchor, where shards are long enough for it not to matter."""
    return round(cut / ANCHOR) * ANCHOR if length >= 2 * ANCHOR else cut


def _waste(k: int, clock: SampleClock, keys: list[int]) -> int:
    """How many samples' worth is decoded before sample k to get there."""
    tick = clock.tick(k)
    before = [pts for pts in keys if pts <= tick]
    return k - clock.first_at(before[-1]) if before else k
