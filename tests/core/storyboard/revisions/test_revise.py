"""Revisions: what is kept keeps its numbers, whatever is inserted, deleted, moved or edited."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from storyboard_ops.core.storyboard.revisions.numbers import order_key
from storyboard_ops.core.storyboard.revisions.revise import (
    colour_of,
    number_by_position,
    revise_board,
)
from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.production_sheet import ScriptScene
from storyboard_ops.domain.storyboard.board_revision import BoardRevision
from storyboard_ops.domain.storyboard.panel_card import PanelCard, panel_id

HARBOUR = ("Mira walks along the quay.", "Bram waves from his boat.", "Pip lands on the mast.")


def scene(heading: str, *panels: str | PanelCard, number: str = "") -> ScriptScene:
    cards = [PanelCard(description=one) if isinstance(one, str) else one for one in panels]
    return ScriptScene(scene=heading, number=number, panels=tuple(cards))


def revise(*scenes: ScriptScene, last: BoardRevision | None = None) -> BoardRevision:
    return revise_board(scenes, last, board="main", run_key="run-1", date="2026-11-29T15:00:00Z")


def ids(revision: BoardRevision) -> dict[str, str]:
    """Id by description, in the board's order."""
    return {
        card.description: panel_id(one.number, card.shot, card.panel)
        for one in revision.scenes
        for card in one.panels
    }


def test_a_first_revision_counts_in_tens_and_nothing_is_new() -> None:
    first = revise(scene("EXT. HARBOUR", *HARBOUR), scene("INT. LOFT", "The lamp goes out."))
    assert list(ids(first).values()) == ["010-010-010", "010-020-010", "010-030-010", "020-010-010"]
    assert (first.version, first.colour, first.new, first.changed) == (1, "white", (), ())


def test_an_insert_changes_no_other_number() -> None:
    first = revise(scene("EXT. HARBOUR", *HARBOUR))
    a, b, c = HARBOUR
    second = revise(scene("EXT. HARBOUR", "Fog.", a, "A gull.", "A bell.", b, c), last=first)
    assert list(ids(second).values()) == [
        *("010-A010-010", "010-010-010", "010-010A-010", "010-010B-010"),
        *("010-020-010", "010-030-010"),
    ]
    assert second.new == ("010-A010-010", "010-010A-010", "010-010B-010")
    assert (second.version, second.colour) == (2, "blue")
    assert second.changed == second.moved == second.omitted_now == ()
    third = revise(
        scene("EXT. HARBOUR", "Fog.", a, "A gull.", "Rain.", "A bell.", b, c), last=second
    )
    assert third.new == ("010-010AA-010",)


def test_what_is_gone_is_omitted_and_its_number_is_not_given_again() -> None:
    a, b, c = HARBOUR
    first = revise(scene("EXT. HARBOUR", a, b, c))
    second = revise(scene("EXT. HARBOUR", a, b), last=first)
    assert second.omitted_now == ("010-030-010",)
    (gone,) = second.omitted
    assert (gone.panel_id, gone.description, gone.scene, gone.since) == (
        *("010-030-010", c, "EXT. HARBOUR", 2),
    )
    third = revise(scene("EXT. HARBOUR", a, b, "The sun sets."), last=second)
    assert ids(third)["The sun sets."] == "010-040-010"
    assert (third.omitted, third.omitted_now) == (second.omitted, ())
    fourth = revise(scene("INT. LOFT", "The lamp goes out."), last=third)
    assert ids(fourth) == {"The lamp goes out.": "020-010-010"}
    assert [one.since for one in fourth.omitted] == [2, 4, 4, 4]


def test_an_edited_panel_is_changed_and_a_moved_one_moved() -> None:
    a, b, c = HARBOUR
    first = revise(scene("EXT. HARBOUR", a, b, c))
    second = revise(scene("EXT. HARBOUR", c, a, "Bram waves wildly from his boat."), last=first)
    assert list(ids(second).values()) == ["010-030-010", "010-010-010", "010-020-010"]
    assert (second.changed, second.moved) == (("010-020-010",), ("010-030-010",))
    assert second.new == second.omitted_now == ()


