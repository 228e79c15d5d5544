"""Methods whose pictures differ from a full decode show up in rows, page and exit."""

from __future__ import annotations

from typing import Any

import pytest

from bench.sampling.compare import BASE, FLOOR, ONE_THREAD, OWN, TWO_RANGES, row, unequal
from bench.sampling.page import section

OURS = (OWN, ONE_THREAD, TWO_RANGES, FLOOR)
GREY, RAMP, OTHER = [90] * 8, list(range(8)), [5, 1, 7, 0, 6, 2, 4, 3]


def timed(seen: list[Any], cpu: float = 2) -> Any:
    """The result of a method; `seen` holds a glimpse, or what a look gives, for every frame."""
    return {"cpu": cpu, "wall": cpu, "peak_mb": 100, "seen": seen}


def look(checks: list[int], thumbs: list[list[int]] | None = None) -> Any:
    """Checksums, with half of each as its glimpse."""
    thumbs = [RAMP] * len(checks) if thumbs is None else thumbs
    return timed([(c // 2, c, thumb) for c, thumb in zip(checks, thumbs, strict=True)])


RIGHT, REFERENCE = timed([1, 2, 3]), look([2, 4, 6])


@pytest.mark.parametrize(
    ("rounds", "looked", "equal", "frames"),
    [
        ([RIGHT, RIGHT], REFERENCE, 3, 3),
        ([RIGHT, RIGHT], look([2, 4, 7]), 2, 3),  # a row that no glimpse catches
        ([RIGHT, timed([1, 2, 4])], REFERENCE, 2, 3),
        ([RIGHT, timed([1, 2])], REFERENCE, 2, 3),
        ([RIGHT, timed([1, 2, 3, 4])], REFERENCE, 3, 4),
        ([timed([]), timed([])], look([]), 0, 3),
    ],
)
def test_a_picture_that_is_wrong_missing_or_too_many_in_any_round_shows(
    rounds: list[Any], looked: Any, equal: int, frames: int
) -> None:
    line = row(rounds, [RIGHT] * 2, looked, REFERENCE)
    assert (line["equal"], line["frames"]) == (equal, frames)


def test_other_converters_show_the_same_frame_or_not() -> None:
    looked = look([7, 8, 9], [[value + 9 for value in RAMP], OTHER, GREY])
    line = row([timed([7, 8, 9])], [RIGHT], looked, REFERENCE)
    assert (line["same"], line["equal"]) == (1, 0)


def test_ratios_are_medians_over_the_rounds() -> None:
    rounds = [timed([], cpu) for cpu in (4, 9, 30)]
    line = row(rounds, [timed([], cpu) for cpu in (2, 3, 5)], look([]), REFERENCE)
    assert (line["cpu_s"], line["cpu_times_own"], line["wall_times_own"]) == (9, 3, 3)


def test_the_benchmark_names_where_our_pictures_are_wrong() -> None:
    right, wrong = {"equal": 3, "frames": 3}, {"equal": 2, "frames": 3}
    films = {
        "HEVC": {**dict.fromkeys(OURS, right), ONE_THREAD: wrong, "decord": wrong},
        "4K": dict.fromkeys(OURS, right),
    }
    assert unequal(films) == [f"{ONE_THREAD} of HEVC"]


def test_the_page_shows_measured_and_wanted_figures_and_names_missing_peers() -> None:
    def line(cpu: float) -> dict[str, Any]:
        return row([timed([1], cpu)], [timed([1], 4)], look([2]), look([2]))

    rows = {OWN: line(4), ONE_THREAD: line(3), TWO_RANGES: line(2), FLOOR: line(2.7)}
    rows |= {BASE: line(9), "decord": line(8)}
    text = section(
        {
            "measured": {"1080p HEVC": "today, 3 rounds", "grown": "yesterday"},
            "films": {"1080p HEVC": rows},
            "grown": {"peak_mb_4k_hdr": {"10 s": 340}, "cpu_10_min_s": 9},
        }
    )
    assert "| 1080p HEVC | 2.2 | 4.50 | 3.00 | 2.25 | 2.25 | 3.33 | 0.90 | 0.90 |" in text
    assert "**1080p HEVC** (today, 3 rounds; torchcodec is not installed)" in text
    assert "| peak mb 4k hdr | {'10 s': 340} | below 350 |" in text
    assert "| cpu 10 min s | 9 |  |" in text
    assert "ranges** (yesterday)" in text
