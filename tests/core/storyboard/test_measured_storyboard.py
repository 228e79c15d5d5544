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


def test_the_sentence_says_what_the_choice_among_candidates_was_worth() -> None:
    shown, all_of_them = Interval(0.8, 0.7, 0.9, 3), Interval(0.5, 0.25, 0.75, 3)
    assert summarize(shown, {}, all_of_them) == (
        "Likeness 0.80 (95 % interval 0.70 to 0.90); the film's own pictures have 1. Panels show "
        "their best candidate; all together have 0.50 (95 % interval 0.25 to 0.75)."
    )
