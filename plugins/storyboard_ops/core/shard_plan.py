"""Cutting a film into ranges of samples that can be worked on apart.

A shard is a range of sample numbers, so the frames of a film do not depend on how many shards it
was cut into. Cuts are moved to where a keyframe starts a new GOP, so that no two shards decode
the same stretch.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil

import numpy as np

from storyboard_ops.core.packet_table import PacketTable
from storyboard_ops.core.sample_plan import SampleClock


def sample_ranges(
    table: PacketTable, clock: SampleClock, shard_seconds: Fraction
) -> list[tuple[int, int]]:
    """Ranges ``(first_k, last_k)``, last exclusive, that cover 0..count without gap or overlap.

    There are as many as give about ``shard_seconds`` each. An even cut is moved to the nearest
    keyframe when one lies within a quarter of a shard.
    """
    count = clock.count
    shards = max(1, min(count, ceil(count * clock.interval / shard_seconds)))
    even = [count * n // shards for n in range(1, shards)]
    starts = keyframe_samples(table, clock)
    reach = count // shards // 4
    cuts = sorted({_moved(cut, starts, reach) for cut in even} - {0, count})
    edges = [0, *cuts, count]
    return list(zip(edges[:-1], edges[1:], strict=True))


def keyframe_samples(table: PacketTable, clock: SampleClock) -> list[int]:
    """The first sample at or after each keyframe."""
    keys = np.flatnonzero(table.keyframe & ~table.discard)
    return sorted({clock.first_at(int(pts)) for pts in table.pts[keys]})


def _moved(cut: int, starts: list[int], reach: int) -> int:
    nearest = min(starts, key=lambda start: abs(start - cut), default=cut)
    return nearest if abs(nearest - cut) <= reach else cut