def test_scenes_move_with_their_panels_and_equal_headings_are_two_scenes() -> None:
    first = revise(
        scene("INT. LOFT - DAY", "Mira sews."), scene("INT. LOFT - DAY", "Bram sleeps."),
        scene("EXT. SEA", "Waves.", "A sail."),
    )  # fmt: skip
    assert [one.number for one in first.scenes] == ["010", "020", "030"]
    one, two, sea = first.scenes
    second = revise(sea, one, scene("EXT. HILL", "A storm."), two, last=first)
    assert [each.number for each in second.scenes] == ["030", "010", "010A", "020"]
    assert second.moved == ("030-010-010", "030-020-010")
    assert second.new == ("010A-010-010",)


def test_scenes_keep_the_numbers_of_the_script_and_then_those_of_the_board() -> None:
    first = revise(
        scene("A", "Fire.", number="12"), scene("B", "Ice."), scene("C", "Air.", number="12A")
    )
    assert [one.number for one in first.scenes] == ["12", "A12A", "12A"]
    # The program that wrote the script has counted again; the board's numbers hold.
    second = revise(
        scene("A", "Fire.", number="12"), scene("D", "Earth.", number="13"),
        scene("B", "Ice.", number="14"), scene("C", "Air.", number="15"), last=first,
    )  # fmt: skip
    assert [one.number for one in second.scenes] == ["12", "13", "A12A", "12A"]


def test_panels_of_one_shot_are_counted_within_it() -> None:
    wide = [PanelCard(description=one, shot="1") for one in HARBOUR[:2]]
    close = PanelCard(description=HARBOUR[2], shot="2")
    first = revise(scene("EXT. HARBOUR", *wide, close))
    assert list(ids(first).values()) == ["010-1-010", "010-1-020", "010-2-010"]
    gull = PanelCard(description="A gull.")
    second = revise(scene("EXT. HARBOUR", wide[0], gull, wide[1], close), last=first)
    assert second.new == ("010-1-010A",)
    told = gull.model_copy(update={"shot": "2"})
    assert revise(scene("EXT. HARBOUR", *wide, close, told), last=first).new == ("010-2-020",)
    assert revise(scene("EXT. HARBOUR", *wide, told, close), last=first).new == ("010-2-A010",)
    assert revise(scene("EXT. HARBOUR", *wide, gull, close), last=first).new == ("010-1A-010",)


def test_locked_numbers_win_and_double_ones_are_refused() -> None:
    a, b, c = HARBOUR
    first = revise(scene("EXT. HARBOUR", a, b, c, number="7"))
    lock = PanelCard(description="A gull.", shot="020", panel="010", locked=True)
    second = revise(scene("EXT. HARBOUR", a, lock, b, c, number="7"), last=first)
    assert list(ids(second).items())[:3] == [
        (a, "7-010-010"), ("A gull.", "7-020-010"), (b, "7-020A-010"),
    ]  # fmt: skip
    named = scene("EXT. HARBOUR", lock, number="12B")
    assert revise(named, last=first).scenes[0].number == "12B"
    with pytest.raises(BadInput, match=r"2 panels have the locked number 7-020-010\. Unlock"):
        revise(scene("EXT. HARBOUR", lock, lock, number="7"))
    odd = lock.model_copy(update={"shot": "1-2"})
    with pytest.raises(BadInput, match="locked number 1-2 of a shot or panel is not letters"):
        revise(scene("EXT. HARBOUR", odd))


