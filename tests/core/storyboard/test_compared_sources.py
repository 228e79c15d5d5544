"""What training is worth: paired figures of the same panels, drawn with other sources."""

from __future__ import annotations

import numpy as np
import pytest

from storyboard_ops.core.storyboard.compared_sources import (
    SourceFigures,
    compare_sources,
    is_training_worth,
)
from storyboard_ops.core.storyboard.consistency import Gallery, Interval, SeenPanel


def at(*degrees: float) -> np.ndarray:
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


#: Mira's pictures lie around 0 degrees, Bram's around 90.
GALLERY = Gallery.of(
    {"mira": at(-10, 10), "bram": at(80, 100)}, {"mira": at(-20, 20), "bram": at(70, 110)}
)


def board(*degrees: float) -> list[SeenPanel]:
    """Panels that must show Mira, with one figure each."""
    return [SeenPanel(f"panel {n}", ("mira",), at(one)) for n, one in enumerate(degrees, 1)]


def test_every_source_is_compared_panel_by_panel_with_the_runs_own():
    seen = {"trained": board(0, 0, 0), "prompts": board(45, 45, 45), "references": board(0, 0, 0)}
    own, prompts, references = compare_sources(seen, GALLERY, {"trained": 5.5, "prompts": 1.5})
    assert (own.source, own.gain, own.usd) == ("trained", None, 5.5)
    assert own.likeness.mean == pytest.approx(1)
    # Half-way between Mira and Bram a figure is nobody in particular.
    assert prompts.likeness.mean == pytest.approx(0, abs=1e-6)
    assert prompts.gain == Interval(1.0, 1.0, 1.0, 3)
    assert (references.gain.mean, references.usd) == (0.0, None)


def test_only_panels_that_both_have_are_compared():
    seen = {"trained": board(0, 90), "prompts": board(45)}
    assert compare_sources(seen, GALLERY, {})[1].gain == Interval(1.0, panels=1)


def figures(source: str, likeness: float, gain: tuple[float, float, float] | None) -> SourceFigures:
    return SourceFigures(
        source=source,
        panels=8,
        likeness=Interval(likeness),
        gain=Interval(*gain, 8) if gain else None,
    )


OWN = figures("trained", 0.7, None)


@pytest.mark.parametrize(
    ("others", "sentence"),
    [
        ([("prompts", 0.1, (0.6, 0.4, 0.8))], "Training is worth it here: +0.60 likeness"),
        (
            [("prompts", 0.1, (0.6, 0.4, 0.8)), ("references", 0.6, (0.1, -0.1, 0.3))],
            "Whether training is worth it is open: +0.10 likeness "
            "(95 % interval -0.10 to +0.30) against reference pictures.",
        ),
        ([("references", 0.9, (-0.2, -0.3, -0.1))], "Training is not worth it here: -0.20"),
        ([("trained_references", 0.9, (-0.2, -0.3, -0.1))], ""),  # it is trained, too
        ([], ""),
    ],
)
def test_the_best_source_without_a_training_decides(others, sentence):
    found = is_training_worth([OWN, *(figures(*one) for one in others)])
    assert found.startswith(sentence) if sentence else found == ""


def test_one_panel_decides_nothing():
    other = SourceFigures(
        source="prompts", panels=1, likeness=Interval(0.1), gain=Interval(0.6, panels=1)
    )
    assert is_training_worth([OWN, other]).startswith("Too few panels to tell")


def test_a_run_that_trains_nothing_gets_no_verdict():
    assert is_training_worth([figures("prompts", 0.1, None), OWN]) == ""
