"""Frame rates and timecode, at the values where they go wrong."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyboard_ops.domain.storyboard.frame_rate import FRAME_RATES, closest_rate

RATES = list(FRAME_RATES.values())


@pytest.mark.parametrize(
    ("rate", "frame", "timecode"),
    [
        ("23.976", 23, "00:00:00:23"),
        ("23.976", 24, "00:00:01:00"),
        ("24", 86_400, "01:00:00:00"),
        ("25", 90_000, "01:00:00:00"),
        ("29.97", 107_892, "00:59:56:12"),
        ("29.97df", 1_799, "00:00:59;29"),
        ("29.97df", 1_800, "00:01:00;02"),
        ("29.97df", 3_597, "00:01:59;29"),
        ("29.97df", 3_598, "00:02:00;02"),
        ("29.97df", 17_981, "00:09:59;29"),
        ("29.97df", 17_982, "00:10:00;00"),
        ("29.97df", 19_782, "00:11:00;02"),
        ("29.97df", 107_892, "01:00:00;00"),
        ("29.97df", 2_589_407, "23:59:59;29"),
        ("30", 107_999, "00:59:59:29"),
        ("48", 47, "00:00:00:47"),
        ("50", 180_000, "01:00:00:00"),
        ("59.94", 215_784, "00:59:56:24"),
        ("59.94df", 3_599, "00:00:59;59"),
        ("59.94df", 3_600, "00:01:00;04"),
        ("59.94df", 35_964, "00:10:00;00"),
        ("59.94df", 215_784, "01:00:00;00"),
        ("60", 216_000, "01:00:00:00"),
    ],
)
def test_timecode_is_counted_by_hand(rate, frame, timecode):
    assert FRAME_RATES[rate].timecode(frame) == timecode
    assert FRAME_RATES[rate].frame_at(timecode) == frame


@given(st.sampled_from(RATES), st.integers(0, 2_589_407))
def test_every_frame_has_a_label_of_its_own(rate, frame):
    assert rate.frame_at(rate.timecode(frame)) == frame % rate.frames_per_day


@pytest.mark.parametrize("rate", RATES, ids=str)
def test_timecode_starts_again_after_a_day(rate):
    last = rate.timecode(rate.frames_per_day - 1)
    assert last[:8] == "23:59:59"
    assert int(last[9:]) == rate.nominal - 1
    assert rate.timecode(rate.frames_per_day) == rate.timecode(0)


@pytest.mark.parametrize(
    ("rate", "timecode", "why"),
    [
        ("24", "01:00:00:24", "24 frames, each from 0"),
        ("24", "01:60:00:00", "60 minutes"),
        ("29.97df", "00:01:00;00", "leaves out the first 2 frames"),
        ("29.97df", "00:01:00:01", "leaves out the first 2 frames"),
        ("59.94df", "00:59:00;03", "leaves out the first 4 frames"),
        ("25", "1:0", "is not a timecode such as 00:00:00:00"),
    ],
)
def test_a_label_that_does_not_exist_is_refused(rate, timecode, why):
    with pytest.raises(ValueError, match=why):
        FRAME_RATES[rate].frame_at(timecode)


def test_the_tenth_minute_has_all_its_labels():
    assert FRAME_RATES["29.97df"].frame_at("00:10:00;00") == 17_982
    assert FRAME_RATES["29.97df"].frame_at("00:10:00;01") == 17_983


@pytest.mark.parametrize(
    ("rate", "frames"),
    [("23.976", 172_627), ("24", 172_800), ("25", 180_000), ("29.97", 215_784), ("59.94", 431_568)],
)
def test_two_hours_have_this_many_frames(rate, frames):
    assert FRAME_RATES[rate].nearest_frame(Fraction(7_200)) == frames


def test_half_a_frame_is_rounded_up():
    assert FRAME_RATES["25"].nearest_frame(Fraction("2.5")) == 63
    assert FRAME_RATES["25"].nearest_frame(Fraction("2.49")) == 62


@pytest.mark.parametrize(
    ("fps", "name"),
    [
        (23.98, "23.976"),
        (24000 / 1001, "23.976"),
        (24, "24"),
        (29.97, "29.97"),
        (59.94006, "59.94"),
    ],
)
def test_rates_of_files_are_recognized(fps, name):
    rate = closest_rate(fps)
    assert rate is not None
    assert rate.name == name


def test_a_rate_counts_drop_frame_where_the_file_says_so():
    drop = closest_rate(29.97, drop=True)
    assert drop is not None
    assert drop.name == "29.97df"
    assert closest_rate(12.5) is None
