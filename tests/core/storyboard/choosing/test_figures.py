"""The figures of the candidates that people chose, taken from those of all candidates."""

from __future__ import annotations

from storyboard_ops.core.storyboard.choosing.figures import NOT_MEASURED, figures_of_choice
from storyboard_ops.core.storyboard.consistency import (
    CharacterFigures,
    ConsistencyFigures,
    Sighting,
)
from storyboard_ops.domain.image_records import Candidate, Panel
from storyboard_ops.domain.storyboard.redraw import Redraw
from tests.material import factories, reports

LIKENESS = {(1, 7): 0.9, (1, 8): 0.5, (2, 9): 0.7, (2, 10): 0.1}


def panel(number: int, seeds: tuple[int, int], shown: int, **more: object) -> Panel:
    candidates = tuple(
        Candidate(seed=seed, uri=f"s3://x/{seed}", sha256=f"{seed:064d}", cast_match=seed / 10)
        for seed in seeds
    )
    drawn = factories.panel(number, candidates=candidates, **more)
    return drawn.showing(next(one for one in candidates if one.seed == shown))


def measured() -> ConsistencyFigures:
    sightings = tuple(
        Sighting(
            f"panel {number}, seed {seed}",
            "mira",
            figure=0,
            similarity=0.8,
            likeness=likeness,
            lead=likeness / 2,
            looks_like="mira" if likeness > 0.2 else "bram",
            copied=False,
        )
        for (number, seed), likeness in LIKENESS.items()
    )
    of_mira = CharacterFigures("mira", panels=4, found=4, references=5, diversity=0.3)
    return ConsistencyFigures((of_mira,), sightings, cast_match=0.9)


def test_the_figures_are_those_of_the_pictures_that_are_shown():
    record = reports.measured_storyboard(candidates=measured(), figures=measured())
    chosen = figures_of_choice(record, [panel(1, (7, 8), 8), panel(2, (9, 10), 10)], {})
    assert [(one.panel, one.likeness) for one in chosen.figures.sightings] == [
        ("panel 1", 0.5),
        ("panel 2", 0.1),
    ]
    assert chosen.figures.likeness is not None
    assert (chosen.figures.likeness.mean, chosen.figures.likeness.panels) == (0.3, 2)
    assert chosen.figures.cast_match == 0.9  # the mean of 0.8 and 1.0
    assert chosen.figures.confusion == {"mira": {"bram": 1, "mira": 1}}
    (mira,) = chosen.figures.characters
    assert (mira.panels, mira.found, mira.references, mira.diversity) == (2, 2, 5, None)
    assert chosen.summary.startswith("Likeness 0.30")
    assert chosen.candidates == record.candidates


def test_a_panel_that_was_drawn_again_has_no_figures_and_is_named():
    record = reports.measured_storyboard(candidates=measured(), figures=measured())
    again = panel(1, (7, 8), 7, redraw=Redraw(panel_id="panel-001", note="Darker."))
    chosen = figures_of_choice(record, [again, panel(2, (9, 10), 9)], {})
    assert [one.panel for one in chosen.figures.sightings] == ["panel 2"]
    assert chosen.not_measured == {"panel 1": NOT_MEASURED}
