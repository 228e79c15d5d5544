"""The review board by itself, behind an API in memory: keys, saving, conflicts, finishing."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tests.browser.board_page import Opener
from tests.browser.page_probes import CONTRAST
from tests.browser.review.review_items import review_of
from tests.browser.review.review_server import Review

pytestmark = pytest.mark.slow


#: Chips of decisions from earlier runs.
NEW_CHIPS = ("carried", "changed")


def verdicts(review: Review) -> list[tuple[str, str]]:
    """What the server holds, in the order of the pictures: decision and reason."""
    held = [review.decisions.get(item["id"]) for item in review.items]
    return [(one["decision"], one["reason"]) if one else ("", "") for one in held]


def test_a_batch_is_reviewed_by_keyboard(opened: Opener) -> None:
    review = review_of(6)
    board = opened(review)

    board.press("a", "3", "r", "2")  # approve; blurred; reject: cut off
    board.press("r", "t")
    board.page.keyboard.type("two  heads")
    board.press("Enter")
    board.press("a", "Backspace", "c", "1")  # the last one goes back to Mira
    board.wait_saved()

    assert verdicts(review) == [
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
    assert verdicts(review)[0] == ("reject", "wrong character")
    assert board.card(0).locator(".who").count() == 0
    assert board.problems == []


def test_several_steps_are_undone_and_redone(opened: Opener) -> None:
    review = review_of(4)
    board = opened(review)

    board.press("a", "a", "1", "u", "Control+z")
    board.wait_saved()
    assert [decision for decision, _ in verdicts(review)] in (
        ["approve", "open", "open", ""],
        ["approve", "", "", ""],  # undone before it was sent
    )
    assert board.decisions() == ["approve", "open", "open", "open"]

    board.press("Shift+U", "Control+y")
    board.wait_saved()
    assert verdicts(review)[:3] == [("approve", ""), ("approve", ""), ("reject", "wrong character")]


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
    assert [decision for decision, _ in verdicts(review)] == [""] * 6 + ["reject"] * 6

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

    assert verdicts(review)[:3] == [("approve", ""), ("reject", "cut off"), ("", "")]
    assert board.current == review.items[2]["id"]


def test_nothing_is_lost_when_the_page_is_closed_while_the_server_is_away(opened: Opener) -> None:
    review = review_of(6)
    board = opened(review)
    board.press("a")
    board.wait_saved()

    review.outage = True
    board.press("2", "a")
    assert "2 unsaved" in board.wait_status("offline")
    review.outage = False
    board.page.reload()
    board.wait_ready()
    board.wait_saved()

    assert verdicts(review)[:4] == [
        ("approve", ""),
        ("reject", "cut off"),
        ("approve", ""),
        ("", ""),
    ]
    assert board.current == review.items[3]["id"], "it goes on at the first undecided picture"


def test_saving_resumes_after_an_outage(opened: Opener) -> None:
    review = review_of(6)
    board = opened(review)

    review.outage = True
    board.press("a", "a")
    board.wait_status("offline")
    review.outage = False
    board.wait_saved()

    assert [decision for decision, _ in verdicts(review)][:3] == ["approve", "approve", ""]
    assert sum(len(batch["decisions"]) for batch in review.batches) == 2


def test_decisions_of_others_appear_without_reloading(opened: Opener) -> None:
    review = review_of(4)
    board = opened(review)

    review.decide("ben", review.items[2]["id"], "reject", "blurred")
    board.where.locator('.card[data-decision="reject"] .who', has_text="ben").wait_for()

    assert board.decisions() == ["open", "open", "reject", "open"]
    assert review.batches == []


@pytest.mark.parametrize(
    ("choice", "expected"), [("Use mine", "approve"), ("Keep ben’s", "reject")]
)
def test_two_decisions_about_a_picture_are_both_shown_and_one_is_chosen(
    opened: Opener, choice: str, expected: str
) -> None:
    review = review_of(4)
    board = opened(review)
    first = review.items[0]["id"]

    review.decide("ben", first, "reject", "blurred")
    board.press("a", "a")
    conflict = board.card(0).locator(".conflict")
    conflict.wait_for()
    assert "ben rejected it (blurred)" in conflict.inner_text()
    assert "You approved it" in conflict.inner_text()
    board.wait_saved()
    assert review.decisions[first]["reviewer"] == "ben", "nothing is overwritten without consent"
    assert verdicts(review)[1] == ("approve", ""), "the rest of the batch is saved"

    conflict.get_by_role("button", name=choice).click()
    board.wait_saved()
    assert verdicts(review)[0][0] == expected
    assert conflict.count() == 0


def test_finishing_needs_consent_to_the_undecided_and_the_cost(opened: Opener) -> None:
    review = review_of(8, consent_usd=81.7)
    board = opened(review)
    board.press("a", "a", "a", "a", "a", "1")
    board.where.get_by_role("button", name="Finish…").click()
    sheet = board.where.locator("dialog.finish")
    done = sheet.get_by_role("button", name="Finish", exact=True)

    assert "5 pictures approved, 1 rejected" in sheet.inner_text()
    assert "$81.70" in sheet.inner_text() and "4 h" in sheet.inner_text()
    assert done.is_disabled()
    sheet.get_by_label("Leave out the 2 pictures").check()
    assert done.is_disabled()
    sheet.get_by_label("Yes, spend $81.70").check()
    done.click()
    board.where.locator(".notice.done").wait_for()

    (final,) = review.finals
    assert (final["open"], final["consent_usd"], final["based_on"]) == (2, 81.7, review.version)
    saved = len(review.batches)
    board.press("Backspace", "1")
    board.page.wait_for_timeout(600)
    assert len(review.batches) == saved, "a finished review takes no decision"


def test_changes_after_the_review_is_finished_are_reported_as_not_counted(opened: Opener) -> None:
    review = review_of(4)
    board = opened(review)

    review.outage = True
    board.press("a", "1")
    board.wait_status("offline")
    review.closed = {"by": "ben", "at": "2026-11-23T07:00:00+00:00"}
    review.outage = False
    board.where.locator(".toast", has_text="2 changes of yours came too late").wait_for()

    assert "ben" in board.where.locator(".notice.done").inner_text()
    assert board.decisions() == ["open"] * 4
    assert review.decisions == {}


def test_keys_do_the_same_on_other_keyboards(opened: Opener) -> None:
    board = opened(review_of(4))
    press = "(init) => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', init))"
    common = {"bubbles": True, "cancelable": True}

    board.page.evaluate(press, {"key": "ㅁ", "code": "KeyA", **common})
    board.page.evaluate(press, {"key": "A", "code": "KeyA", **common})  # with Caps Lock
    board.page.evaluate(press, {"key": "U", "code": "KeyU", **common})

    assert board.decisions() == ["approve", "open", "open", "open"]


def test_a_reader_without_permission_changes_nothing(opened: Opener) -> None:
    review = review_of(4, may_decide=False)
    board = opened(review)

    board.press("a", "1", "e", "c", "Delete", "u")
    board.press("z")
    assert board.where.locator("dialog.loupe").is_visible()
    assert board.where.locator("dialog.loupe .decide").count() == 0
    board.page.wait_for_timeout(600)

    assert review.batches == []
    assert board.decisions() == ["open"] * 4
    assert board.where.get_by_role("button", name="Finish…").count() == 0


def test_text_from_data_is_shown_as_text(opened: Opener) -> None:
    hostile = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>{{ 7 | plus: 7 }}'
    review = review_of(4)
    review.items[0].update(caption=hostile, timecode=hostile, notes=[hostile], video=hostile)
    review.characters[0]["name"] = hostile
    review.decide(hostile, review.items[1]["id"], "reject", hostile)
    board = opened(review)
    try:
        board.press("z", "n", "Escape", "Escape", "c", "Escape", "?", "Escape", "e", "Escape")
        shown = board.card(0).locator(".caption").inner_text()
        injected = board.page.evaluate(
            "[window.hit, document.querySelectorAll('img[src=x], .board script').length]"
        )
    finally:
        review.characters[0]["name"] = "Mira"

    assert shown == hostile
    assert injected == [None, 0]
    assert board.problems == []


def test_every_control_has_a_name_and_every_change_is_announced(opened: Opener) -> None:
    review = review_of(4)
    board = opened(review)
    board.press("z")

    nameless = board.page.evaluate(
        """() => [...document.querySelectorAll("button, input, select, textarea, article, dialog")]
          .filter(e => !(e.getAttribute("aria-label") || e.textContent.trim() || e.labels?.length))
          .map(e => e.outerHTML)"""
    )
    board.press("Escape", "a")

    assert nameless == []
    assert board.where.locator("[aria-live]").inner_text() == "1 picture approved. 3 to go."
    assert board.where.locator("[role=progressbar]").get_attribute("aria-valuenow") == "1"
    assert str(board.card(0).get_attribute("aria-label")).startswith(
        "Mira, 00:00:00.000, approved."
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_enough_contrast(opened: Opener, scheme: str) -> None:
    review = review_of(8, consent_usd=81.7)
    review.decide("ben", review.items[5]["id"], "approve")
    board = opened(review, color_scheme=scheme, reduced_motion="reduce")
    review.decide("ben", review.items[0]["id"], "reject", "blurred")
    board.press("a", "2", "c", "2", "x")
    board.card(0).locator(".conflict").wait_for()
    looks = [board.page.evaluate(CONTRAST)]
    board.press("Escape", "1", "z")
    looks.append(board.page.evaluate(CONTRAST))
    board.press("Escape", "?")
    looks.append(board.page.evaluate(CONTRAST))

    assert [look["faults"] for look in looks] == [[], [], []]
    assert min(look["seen"] for look in looks) > 50


def test_a_picture_that_failed_to_load_is_requested_again(opened: Opener) -> None:
    from playwright.sync_api import expect

    board = opened(review_of(4, lost_pictures=4))

    for number in range(4):
        picture = board.card(number).locator(".picture")
        expect(picture).to_have_js_property("naturalWidth", 320, timeout=15_000)
    assert board.where.locator(".toast", has_text="cannot be shown").count() == 0


def test_pictures_that_never_load_are_reported(opened: Opener) -> None:
    board = opened(review_of(4, lost_pictures=math.inf))

    board.where.locator(".toast", has_text="Some pictures cannot be shown.").wait_for()


def test_a_phone_shows_it_without_scrolling_sideways(opened: Opener) -> None:
    board = opened(review_of(8), viewport={"width": 390, "height": 844}, has_touch=True)

    assert board.page.evaluate("document.documentElement.scrollWidth") == 390
    columns = "rows => getComputedStyle(rows).gridTemplateColumns.split(' ').length"
    assert board.where.locator(".rows").first.evaluate(columns) == 2
    board.card(1).tap()
    board.where.get_by_role("toolbar").get_by_role("button", name="Approve").tap()
    assert board.decisions()[:3] == ["open", "approve", "open"]
