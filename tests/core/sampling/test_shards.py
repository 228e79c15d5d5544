"""Cutting films into ranges of samples."""

from fractions import Fraction
from itertools import pairwise

from storyboard_ops.core.sampling.plan import sample_clock
from storyboard_ops.core.sampling.shards import sample_ranges
from storyboard_ops.core.sampling.shots import ANCHOR
from tests.core.sampling.test_plan import table


def film(seconds: int, gop_seconds: int):
    return table(list(range(25 * seconds)), set(range(0, 25 * seconds, 25 * gop_seconds)))


def ranges(seconds: int, gop_seconds: int, shard_seconds: int) -> list[tuple[int, int]]:
    long_film = film(seconds, gop_seconds)
    return sample_ranges(long_film, sample_clock(long_film, Fraction(1)), Fraction(shard_seconds))


def test_a_short_film_is_one_shard() -> None:
    assert ranges(90, 2, 600) == [(0, 90)]


def test_a_two_hour_film_is_cut_at_anchors_without_gap_or_overlap() -> None:
    shards = ranges(7200, 4, 600)
    assert len(shards) == 12
    assert shards[0][0] == 0 and shards[-1][1] == 7200
    assert all(one[1] == other[0] for one, other in pairwise(shards))
    assert all(first % ANCHOR == 0 for first, _ in shards)


def test_short_shards_are_cut_evenly() -> None:
    assert ranges(60, 2, 20) == [(0, 20), (20, 40), (40, 60)]


def test_a_film_with_one_keyframe_is_not_cut_because_every_worker_would_decode_it_all() -> None:
    assert ranges(1800, 1800, 600) == [(0, 1800)]
