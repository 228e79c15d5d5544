"""Which candidate a panel shows, and the reason that is kept."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from storyboard_ops.core.storyboard.chosen_candidates import choose_candidates, shown_only
from storyboard_ops.core.storyboard.consistency import SeenPanel, Sighting
from storyboard_ops.domain.image_records import Candidate, Panel
from storyboard_ops.domain.report.run_figures import count_panels
from tests.material import factories

NAMES = {"mira": "Mira", "bram": "Bram", "pip": "Pip"}
#: Of one candidate: the likeness of Mira, and the number of figures in the picture; None: it was
#: not measured.
Measured = tuple[float | None, int] | None


def chosen(*measured: Measured, cast: tuple[str, ...] = ("mira",), **found: Any) -> Panel:
    """Panel 1, whose candidates have the seeds 7, 8, ... and were measured like this.

    ``found``: the characters, and the sharpness, of each candidate by its seed, as ``seed7``.
    """
    seeds = range(7, 7 + len(measured))
    candidates = tuple(Candidate(seed=s, uri=f"s3://b/{s}.png", sha256=f"{s}") for s in seeds)
    panel = factories.panel(1, candidates=candidates, characters=cast).showing(candidates[0])
    seen, sightings = [], []
    for seed, one in zip(seeds, measured, strict=True):
        if one is not None:
            name = f"panel 1, seed {seed}"
            who, sharp = found.get(f"seed{seed}", (cast, 1.0))
            figures = np.ones((one[1], 2))
            seen.append(SeenPanel(name, cast, figures, "panel 1", found=who, sharpness=sharp))
            sightings += [Sighting(name, character, likeness=one[0]) for character in cast]
    [result] = choose_candidates([panel], seen, sightings, NAMES)
    return result


@pytest.mark.parametrize(
    ("measured", "seed", "because"),
    [
        (((0.2, 1), (0.9, 1), (0.5, 1)), 8, "Of 3 candidates it has the highest likeness (0.90)."),
        (((0.9, 0), (0.1, 1)), 8, "Of 2 candidates it has the best cast match (1.00)."),
        (((0.5, 3), (0.5, 1)), 8, "Of 2 candidates it has the best cast match (1.00)."),
        (((0.1, 1), (0.5, 1), (0.9, 2)), 8,
         "Of 3 candidates it has the best cast match (1.00) and the highest likeness (0.50)."),
        (((0.5, 1), (0.5, 1)), 7, "It is the first of 2 candidates that measure best."),
        (((0.1, 1), (0.5, 1), (0.5, 1)), 8, "It is the first of 3 candidates that measure best."),
        ((None, (-0.5, 1)), 8, "It is the only one of 2 candidates that could be measured."),
        ((None, None), 7, "It is the first of 2 candidates, none of which could be measured."),
        (((0.5, 1),), 7, "It is the only candidate."),
    ],
)  # fmt: skip
def test_the_choice_and_its_reason(measured: tuple[Measured, ...], seed: int, because: str) -> None:
    panel = chosen(*measured)
    assert (panel.seed, panel.chosen_because) == (seed, because)
    assert (panel.uri, panel.sha256) == (f"s3://b/{seed}.png", f"{seed}")
    assert [one.likeness for one in panel.candidates] == [one and one[0] for one in measured]


def test_the_right_characters_count_most_and_sharpness_least() -> None:
    panel = chosen(
        (0.9, 1), (0.5, 1), (0.5, 1),
        seed7=(("bram",), 9.0), seed8=(("mira",), 2.0), seed9=(("mira",), 3.0),
    )  # fmt: skip
    assert (panel.seed, panel.chosen_because) == (
        9,
        "Of 3 candidates it has the right characters and the sharpest picture.",
    )
    assert panel.marks == ()
    assert [one.cast_found for one in panel.candidates] == [("bram",), ("mira",), ("mira",)]


def test_a_panel_whose_best_candidate_shows_the_wrong_characters_is_marked() -> None:
    panel = chosen((0.9, 2), (0.5, 1), cast=("mira", "pip"), seed7=(("bram",), 1), seed8=((), 1))
    assert (panel.seed, panel.cast_found) == (8, ())
    assert panel.chosen_because == "Of 2 candidates it has the fewest wrong characters."
    assert panel.marks == ("Mira and Pip are not in the picture.",)


def test_without_characters_the_picture_with_nobody_in_it_is_best() -> None:
    panel = chosen((None, 2), (None, 0), cast=())
    assert (panel.seed, panel.chosen_because) == (
        8,
        "Of 2 candidates it has the best cast match (1.00).",
    )


@pytest.mark.parametrize(
    ("found", "marks"),
    [
        (("mira",), ()),
        (("mira", "lantern"), ()),  # a prop
        (None, ()),
        ((), ("Mira is not in the picture.",)),
        (("mira", "bram"), ("Bram is in the picture without being asked for.",)),
        (("bram", "pip"), ("Mira is not in the picture.",
                           "Bram and Pip are in the picture without being asked for.")),
    ],
)  # fmt: skip
def test_a_single_picture_is_marked_by_who_is_in_it(found: Any, marks: tuple[str, ...]) -> None:
    panel = factories.panel(1)
    seen = [SeenPanel("panel 1", panel.characters, np.ones((1, 2)), "panel 1", found=found)]
    [result] = choose_candidates([panel], seen, (), NAMES)
    assert result == panel.model_copy(update={"cast_found": found, "marks": marks})
    figures = count_panels([result, factories.panel(2), factories.failed_panel(3)])
    assert (figures.drawn, figures.marked) == ((1, 1) if marks else (2, 0))
    assert figures.remark == ("1 shows the wrong characters" if marks else "")


def test_what_is_shown_is_measured_under_the_name_of_the_panel() -> None:
    panel = chosen((0.2, 1), (0.9, 1))
    seen = [
        SeenPanel(f"panel 1, seed {seed}", ("mira",), np.full((1, 2), seed), slot="panel 1")
        for seed in (7, 8)
    ]
    [shown] = shown_only([panel], seen)
    assert (shown.name, shown.figures.tolist()) == ("panel 1", [[8, 8]])
