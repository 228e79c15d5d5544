"""Cutting films into ranges of samples."""

from fractions import Fraction
from itertools import pairwise

import pytest

from storyboard_ops.core.sampling.plan import sample_clock
from storyboard_ops.core.sampling.shards import join_shards, sample_ranges
from storyboard_ops.core.sampling.shots import ANCHOR
from storyboard_ops.domain.sampling.shards import Shard
from tests.core.sampling.test_plan import table
from tests.material import factories


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


def cut_with_keyframes_at(*seconds: int, film_seconds: int = 40) -> list[tuple[int, int]]:
    """A film of 25 pictures a second that is to be cut into halves."""
    halves = table(list(range(25 * film_seconds)), {25 * second for second in seconds})
    return sample_ranges(
        halves, sample_clock(halves, Fraction(1)), Fraction(film_seconds, 2) + Fraction(1, 2)
    )


@pytest.mark.parametrize(("keyframe", "is_cut"), [(20, True), (15, True), (14, False), (21, False)])
def test_a_worker_decodes_at_most_a_quarter_of_its_shard_for_nothing(
    keyframe: int, is_cut: bool
) -> None:
    """The cut would be at 20 s: on the keyframe itself, a quarter of 20 s after it, or later."""
    expected = [(0, 20), (20, 40)] if is_cut else [(0, 40)]
    assert cut_with_keyframes_at(0, keyframe) == expected


def test_a_film_without_any_keyframe_is_not_cut() -> None:
    assert cut_with_keyframes_at() == [(0, 40)]


def test_a_film_a_little_longer_than_its_shards_has_one_more() -> None:
    assert ranges(60, 1, 20) == [(0, 20), (20, 40), (40, 60)]
    assert ranges(61, 1, 20) == [(0, 15), (15, 30), (30, 45), (45, 61)]


def test_there_are_no_more_shards_than_samples() -> None:
    half_a_second = Fraction(1, 2)
    short = film(3, 1)
    shards = sample_ranges(short, sample_clock(short, Fraction(1)), half_a_second)
    assert shards == [(0, 1), (1, 2), (2, 3)]


@pytest.mark.parametrize(
    ("seconds", "cut"), [(254, 127), (255, 2 * ANCHOR), (280, 2 * ANCHOR), (330, 3 * ANCHOR)]
)
def test_shards_of_two_anchors_and_more_are_cut_at_the_nearest_anchor(
    seconds: int, cut: int
) -> None:
    assert ranges(seconds, 1, seconds // 2 + 1) == [(0, cut), (cut, seconds)]


def cut(*films: tuple[int, ...]) -> list[Shard]:
    """Shards of films that are cut at these samples, the end included."""
    return [
        Shard(
            video=factories.frame(0).video.model_copy(update={"uri": f"s3://studio/{number}.mp4"}),
            first_k=first,
            last_k=last,
            label="",
        )
        for number, ends in enumerate(films)
        for first, last in pairwise((0, *ends))
    ]


@pytest.mark.parametrize("most", [6, 7, 1024])
def test_shards_within_the_limit_stay_as_they_are(most: int) -> None:
    shards = cut((10, 20, 30), (10, 20, 30))
    assert join_shards(shards, most) == shards


@pytest.mark.parametrize(
    ("most", "joined"),
    [
        (5, cut((20, 30), (10, 20, 30))),  # no more than needed
        (4, cut((20, 30), (20, 30))),
        (3, cut((30,), (20, 30))),
        (2, cut((30,), (30,))),
        (1, cut((30,), (30,))),  # a shard never has two films
    ],
)
def test_neighbours_are_joined_until_the_limit_holds(most: int, joined: list[Shard]) -> None:
    assert join_shards(cut((10, 20, 30), (10, 20, 30)), most) == joined


def test_the_shortest_neighbours_are_joined() -> None:
    long_and_short = cut((100, 200, 300), (5, 10, 40))
    assert join_shards(long_and_short, 5) == cut((100, 200, 300), (10, 40))
    assert join_shards(long_and_short, 4) == cut((100, 200, 300), (40,))


def test_no_shard_is_joined_when_there_are_none() -> None:
    assert join_shards([], 1024) == []


def test_a_gap_is_not_bridged() -> None:
    first, _, third = cut((10, 20, 30))
    assert join_shards([first, third], 1) == [first, third]
