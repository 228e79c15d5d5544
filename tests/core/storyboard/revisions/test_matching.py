"""What of a new list of scenes was in the last revision."""

from __future__ import annotations

from storyboard_ops.core.storyboard.revisions.matching import (
    content_of,
    match_panels,
    match_scenes,
)
from storyboard_ops.domain.production_sheet import ScriptScene
from storyboard_ops.domain.storyboard.panel_card import PanelCard


def cards(*descriptions: str) -> tuple[PanelCard, ...]:
    return tuple(PanelCard(description=one) for one in descriptions)


def scene(heading: str, *descriptions: str, number: str = "") -> ScriptScene:
    return ScriptScene(scene=heading, number=number, panels=cards(*descriptions))


def test_equal_panels_match_wherever_they_stand_and_similar_ones_in_order() -> None:
    old = cards("Mira lifts the lamp.", "Bram sleeps.", "Pip turns her head to the sea.")
    new = cards("Bram sleeps.", "A gull cries.", "Mira lifts the lamp.", "Pip turns to the sea.")
    assert match_panels(old, new) == {0: 1, 2: 0, 3: 2}


def test_of_equal_panels_those_with_the_same_neighbours_match() -> None:
    old = cards("She waits.", "A door opens.", "She waits.", "A dog barks.")
    assert match_panels(old, old[1:]) == {0: 1, 1: 2, 2: 3}
    assert match_panels(old, (*old[:2], *old[3:])) == {0: 0, 1: 1, 2: 3}


def test_other_words_are_another_panel_and_other_settings_are_not() -> None:
    old = cards("Mira lifts the lamp.")
    assert match_panels(old, cards("A storm comes up over the bay.")) == {}
    wide = old[0].model_copy(update={"size": "wide", "seconds": 5.0})
    assert match_panels(old, [wide]) == {0: 0}
    assert content_of(wide) != content_of(old[0])
    noted = old[0].model_copy(update={"lines": (7,), "note": "ask Ana", "shot": "010"})
    assert content_of(noted) == content_of(old[0])


def test_scripts_without_blanks_are_compared_by_letters() -> None:
    assert match_panels(cards("米拉举起了灯。"), cards("米拉慢慢举起了灯。")) == {0: 0}
    assert match_panels(cards("米拉举起了灯。"), cards("海鸥在叫。")) == {}


def test_a_locked_panel_is_the_one_with_its_numbers() -> None:
    old = [one.model_copy(update={"shot": "010", "panel": "010"}) for one in cards("Mira waves.")]
    new = PanelCard(description="Something else.", shot="010", panel="010", locked=True)
    assert match_panels(old, [new]) == {0: 0}
    assert match_panels(old, [new.model_copy(update={"locked": False})]) == {}


def test_scenes_match_by_what_is_in_them_before_number_and_heading() -> None:
    kitchen = scene("INT. KITCHEN - DAY", "Mira cooks.", "Bram eats.", number="1")
    hill = scene("EXT. HILL - DAY", "Pip flies.", number="2")
    later = kitchen.model_copy(update={"scene": "INT. KITCHEN - NIGHT", "number": "2"})
    new = scene("EXT. SEA", "Waves.", number="1")
    moved = hill.model_copy(update={"number": "3"})
    assert match_scenes([kitchen, hill], [new, later, moved]) == {1: 0, 2: 1}
    assert match_scenes([kitchen, hill], [moved, later]) == {0: 1, 1: 0}


def test_a_rewritten_scene_matches_by_number_heading_or_similar_text() -> None:
    old = scene("INT. KITCHEN - DAY", "Mira cooks a large pot of soup.")
    assert match_scenes([old], [scene("INT. KITCHEN - DAY", "Nobody is here.")]) == {0: 0}
    assert match_scenes([old], [scene("INT. KITCHEN. DAY", "Mira cooks a pot of soup.")]) == {0: 0}
    assert match_scenes([old], [scene("EXT. SEA", "Waves.")]) == {}
    numbered = old.model_copy(update={"number": "4"})
    assert match_scenes([numbered], [scene("EXT. SEA", "Waves.", number="4")]) == {0: 0}


def test_one_common_line_does_not_make_two_scenes_the_same() -> None:
    old = scene("INT. KITCHEN", "Mira cooks.", "Bram eats.", "Pip sings.", "He waits.")
    new = scene("EXT. HARBOUR", "Nets dry.", "A boat leaves.", "Gulls rise.", "He waits.")
    assert match_scenes([old], [new]) == {}
