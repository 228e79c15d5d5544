"""The storyboard section: who is in a panel, how it is shot, what is said, and why this picture."""

from __future__ import annotations

from typing import Any

import pytest

from storyboard_ops.core.report.panel_view import PanelView
from storyboard_ops.core.report.run_results import run_results
from storyboard_ops.core.storyboard.board import arrange_board
from storyboard_ops.domain.image_records import Candidate
from storyboard_ops.domain.storyboard.panel_card import SpokenLine
from tests.material import factories, reports
from tests.reading.report_reading import parsed, section

SPOKEN = (
    SpokenLine(speaker="MIRA", character="mira", text="Who is there?", parenthetical="whispers"),
    SpokenLine(speaker="BRAM", character="bram", text="Only the wind.", off="V.O."),
)
CANDIDATES = (
    Candidate(seed=7, uri="s3://b/7", sha256="seven", likeness=0.61, cast_match=1.0),
    Candidate(seed=8, uri="s3://b/8", sha256="eight", likeness=0.8, cast_match=1.0),
    Candidate(seed=9, uri="s3://b/9", sha256="nine", cast_match=0.5),
)


def view(**changes: Any) -> PanelView:
    (placed,) = arrange_board((factories.panel(1, **changes),)).panels
    return PanelView(placed, factories.production())


def told(**changes: Any) -> str:
    return section(
        parsed(reports.report_facts(panels=(factories.panel(1, **changes),))), "storyboard"
    )


def test_a_panel_names_its_cast() -> None:
    assert "With Mira, Pip" in told(characters=("mira", "pip"))
    assert "With nobody of the cast" in told(characters=())


def test_a_panel_tells_how_it_is_shot_and_what_is_heard() -> None:
    shot = {"size": "wide", "angle": "low", "move": "push in", "place": "harbour", "time": "dusk"}
    page = told(**shot, dialogue=SPOKEN, sound="A bell", transition="CUT TO:")
    assert "wide low push in harbour dusk" in page
    assert "MIRA (whispers): Who is there? BRAM (V.O.): Only the wind." in page
    assert "Sound: A bell CUT TO:" in page


def test_what_the_script_leaves_open_takes_no_room() -> None:
    bare = view()
    assert (bare.shot_facts, bare.speeches, bare.heard, bare.marks, bare.candidates) == ((),) * 5
    assert bare.choice == ""


def test_a_panel_says_which_of_its_candidates_it_shows_and_why() -> None:
    because = "It has the highest likeness of 3 candidates: 0.80."
    page = told(candidates=CANDIDATES, chosen_because=because, seed=8, sha256="eight")
    assert (
        f"{because} Seed 7 likeness 0.61, cast match 1.00 "
        "Seed 8 chosen likeness 0.80, cast match 1.00 Seed 9 cast match 0.50"
    ) in page
    assert "3 candidates to choose from" in page


@pytest.mark.parametrize(
    ("why", "choice"),
    [("Ana chose it.", "Ana chose it."), ("", "None of them was compared; it is the first.")],
)
def test_there_is_always_a_reason_for_a_choice(why, choice) -> None:
    unseen = Candidate(seed=7, uri="s3://b/7", sha256="seven")
    shown = view(candidates=(unseen,), chosen_because=why, sha256="seven")
    assert shown.choice == choice
    assert [(one.measured, one.is_chosen) for one in shown.candidates] == [("not measured", True)]


def test_marks_come_before_the_description() -> None:
    page = told(notes=("The prompt was cut.",), note="Check the lamp.")
    assert page.index("The prompt was cut. Check the lamp.") < page.index("Mira walks along")


def test_panels_are_as_long_as_on_the_board_and_failures_have_no_picture() -> None:
    panels = (
        factories.panel(1, frames=36, characters=("mira", "pip")),
        factories.failed_panel(2, "Inside the lighthouse"),
    )
    facts = reports.report_facts(panels=panels)
    drawn, missing = run_results(facts, arrange_board(panels, facts.settings.rate)).panels
    assert (drawn.label, drawn.seconds, drawn.cast) == ("010-010-010", 1.5, ("Mira", "Pip"))
    assert drawn.sha256 == panels[0].sha256
    assert (missing.label, missing.sha256, missing.uri) == ("020-010-010", "", "")
    assert missing.failure == panels[1].failure
    assert run_results(facts, arrange_board(panels)).approved == 32
