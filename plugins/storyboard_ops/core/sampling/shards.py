"""Divide a film into shards: ranges of samples that are processed in parallel.

A shard is a range of sample numbers, so the frames of a film do not depend on the number of its
shards. A shard begins where a worker can start with little waste: at a sample from which the shot
can be determined, soon after a keyframe.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import ceil

import numpy as np

from storyboard_ops.core.sampling.packet_table import PacketTable
from storyboard_ops.core.sampling.plan import SampleClock
from storyboard_ops.core.sampling.shots import ANCHOR
from storyboard_ops.domain.sampling.shards import Shard


def sample_ranges(
    table: PacketTable, clock: SampleClock, shard_seconds: Fraction
) -> list[tuple[int, int]]:
    """Return ranges ``(first_k, last_k)``, last exclusive, that cover 0..count without overlap.

    Each covers about ``shard_seconds``; a boundary is omitted where a worker would decode more
    than a quarter of a shard before its first sample.
    """
    count = clock.count
    shards = min(count, ceil(count * clock.interval / shard_seconds))
    length = ceil(count / shards)
    keys = _keyframe_pts(table)
    cuts = {_anchored(count * n // shards, length) for n in range(1, shards)}
    worth = [k for k in sorted(cuts) if _waste(k, clock, keys) <= length // 4]
    edges = [0, *worth, count]
    return list(pairwise(edges))


def join_shards(shards: Sequence[Shard], most: int) -> list[Shard]:
    """Join neighbouring shards of a film until at most ``most`` are left.

    Only as many are joined as needed, and the longest is as short as possible. Each film keeps a
    shard, so more than ``most`` are left of more films.
    """
    excess = max(0, len(shards) - most)
    longest = max((shard.last_k for shard in shards), default=0)
    samples = bisect_left(
        range(longest), True, key=lambda length: len(_joined(shards, length, excess)) <= most
    )
    return _joined(shards, samples, excess)


def _joined(shards: Sequence[Shard], samples: int, excess: int) -> list[Shard]:
    """Join at most ``excess`` shards to the one before, up to this many samples."""
    joined: list[Shard] = []
    for shard in shards:
        before = joined[-1] if joined else shard
        follows = shard.video == before.video and shard.first_k == before.last_k
        if excess and follows and shard.last_k - before.first_k <= samples:
            joined[-1] = before.model_copy(update={"last_k": shard.last_k})
            excess -= 1
        else:
            joined.append(shard)
    return joined


def _keyframe_pts(table: PacketTable) -> list[int]:
    return sorted(int(pts) for pts in table.pts[np.flatnonzero(table.keyframe)])


def _anchored(cut: int, length: int) -> int:
    """Round to the nearest anchor, in shards long enough for it not to matter."""
    return round(cut / ANCHOR) * ANCHOR if length >= 2 * ANCHOR else cut


def _waste(k: int, clock: SampleClock, keys: list[int]) -> int:
    """Return how many samples' worth of film is decoded to reach sample k."""
    tick = clock.tick(k)
    before = [pts for pts in keys if pts <= tick]
    return k - clock.first_at(before[-1]) if before else k
