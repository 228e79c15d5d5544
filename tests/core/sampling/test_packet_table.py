"""The clock of a film whose container does not keep one."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from storyboard_ops.core.sampling.packet_table import (
    entered_at_start,
    second_fields,
    timed_by_arrival,
    timed_by_order,
    unrolled,
    without_second_fields,
)
from storyboard_ops.core.sampling.plan import shown_rows
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


def test_a_full_decode_begins_at_the_first_packet() -> None:
    for keys in (set(), {0}, {2}):
        entered = entered_at_start(table([0, 1, 2, 3], keys))
        assert set(np.flatnonzero(entered.keyframe)) == keys | {0}


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


def in_fields(pts: list[int], duration: list[int]):
    return replace(table(pts, {0}), duration=np.array(duration))


def test_of_consecutive_fields_every_second_one_completes_a_picture() -> None:
    fields = in_fields([0] * 7, [4, 2, 2, 4, 2, 2, 4])
    assert list(second_fields(fields, 4)) == [False, False, True, False, False, True, False]
    assert list(second_fields(in_fields([0] * 4, [2] * 4), 4)) == [False, True, False, True]
    assert not second_fields(in_fields([0] * 4, [4] * 4), 4).any()
    assert not second_fields(in_fields([0] * 4, [0] * 4), 4).any()  # unknown


def test_a_picture_of_two_fields_lasts_as_long_as_any() -> None:
    fields = in_fields([0, NO_PTS, 4, 8, NO_PTS], [2, 2, 4, 2, 2])
    joined = without_second_fields(fields, second_fields(fields, 4), 4)
    assert list(shown_rows(joined)) == [0, 2, 3]
    assert list(joined.duration[[0, 2, 3]]) == [4, 4, 4]
    timed = timed_by_order(joined, 4)
    assert list(timed.pts[shown_rows(timed)]) == [0, 4, 8]


def test_a_picture_is_on_screen_when_it_comes_out_of_the_decoder() -> None:
    """The third chunk is empty; the decoder holds back one picture."""
    film = with_dts([NO_PTS] * 4, [0, 1, 3, 4], duration=1)
    assert list(timed_by_arrival(film, 0).pts) == [0, 1, 3, 4]
    assert list(timed_by_arrival(film, 1).pts) == [1, 3, 4, 5]
    assert list(timed_by_arrival(film, 2).pts) == [3, 4, 5, 6]
