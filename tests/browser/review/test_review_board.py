"""The review board by itself, behind an API in memory: what a reviewer does by keyboard."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.board_page import Opener
from tests.browser.review.review_items import review_of

pytestmark = pytest.mark.slow


#: Chips of decisions from earlier runs.
NEW_CHIPS = ("carried", "changed")


def test_a_batch_is_reviewed_by_keyboard(opened: Opener) -> None:
    review = review_of(6)
    board = opened(review)

    board.press("a", "3", "r", "2")  # approve; blurred; reject: cut off
    board.press("r", "t")
    board.page.keyboard.type("two  heads")
    board.press("Enter")
    board.press("a", "Backspace", "c", "1")  # the last one goes back to Mira
    board.wait_saved()

    assert review.verdicts == [
        ("approve", ""),
        ("reject", "blurred"),
        ("reject", "cut off"),
        ("reject", "other: two heads"),
        ("approve", ""),
        ("open", ""),
    ]
    assert review.decisions[review.items[5]["id"]]["character"] == "mira"
    assert board.progress == "5 of 6 decided"
    assert board.problems == []


def test_reference_pictures_are_beside_the_picture_and_shots_in_order(opened: Opener) -> None:
    review = review_of(16)
    for item, shot in zip(review.items, [8, 0, 4, 12] * 4, strict=True):
        item["shot"] = shot
    review.characters = [
        {**one, "references": [f"{n}.jpg", f"{n + 2}.jpg"]}
        for n, one in enumerate(review.characters)
    ]
    board = opened(review)

    options = board.where.locator("select[aria-label=Shot] option").all_inner_texts()
    assert options == ["All shots", "Shot 0", "Shot 4", "Shot 8", "Shot 12"]
    board.press("z")
    shown = board.where.locator(".loupe .references img")
    shown.last.wait_for()
    assert [one.get_attribute("src") for one in shown.all()] == ["0.jpg", "2.jpg"]
    assert shown.first.get_attribute("alt") == "Mira, reference 1"
    board.press("c", "2")  # now Bram's
    board.where.locator(".references[data-character=bram]").wait_for()
    assert [one.get_attribute("src") for one in shown.all()] == ["1.jpg", "3.jpg"]
    assert board.problems == []


@pytest.mark.parametrize("composing", [{"isComposing": True}, {"keyCode": 229}])
def test_enter_that_ends_a_composition_is_no_enter(
    opened: Opener, composing: dict[str, Any]
) -> None:
    review = review_of(2)
    board = opened(review)
    enter = {"key": "Enter", "code": "Enter", "bubbles": True, **composing}
    send = "(field, event) => field.dispatchEvent(new KeyboardEvent('keydown', event))"

    board.press("e")
    field = board.where.locator(".text-editor textarea").first
    board.type("ミラ")
    field.evaluate(send, enter)
    assert field.evaluate("field => field === document.activeElement")
    board.press("Enter")
    board.wait_saved()
    assert review.decisions[review.items[0]["id"]]["caption"] == "ミラ"

    search = board.where.locator("input[type=search]")
    search.focus()
    search.evaluate(send, enter)
    assert search.evaluate("field => field === document.activeElement")
    board.card(0).focus()
    board.where.locator(".card.current").evaluate(send, enter)
    assert board.where.locator("dialog[open]").count() == 0
    assert board.problems == []


def test_decisions_of_earlier_runs_are_marked_and_can_be_changed(opened: Opener) -> None:
    review = review_of(4)
    review.items[1]["flags"] = ["changed since"]
    origin = {"run": "nightly-3", "desk": "page"}
    for number in (0, 1, 3):
        review.decide("ben", review.items[number]["id"], "approve")
        review.decisions[review.items[number]["id"]]["origin"] = origin
    board = opened(review)

    assert board.current == review.items[2]["id"]  # the first that is new
    said = "Approved by ben, 23 Nov, 06:45, in run nightly-3."
    assert said in (board.card(0).get_attribute("aria-label") or "")
    assert board.card(0).locator(".who").inner_text() == "ben, 23 Nov, 06:45, in an earlier run"
    chips = [board.where.locator(f".chip.{name} .number").inner_text() for name in NEW_CHIPS]
    assert chips == ["3", "1"]
    board.card(0).focus()
    board.press("Home", "r", "1")
    board.wait_saved()
    assert review.verdicts[0] == ("reject", "wrong character")
    assert board.card(0).locator(".who").count() == 0
    assert board.problems == []


def test_several_steps_are_undone_and_redone(opened: Opener) -> None:
    review = review_of(4)
    board = opened(review)

    board.press("a", "a", "1", "u", "Control+z")
    board.wait_saved()
    assert [decision for decision, _ in review.verdicts] in (
        ["approve", "open", "open", ""],
        ["approve", "", "", ""],  # undone before it was sent
    )
    assert board.decisions() == ["approve", "open", "open", "open"]

    board.press("Shift+U", "Control+y")
    board.wait_saved()
    assert review.verdicts[:3] == [("approve", ""), ("approve", ""), ("reject", "wrong character")]


def test_a_caption_is_edited_with_hints_and_the_original_comes_back(opened: Opener) -> None:
    review = review_of(4)
    board = opened(review)
    first = review.items[0]["id"]

    board.press("e")
    board.type("She waits.")
    assert board.card(0).locator(".hints .bad").all_inner_texts() == ["Does not name Mira."]
    board.type("Mira   waits\n")
    board.wait_saved()
    assert review.decisions[first]["caption"] == "Mira waits"
    assert review.decisions[first]["decision"] == "open"

    board.press("e")
    board.page.keyboard.insert_text("x" * 1025)
    assert " / 1,024" in board.card(0).locator(".length.bad").inner_text()
    board.press("Escape", "u")
    board.wait_saved()
    assert review.decisions[first]["caption"] == ""
    assert board.card(0).locator(".caption").inner_text() == review.items[0]["caption"]


def test_arrows_move_by_row_and_the_selection_is_decided_at_once(opened: Opener) -> None:
    review = review_of(12)
    board = opened(review)
    columns = board.where.locator(".rows").first.evaluate(
        "rows => getComputedStyle(rows).gridTemplateColumns.split(' ').length"
    )

    board.press("ArrowDown")
    assert board.current == review.items[columns]["id"]
    board.press("k", "l")
    assert board.current == review.items[1]["id"]

    board.card(0).click()
    board.card(3).click(modifiers=["Shift"])
    assert board.where.locator(".actions .what").inner_text() == "4 pictures selected"
    board.press("a")
    assert board.decisions()[:5] == ["approve"] * 4 + ["open"]
    board.press("u")
    assert board.decisions() == ["open"] * 12


def test_filters_narrow_down_what_select_all_takes(opened: Opener) -> None:
    review = review_of(12)
    board = opened(review)

    board.where.get_by_label("Character", exact=True).select_option("bram")
    assert board.cards.count() == 6
    board.press("Escape")
    board.where.get_by_role("button", name="Select all 6").click()
    board.press("1")
    board.wait_saved()
    assert [decision for decision, _ in review.verdicts] == [""] * 6 + ["reject"] * 6

    board.where.get_by_label("Character", exact=True).select_option("")
    board.where.get_by_role("button", name="Undecided 6").click()
    board.card(0).click()
    board.press("a")
    assert board.cards.count() == 5, "decided pictures leave the filter"
    assert board.current == review.items[1]["id"]
    board.press("/")
    board.page.keyboard.type("number 4")
    assert board.cards.count() == 1


def test_the_full_picture_shows_the_frames_of_the_shot_and_takes_the_same_keys(
    opened: Opener,
) -> None:
    review = review_of(4)
    board = opened(review)
    loupe = board.where.locator("dialog.loupe")
    picture = loupe.locator(".large")

    board.press("z")
    assert str(picture.get_attribute("src")) == "0.jpg"
    board.press("n")
    assert loupe.locator(".box").is_visible(), "where the picture was cut from its frame"
    board.press("n")
    assert str(picture.get_attribute("src")) == "1.jpg"
    board.press("Escape", "a", "2", "Escape")
    loupe.wait_for(state="hidden")
    board.wait_saved()

    assert review.verdicts[:3] == [("approve", ""), ("reject", "cut off"), ("", "")]
    assert board.current == review.items[2]["id"]


def test_keys_do_the_same_on_other_keyboards(opened: Opener) -> None:
    board = opened(review_of(4))
    press = "(init) => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', init))"
    common = {"bubbles": True, "cancelable": True}

    board.page.evaluate(press, {"key": "ㅁ", "code": "KeyA", **common})
    board.page.evaluate(press, {"key": "A", "code": "KeyA", **common})  # with Caps Lock
    board.page.evaluate(press, {"key": "U", "code": "KeyU", **common})

    assert board.decisions() == ["approve", "open", "open", "open"]