def test_the_same_content_is_the_same_version_with_the_lines_of_now() -> None:
    first = revise(scene("EXT. HARBOUR", *HARBOUR))
    later = [PanelCard(description=one, lines=(k,)) for k, one in enumerate(HARBOUR, 5)]
    again = revise(scene("EXT. HARBOUR", *later), last=first)
    assert (again.version, again.colour) == (1, "white")
    assert [card.lines for card in again.scenes[0].panels] == [(5,), (6,), (7,)]
    noted = [one.model_copy(update={"note": "ask Ana"}) for one in later]
    assert (revise(scene("EXT. HARBOUR", *noted), last=first).changed, again.changed) == ((), ())
    assert revise(scene("EXT. HARBOUR", *noted), last=first).version == 2


def test_colours_follow_the_custom_of_screenplays() -> None:
    assert [colour_of(one) for one in (1, 2, 3, 9, 10, 28)] == [
        *("white", "blue", "pink", "cherry", "double white", "4th white"),
    ]


def test_numbers_by_position_are_those_of_a_first_revision() -> None:
    scenes = (scene("EXT. HARBOUR", *HARBOUR), scene("EXT. HARBOUR", "Night falls."))
    assert number_by_position(scenes) == revise(*scenes).scenes


@pytest.mark.parametrize("seed", range(40))
def test_any_row_of_changes_keeps_the_ids_of_all_others(seed: int) -> None:
    dice = random.Random(seed)
    board: list[list[str]] = [[text(dice) for _ in range(4)] for _ in range(3)]
    last, ever = revised(board, None), set[str]()
    for _ in range(8):
        before, version = ids(last), last.version
        touched = change(board, dice)
        last = revised(board, last)
        now = ids(last)
        assert len(set(now.values())) == len(now), "ids are unique"
        assert {one: now[one] for one in before if one in now and one not in touched} == {
            one: name for one, name in before.items() if one in now and one not in touched
        }
        fresh = {now[one] for one in now if one not in before} - set(before.values())
        assert not fresh & ever, "no number is given again"
        ever |= set(before.values()) | fresh
        gone = set(before.values()) - set(now.values())
        assert gone == set(last.omitted_now) or last.version == version, "nothing has changed"
        assert {one.panel_id for one in last.omitted} & set(now.values()) == set()


@pytest.mark.parametrize("seed", range(10))
def test_numbers_sort_in_the_order_of_the_board_while_panels_are_only_inserted(seed: int) -> None:
    dice = random.Random(seed)
    shot: list[PanelCard] = [PanelCard(description=text(dice), shot="010")]
    last = revise(scene("EXT. HARBOUR", *shot))
    for _ in range(12):
        shot.insert(dice.randrange(len(shot) + 1), PanelCard(description=text(dice), shot="010"))
        last = revise(scene("EXT. HARBOUR", *shot), last=last)
        keys = [order_key(card.panel) or () for card in last.scenes[0].panels]
        assert keys == sorted(keys)


def text(dice: random.Random) -> str:
    """A line that is like no other."""
    return " ".join("".join(dice.choices("abcdefghij", k=6)) for _ in range(6))


def revised(board: Sequence[Sequence[str]], last: BoardRevision | None) -> BoardRevision:
    return revise(*(scene("INT. LOFT", *panels) for panels in board), last=last)


def change(board: list[list[str]], dice: random.Random) -> set[str]:
    """Insert, delete, move or edit a panel, or move a scene; return the texts it touches."""
    here = board[dice.randrange(len(board))]
    place = dice.randrange(len(here))
    match dice.choice(["insert", "delete", "move", "edit", "scene"]):
        case "insert":
            here.insert(place, new := text(dice))
            return {new}
        case "delete" if len(here) > 2:
            return {here.pop(place)}
        case "move":
            here.insert(dice.randrange(len(here)), here.pop(place))
            return set()
        case "edit":
            old = here[place]
            here[place] = f"{old} {text(dice)[:6]}"
            return {old, here[place]}
        case _:
            board.insert(dice.randrange(len(board)), board.pop())
            return set()
