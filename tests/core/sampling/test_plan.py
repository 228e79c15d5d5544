"""Which frames an interval asks for, and what must be decoded for them."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from storyboard_ops.core.sampling.packet_table import PacketTable
from storyboard_ops.core.sampling.plan import (
    SampleClock,
    byte_ranges,
    decode_plan,
    on_screen,
    sample_clock,
    shown_rows,
)
from storyboard_ops.domain.sampling.coded_packets import Stretch


def table(
    pts: list[int],
    keys: set[int],
    *,
    duration: int = 1,
    disposable: set[int] = frozenset(),
    discard: set[int] = frozenset(),
    time_base: Fraction = Fraction(1, 25),
) -> PacketTable:
    """A film of packets of 100 bytes; keys, disposable and discard name rows."""
    rows = range(len(pts))
    return PacketTable(
        time_base=time_base,
        pts=np.array(pts),
        dts=np.arange(len(pts)),
        duration=np.full(len(pts), duration),
        position=np.array([1000 + 100 * row for row in rows]),
        size=np.full(len(pts), 100),
        keyframe=np.array([row in keys for row in rows]),
        disposable=np.array([row in disposable for row in rows]),
        discard=np.array([row in discard for row in rows]),
    )


def test_ten_seconds_at_25_fps_have_ten_samples_each_on_a_full_second() -> None:
    film = table(list(range(250)), {0})
    clock = sample_clock(film, Fraction(1))
    assert clock.count == 10
    assert on_screen(film, clock, 0, 10) == [25 * k for k in range(10)]


def test_a_frame_stays_on_screen_until_the_next_one() -> None:
    """One frame every two seconds, asked for every second: each one twice, the last one too."""
    film = table([0, 50, 100], {0}, duration=50)
    clock = sample_clock(film, Fraction(1))
    assert on_screen(film, clock, 0, clock.count) == [0, 0, 1, 1, 2, 2]


def test_a_last_frame_of_unknown_duration_is_sampled_only_at_its_own_time() -> None:
    film = table([0, 25, 50], {0}, duration=0)
    assert sample_clock(film, Fraction(1)).count == 3


def test_a_single_frame_gives_one_sample_at_any_interval() -> None:
    film = table([7], {0}, duration=0)
    clock = sample_clock(film, Fraction(600))
    assert clock.count == 1
    assert on_screen(film, clock, 0, 1) == [0]


def test_time_is_counted_from_the_first_shown_frame() -> None:
    film = table(
        [3_240_126_000 + 3600 * n for n in range(75)],
        {0},
        duration=3600,
        time_base=Fraction(1, 90_000),
    )
    clock = sample_clock(film, Fraction(1))
    assert [clock.tick(k) for k in range(clock.count)] == [
        3_240_126_000,
        3_240_216_000,
        3_240_306_000,
    ]


def test_intervals_that_are_no_whole_number_of_ticks_never_drift() -> None:
    clock = SampleClock(0, 10**9, 10**9, Fraction(1001, 30_000), Fraction(1, 3))
    assert clock.tick(30_000_000) == 299_700_299  # floor of 3e7 / 3 * 30000 / 1001, exactly


def test_pictures_before_an_edit_lists_start_are_never_chosen() -> None:
    film = table([-2, -1, 0, 1], {0}, discard={0, 1})
    assert list(shown_rows(film)) == [2, 3]
    assert sample_clock(film, Fraction(1, 25)).start == 0


def test_of_two_pictures_with_one_pts_the_later_decoded_is_on_screen() -> None:
    assert list(shown_rows(table([0, 1, 1, 2], {0}))) == [0, 2, 3]


def test_a_film_without_a_shown_picture_has_no_clock() -> None:
    with pytest.raises(ValueError, match="shown"):
        sample_clock(table([0], {0}, discard={0}), Fraction(1))


def test_a_wanted_picture_needs_its_keyframe_and_what_lies_between() -> None:
    film = table([0, 1, 2, 3, 4, 5, 6, 7], {0, 4})
    assert decode_plan(film, [6]) == [Stretch((4, 5, 6), frozenset({6}), entry=4)]


def test_what_nothing_refers_to_is_not_sent_unless_wanted() -> None:
    film = table([0, 3, 1, 2, 6, 4, 5], {0}, disposable={2, 3, 5, 6})
    assert decode_plan(film, [5]) == [Stretch(rows=(0, 1, 4, 5), wanted=frozenset({5}))]


def test_a_leading_picture_of_an_open_gop_needs_the_gop_before() -> None:
    film = table([0, 1, 2, 5, 3, 4, 6], {0, 3})
    assert decode_plan(film, [4])[0].rows == (0, 1, 2, 3, 4)
    assert decode_plan(film, [6])[0].rows == (3, 4, 5, 6)


def test_a_wanted_keyframe_needs_nothing_but_itself() -> None:
    film = table([0, 1, 2, 3, 4, 5, 6, 7], {0, 4})
    for keyframe in (0, 4):
        wanted = frozenset({keyframe})
        assert decode_plan(film, [keyframe]) == [Stretch((keyframe,), wanted, entry=keyframe or -1)]


def test_a_picture_before_the_first_keyframe_is_decoded_from_that_keyframe() -> None:
    """A leading picture of the first GOP has no GOP before it."""
    assert decode_plan(table([2, 0, 1, 3], {0}), [1])[0].rows == (0, 1)


def test_a_film_without_any_keyframe_is_decoded_from_its_beginning() -> None:
    assert decode_plan(table([0, 1, 2], set()), [2])[0].rows == (0, 1, 2)


def test_the_gop_right_before_is_joined_and_one_with_a_gap_is_not() -> None:
    film = table(list(range(9)), {0, 3, 6})
    assert [s.rows for s in decode_plan(film, [2, 4])] == [(0, 1, 2, 3, 4)]
    assert [s.rows for s in decode_plan(film, [1, 4])] == [(0, 1), (3, 4)]
    assert [s.rows for s in decode_plan(film, [1, 2, 0])] == [(0, 1, 2)]
    three = table(list(range(9)), {0, 3, 5})
    assert [s.rows for s in decode_plan(three, [1, 4, 6])] == [(0, 1), (3, 4, 5, 6)]


def test_gops_without_a_wanted_picture_are_left_out_and_neighbours_joined() -> None:
    film = table(list(range(12)), {0, 3, 6, 9})
    assert [stretch.rows for stretch in decode_plan(film, [2, 3, 10])] == [(0, 1, 2, 3), (9, 10)]


def test_only_the_bytes_of_sent_packets_are_read_and_near_ones_together() -> None:
    film = table(list(range(12)), {0, 3, 6, 9})
    plan = decode_plan(film, [1, 10])
    assert byte_ranges(film, plan, largest_gap=50) == [(1000, 1200), (1900, 2100)]
    assert byte_ranges(film, plan, largest_gap=699) == [(1000, 1200), (1900, 2100)]
    assert byte_ranges(film, plan, largest_gap=700) == [(1000, 2100)]


def test_a_packet_inside_the_bytes_of_another_adds_none() -> None:
    film = replace(table([0, 1], {0}), size=np.array([500, 100]))
    assert byte_ranges(film, decode_plan(film, [0, 1]), largest_gap=0) == [(1000, 1500)]


def test_the_last_of_several_ranges_grows() -> None:
    film = table(list(range(12)), {0, 3, 6, 9})
    plan = [Stretch(rows, frozenset(rows)) for rows in ((0,), (6,), (7, 8))]
    assert byte_ranges(film, plan, largest_gap=0) == [(1000, 1100), (1600, 1900)]


def test_the_first_sample_not_earlier_than_a_picture() -> None:
    clock = sample_clock(table(list(range(100, 300)), {0}), Fraction(1))
    assert [clock.first_at(pts) for pts in (0, 100, 101, 125, 126)] == [0, 0, 1, 1, 2]


def test_samples_between_two_numbers_and_before_the_first_picture() -> None:
    film = table([50, 75, 100], {0}, duration=25)
    clock = sample_clock(film, Fraction(1))
    assert on_screen(film, clock, 1, 3) == [1, 2]
    early = SampleClock(0, 100, 125, Fraction(1, 25), Fraction(1))
    assert on_screen(film, early, 0, 4) == [0, 0, 0, 1]
