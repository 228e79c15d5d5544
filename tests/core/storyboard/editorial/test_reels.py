"""Reel names: eight characters, one for each panel, the same on every board."""

import re

from hypothesis import given
from hypothesis import strategies as st

from storyboard_ops.core.storyboard.editorial.reels import RESERVED, name_reels

NUMBERS = st.from_regex(r"[0-9A-Z]{1,4}-[0-9]{3}[A-Z]?-[0-9]{3}[A-Z]?", fullmatch=True)


def test_short_numbers_can_be_read():
    assert name_reels(["12-010-020", "1-010-020", "2A-110-030"]) == {
        "12-010-020": "12010020",
        "1-010-020": "1010020",
        "2A-110-030": "2A110030",
    }


@given(st.lists(NUMBERS, max_size=60, unique=True))
def test_every_panel_has_a_reel_of_its_own(names):
    reels = name_reels(names)
    assert list(reels) == names
    assert len(set(reels.values())) == len(names)
    assert all(re.fullmatch("[0-9A-Z]{1,8}", reel) for reel in reels.values())
    assert not RESERVED & set(reels.values())


def test_a_reel_follows_from_the_panel_alone():
    board = [f"12A-{shot:03d}-010" for shot in range(10, 1000, 10)]
    reels = name_reels(board)
    with_one_more = name_reels(["12A-005-010", *reversed(board)])
    assert all(with_one_more[name] == reel for name, reel in reels.items())
    assert all(len(reel) == 8 and reel.startswith("12X") for reel in reels.values())


def test_five_thousand_inserted_panels_are_told_apart():
    names = [f"7-{shot:03d}A-{panel:03d}" for shot in range(100) for panel in range(50)]
    assert len(set(name_reels(names).values())) == 5_000


def test_panels_without_numbers_have_reels_too():
    reels = name_reels(["P0001", "P0002"])
    assert len(set(reels.values())) == 2
