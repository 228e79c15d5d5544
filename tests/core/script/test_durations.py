"""Lengths of panels: every usual form, and nothing that only looks like one."""

import pytest

from storyboard_ops.core.script.durations import Length, is_length, split_length

LENGTHS = {
    "(2 s)": 2,
    "(2s)": 2,
    "(2.5 s)": 2.5,
    "(2,5 s)": 2.5,
    "(.5 s)": 0.5,
    "(3 sec)": 3,
    "(3 secs.)": 3,
    "(3 seconds)": 3,
    "(1 SECOND)": 1,
    "[4s]": 4,
    "{4s}": 4,
    '(3")': 3,
    "(0:03)": 3,
    "(00:03)": 3,
    "(0:00:03)": 3,
    "(1:05)": 65,
    "(1 min)": 60,
    "(1 min 5 s)": 65,
    "(1m05s)": 65,
    "(500 ms)": 0.5,
    "(ca. 2 s)": 2,
    "(~2s)": 2,
    "(duration: 2 s)": 2,
    "(3秒)": 3,
    "（3秒）": 3,
    "2s": 2,
    "2.5s": 2.5,
    "2 s": 2,
    "3 sec": 3,
    "3 sec.": 3,
    "3 seconds": 3,
    "0:03": 3,
    "- 2 s": 2,
    "| 2s": 2,
    "(1 min 10 s)": 70,
    "(1 min. 10 sec.)": 70,
    "(1 minute and 10 seconds)": 70,
}
IN_FRAMES = {
    "(48 frames)": (0, 48),
    "(1 frame)": (0, 1),
    "[48 fr]": (0, 48),
    "(48f)": (0, 48),
    "48 frames": (0, 48),
    "- 48 f": (0, 48),
    "(48コマ)": (0, 48),
    "(00:00:04:12)": (4, 12),
    "(01:02:03:04)": (3723, 4),
    "(00:00:04;12)": (4, 12),
    "00:00:04:12": (4, 12),
    "(4 s 12 f)": (4, 12),
    "(4 seconds, 12 frames)": (4, 12),
    "(1 min 4 s 12 frames)": (64, 12),
    "(4+12)": (4, 12),
}


@pytest.mark.parametrize(("form", "seconds"), LENGTHS.items())
def test_a_length_at_the_end_is_taken_off(form, seconds):
    assert split_length(f"Mira runs. {form}") == ("Mira runs.", Length(seconds))


@pytest.mark.parametrize(("form", "length"), IN_FRAMES.items())
def test_a_length_in_frames_keeps_them(form, length):
    assert split_length(f"Mira runs. {form}") == ("Mira runs.", Length(*length))


def test_a_length_is_counted_in_frames_or_seconds():
    assert Length(4, 12).in_frames(25) == 112
    assert Length(4, 12).in_seconds(24) == 4.5


@pytest.mark.parametrize(
    ("paragraph", "text", "seconds"),
    [
        ("Mira looks (4 s).", "Mira looks.", 4),
        ("Mira looks. (4 s).", "Mira looks.", 4),
        ("Mira runs 2s", "Mira runs", 2),
        ("Mira runs 3 sec", "Mira runs", 3),
        ("Mira runs - 2s", "Mira runs", 2),
        ("(2 s) Mira runs.", "Mira runs.", 2),
        ("[0:03] Mira runs.", "Mira runs.", 3),
        ("(2 s)", "", 2),
        ("Mira enters (30s).", "Mira enters.", 30),
        ("x" * 500 + " (2 s)", "x" * 500, 2),
    ],
)
def test_a_length_leaves_the_text_whole(paragraph, text, seconds):
    assert split_length(paragraph) == (text, Length(seconds))


@pytest.mark.parametrize(
    "paragraph",
    [
        *("She waits 3 seconds.", "A man in his 30s", "A man in his 30s.", "It is the 1980s"),
        *("Enter JENNY (30s).", "JENNY, 20s", "The clock shows 0:03", "Noon. 12:30"),
        *("Mira counts 4+12", "The code is 00:00:04:12", "A wall of 12 frames."),
        *("Mira is late (again).", "Room 2", "Mira sees 48 frames", "(2-3 s"),
    ],
)
def test_what_is_no_length_stays(paragraph):
    assert split_length(paragraph) == (paragraph, None)


def test_a_note_that_is_a_length():
    assert is_length(" 2 s ")
    assert not is_length("too slow: 2 s")
