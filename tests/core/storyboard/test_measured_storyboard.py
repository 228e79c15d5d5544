"""The likeness of a storyboard in one sentence."""

from __future__ import annotations

import pytest

from storyboard_ops.core.storyboard.consistency import Interval
from storyboard_ops.core.storyboard.measured_storyboard import summarize

NO_PICTURES = "no picture that shows it alone was held out of training"


@pytest.mark.parametrize(
    ("likeness", "reasons", "sentence"),
    [
        (
            Interval(0.641, 0.4, 0.82, 3),
            {"Pip": NO_PICTURES},
            "Likeness 0.64 (95 % interval 0.40 to 0.82); the film's own pictures have 1.",
        ),
        (Interval(0.5, panels=1), {}, "Likeness 0.50; the film's own pictures have 1."),
        (
            None,
            {"Mira": NO_PICTURES, "Pip": "no training picture shows it alone"},
            f"No figure for likeness. Mira: {NO_PICTURES}; Pip: no training picture shows it "
            "alone.",
        ),
        (None, {}, "No figure for likeness. No panel shows a character."),
    ],
)
def test_the_sentence(likeness: Interval | None, reasons: dict[str, str], sentence: str) -> None:
    assert summarize(likeness, reasons) == sentence
