"""What a film's packets come to."""

from array import array
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from storyboard_ops.core.sampling.index import (
    VideoIndex,
    judged_index,
    started_at,
    with_one_keyframe,
)
from storyboard_ops.core.sampling.packet_table import COLUMNS
from storyboard_ops.domain.error_tree import VideoUnreadable
from storyboard_ops.domain.sampling.coded_packets import NO_PTS, CodedPackets, StreamFacts


def facts(
    pts: list[int],
    keys: set[int] = frozenset({0}),
    dts: list[int] | None = None,
    **other: object,
) -> StreamFacts:
    """A film of packets of 100 bytes, 25 pictures a second."""
    rows = range(len(pts))

    def column(numbers):
        return array("q", numbers)

    packets = CodedPackets(
        pts=column(pts),
        dts=column(rows if dts is None else dts),
        duration=column(1 for _ in rows),
        position=column(100 * row for row in rows),
        size=column(100 for _ in rows),
        keyframe=column(row in keys for row in rows),
        disposable=column(0 for _ in rows),
        discard=column(0 for _ in rows),
    )
    known = StreamFacts(
        uri="film.mp4",
        file_size=100 * len(pts),
        end=100 * len(pts),
        container="mov,mp4,m4a,3gp,3g2,mj2",
        stream=0,
        codec="mpeg4",
        time_base=Fraction(1, 25),
        frame_rate=Fraction(25),
        duration=Fraction(len(pts), 25),
        reordered=False,
        hollow=True,
        cut_off=False,
        torn=False,
        failure="",
        packets=packets,
    )
    return replace(known, **other)


def test_a_whole_film_loses_nothing() -> None:
    index = judged_index(facts(list(range(50))))
    assert (index.lost, index.timing, len(index.table)) == ("", "pts", 50)


def test_a_cut_off_film_keeps_what_is_there_and_says_where_it_breaks() -> None:
    index = judged_index(facts(list(range(100)), file_size=2510))
    assert len(index.table) == 25
    assert index.lost.startswith("cut off at 1.00 s of 4.00 s: the file ends after 2510 bytes")
    assert index.lost.endswith("75 more pictures")


def test_a_stream_shorter_than_its_container_says_is_cut_off() -> None:
    index = judged_index(facts(list(range(50)), duration=Fraction(10), hollow=False))
    assert index.lost == "cut off at 2.00 s of 10.00 s"


def test_an_error_while_reading_is_told_with_its_place() -> None:
    index = judged_index(facts(list(range(50)), failure="Input/output error"))
    assert index.lost == "reading breaks off at 2.00 s: Input/output error"


def test_decoding_begins_at_the_first_packet_whether_it_is_a_keyframe_or_not() -> None:
    index = judged_index(facts(list(range(10)), keys={4}))
    assert list(index.table.pts) == list(range(10))
    assert list(np.flatnonzero(index.table.keyframe)) == [0, 4]


@pytest.mark.parametrize("untimed", [facts([NO_PTS] * 5), facts([1, 2, 3, 4, 5], container="avi")])
def test_films_without_presentation_times_are_shown_by_order(untimed: StreamFacts) -> None:
    index = judged_index(untimed)
    assert index.from_start
    assert list(np.diff(index.table.pts)) == [1, 1, 1, 1]


def test_times_in_the_order_of_decoding_belong_to_the_order_of_display() -> None:
    coded = facts([10, 12, 14, 16], dts=[10, 12, 14, 16], hollow=False)
    assert judged_index(coded).timing == "pts"
    shown = judged_index(replace(coded, reordered=True))
    assert shown.timing == "order"
    assert list(shown.table.pts) == [10, 12, 14, 16]


def test_a_torn_last_picture_is_left_out_and_the_place_is_told() -> None:
    torn = facts(list(range(50)), hollow=False, torn=True)
    assert len(judged_index(torn).table) == 50  # flagged for another reason: the file goes on
    index = judged_index(replace(torn, cut_off=True, duration=Fraction(10)))
    assert len(index.table) == 49
    assert index.lost == (
        "cut off at 1.96 s of 10.00 s: the file ends after 5000 bytes, its container does not"
    )


def test_a_film_of_nothing_is_unreadable() -> None:
    with pytest.raises(VideoUnreadable, match="no picture that can be shown"):
        judged_index(facts([]))


def test_what_is_shown_before_the_first_decodable_picture_is_not_chosen() -> None:
    index = started_at(judged_index(facts([2, 0, 1, 3])), 0)
    assert list(index.table.discard) == [False, True, True, False]


def test_an_index_comes_back_from_its_bytes() -> None:
    index = judged_index(facts(list(range(100)), file_size=2510))
    again = VideoIndex.from_bytes(index.to_bytes())
    assert (again.lost, again.stream, again.hollow) == (index.lost, 0, True)
    assert again.table.time_base == Fraction(1, 25)
    for name in COLUMNS:
        assert np.array_equal(getattr(again.table, name), getattr(index.table, name))


@pytest.mark.parametrize(("seconds", "lost"), [(4, ""), (4.01, "cut off at 2.00 s of 4.01 s")])
def test_a_film_may_end_two_seconds_before_its_container_says(seconds: float, lost: str) -> None:
    film = facts(list(range(50)), duration=Fraction(seconds).limit_denominator(100), hollow=False)
    assert judged_index(film).lost == lost


@pytest.mark.parametrize(("size", "pictures"), [(5_000, 50), (4_999, 49)])
def test_the_last_byte_of_a_picture_has_to_be_there(size: int, pictures: int) -> None:
    assert len(judged_index(facts(list(range(50)), file_size=size)).table) == pictures


def test_a_torn_film_of_unknown_length_is_cut_off_where_it_ends() -> None:
    film = facts(list(range(50)), hollow=False, cut_off=True, duration=None)
    assert judged_index(film).lost == (
        "cut off at 2.00 s: the file ends after 5000 bytes, its container does not"
    )
    same = judged_index(replace(film, duration=Fraction(2))).lost
    assert same == judged_index(film).lost


@pytest.mark.parametrize(
    ("container", "step", "spliced"),
    [("mpegts", 250, False), ("mpegts", 251, True), ("mov,mp4,m4a,3gp,3g2,mj2", 251, False)],
)
def test_a_jump_of_more_than_ten_seconds_is_a_splice_in_mpeg(
    container: str, step: int, spliced: bool
) -> None:
    times = [0, 1, 1 + step]
    film = facts(times, dts=times, container=container, hollow=False, duration=None)
    assert list(judged_index(film).table.pts) == ([0, 1, 2] if spliced else times)


@pytest.mark.parametrize(
    ("rate", "ticks"), [(None, 40), (Fraction(50), 20), (Fraction(5_000), 1)], ids=str
)
def test_an_untimed_film_runs_at_its_rate_or_at_25(rate: Fraction | None, ticks: int) -> None:
    film = facts([NO_PTS] * 3, frame_rate=rate, time_base=Fraction(1, 1_000), duration=None)
    assert list(np.diff(judged_index(film).table.pts)) == [ticks, ticks]


def test_only_the_first_keyframe_is_left_where_the_others_are_none() -> None:
    index = with_one_keyframe(judged_index(facts(list(range(6)), keys={0, 3, 5})))
    assert list(np.flatnonzero(index.table.keyframe)) == [0]
