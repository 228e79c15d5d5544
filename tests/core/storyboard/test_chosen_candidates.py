"""Which candidate a panel shows, and the reason that is kept."""

from __future__ import annotations

import numpy as np
import pytest

from storyboard_ops.core.storyboard.chosen_candidates import choose_candidates, shown_only
from storyboard_ops.core.storyboard.consistency import SeenPanel, Sighting
from storyboard_ops.domain.image_records import Candidate, Panel
from tests.material import factories

#: Of one candidate: the likeness of Mira, and the number of figures in the picture; None: it was
#: not measured.
Measured = tuple[float | None, int] | None


def chosen(*measured: Measured, cast: tuple[str, ...] = ("mira",)) -> Panel:
    """Panel 1, whose candidates have the seeds 7, 8, ... and were measured like this."""
    seeds = range(7, 7 + len(measured))
    candidates = tuple(Candidate(seed=s, uri=f"s3://b/{s}.png", sha256=f"{s}") for s in seeds)
    panel = factories.panel(1, candidates=candidates, characters=cast).showing(candidates[0])
    seen, sightings = [], []
    for seed, one in zip(seeds, measured, strict=True):
        if one is not None:
            name = f"panel 1, seed {seed}"
            seen.append(SeenPanel(name, cast, np.ones((one[1], 2)), slot="panel 1"))
            sightings += [Sighting(name, character, likeness=one[0]) for character in cast]
    [result] = choose_candidates([panel], seen, sightings)
    return result


@pytest.mark.parametrize(
    ("measured", "seed", "because"),
    [
        (((0.2, 1), (0.9, 1), (0.5, 1)), 8, "It has the highest likeness of 3 candidates: 0.90."),
        (((-0.3, 1), (0.0, 0)), 8, "It has the highest likeness of 2 candidates: 0.00."),
        (((0.5, 3), (0.5, 1)), 8, "It has the best cast match of 2 candidates: 1.00."),
        (((None, 2), (None, 1)), 8, "It has the best cast match of 2 candidates: 1.00."),
        (((0.5, 1), (0.5, 1)), 7, "It is the first of 2 candidates that measure best."),
        (((0.1, 1), (0.5, 1), (0.5, 1)), 8, "It is the first of 3 candidates that measure best."),
        ((None, (-0.5, 1)), 8, "It is the only one of 2 candidates that could be measured."),
        ((None, None), 7, "It is the first of 2 candidates, none of which could be measured."),
        (((0.5, 1),), 7, "It is the only candidate."),
    ],
)
def test_the_choice_and_its_reason(measured: tuple[Measured, ...], seed: int, because: str) -> None:
    panel = chosen(*measured)
    assert (panel.seed, panel.chosen_because) == (seed, because)
    assert (panel.uri, panel.sha256) == (f"s3://b/{seed}.png", f"{seed}")
    assert [one.likeness for one in panel.candidates] == [one and one[0] for one in measured]


def test_without_characters_the_picture_with_nobody_in_it_is_best() -> None:
    panel = chosen((None, 2), (None, 0), cast=())
    assert (panel.seed, panel.chosen_because) == (
        8,
        "It has the best cast match of 2 candidates: 1.00.",
    )


def test_a_panel_without_candidates_stays_as_it_is() -> None:
    panel = factories.panel(1)
    seen = [SeenPanel("panel 1", panel.characters, np.ones((1, 2)), slot="panel 1")]
    assert choose_candidates([panel], seen, ()) == [panel]
    assert shown_only([panel], seen) == seen


def test_what_is_shown_is_measured_under_the_name_of_the_panel() -> None:
    panel = chosen((0.2, 1), (0.9, 2))
    seen = [
        SeenPanel(f"panel 1, seed {seed}", ("mira",), np.full((1, 2), seed), slot="panel 1")
        for seed in (7, 8)
    ]
    [shown] = shown_only([panel], seen)
    assert (shown.name, shown.figures.tolist()) == ("panel 1", [[8, 8]])
