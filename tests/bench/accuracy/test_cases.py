"""Sampling intervals that sample every time of a truth file, and the cases of other detectors."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from bench.accuracy.cases import Case, detector_cases, widest_interval


@pytest.mark.parametrize(
    ("times", "interval"),
    [
        ([0, 1, 2], Fraction(1)),
        ([0.5, 1.5, 2.5], Fraction(1, 2)),
        ([0.0, 0.25, 1.0], Fraction(1, 4)),
        ([2, 4, 8], Fraction(2)),
        ([0], Fraction(1)),
    ],
)
def test_every_time_is_a_multiple_of_the_widest_interval(
    times: list[float], interval: Fraction
) -> None:
    assert widest_interval(times) == interval


def test_another_detector_is_measured_on_the_film_that_suits_it() -> None:
    cases = [
        Case(name, Path("film.mp4"), {"frames": []}, ("mira",), "p", settings={"seed": 3})
        for name in ("intel_people_concat_21s", "bbb_trailer_33s", "sample film")
    ]
    found = {case.name: case.settings for case in detector_cases(cases)}
    assert found == {
        "intel_people_concat_21s, faces": {"seed": 3, "detectors": ["faces"]},
        "sample film, custom_labels": {"seed": 3, "detectors": ["custom_labels"]},
    }
    assert detector_cases(cases[1:2]) == []
