"""The clock of a film whose container does not keep one."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from storyboard_ops.core.sampling.packet_table import (
    timed_by_order,
    unrolled,
    without_leading_rubbish,
)
from storyboard_ops.domain.sampling.coded_packets import NO_PTS
from tests.core.sampling.test_plan import table


def with_dts(pts: list[int], dts: list[int], duration: int = 4):
    return replace(table(pts, {0}, duration=duration), dts=np.array(dts))


def test_after_a_splice_the_clock_goes_on_where_it_stood() -> None:
    spliced = with_dts([102, 106, 110, 2, 6, 10], [100, 104, 108, 0, 4, 8])
    assert list(unrolled(spliced, longest_gap=None).pts) == [102, 106, 110, 114, 118, 122]


def test_two_splices_add_up() -> None:
    spliced = with_dts([4, 8, 4, 8, 4, 8], [4, 8, 4, 8, 4, 8])
    assert list(unrolled(spliced, longest_gap=None).pts) == [4, 8, 12, 16, 20, 24]


def test_a_long_wait_is_kept_unless_the_format_splices() -> None:
    waiting = with_dts([0, 4, 1000], [0, 4, 1000])
    assert list(unrolled(waiting, longest_gap=None).pts) == [0, 4, 1000]
    assert list(unrolled(waiting, longest_gap=500).pts) == [0, 4, 8]


def test_packets_without_a_time_stay_without() -> None:
    assert list(unrolled(with_dts([NO_PTS, 4], [NO_PTS, 4]), longest_gap=None).pts) == [NO_PTS, 4]


def test_an_untimed_film_is_shown_at_its_frame_rate() -> None:
    untimed = replace(table([NO_PTS] * 3, {0}), time_base=Fraction(1, 1_200_000))
    timed = timed_by_order(untimed, 50_000)
    assert list(timed.pts) == [0, 50_000, 100_000]
    assert list(timed.duration) == [50_000] * 3


def test_what_precedes_the_first_keyframe_is_dropped() -> None:
    assert list(without_leading_rubbish(table([0, 1, 2, 3], {2})).pts) == [2, 3]
    assert list(without_leading_rubbish(table([0, 1, 2, 3], {1, 3})).pts) == [1, 2, 3]
    assert list(without_leading_rubbish(table([0, 1], set())).pts) == [0, 1]


def test_the_clock_stands_still_and_goes_on_without_a_splice() -> None:
    still = with_dts([0, 4, 4, 8], [0, 4, 4, 8])
    assert list(unrolled(still, longest_gap=4).pts) == [0, 4, 4, 8]
    assert list(unrolled(still, longest_gap=3).pts) == [0, 4, 4, 8]  # 4 after 0 either way


@pytest.mark.parametrize(("longest", "times"), [(96, [0, 4, 100]), (95, [0, 4, 8])])
def test_a_step_as_long_as_the_longest_gap_is_none(longest: int, times: list[int]) -> None:
    assert list(unrolled(with_dts([0, 4, 100], [0, 4, 100]), longest_gap=longest).pts) == times


def test_a_clock_that_is_set_back_by_a_single_tick_is_spliced() -> None:
    assert list(unrolled(with_dts([4, 8, 7], [4, 8, 7]), longest_gap=None).pts) == [4, 8, 12]


def test_after_a_packet_of_unknown_duration_the_clock_goes_on_by_a_tick() -> None:
    spliced = with_dts([100, 0, 4], [100, 0, 4], duration=0)
    again = unrolled(spliced, longest_gap=None)
    assert (list(again.pts), list(again.dts)) == ([100, 101, 105], [100, 101, 105])


def test_a_film_begins_at_the_earliest_time_that_is_known() -> None:
    timed = timed_by_order(table([NO_PTS, 50, 30], {0}), 2)
    assert list(timed.pts) == [30, 32, 34]


def test_a_film_without_a_keyframe_loses_nothing() -> None:
    assert list(without_leading_rubbish(table([0, 1], set())).pts) == [0, 1]
