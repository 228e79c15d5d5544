"""Decisions on the board are saved, shared and finished, whatever network and others do."""

from __future__ import annotations

import pytest

from tests.browser.board_page import Opener
from tests.browser.review.review_items import review_of

pytestmark = pytest.mark.slow


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

    assert review.verdicts[:4] == [
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

    assert [decision for decision, _ in review.verdicts][:3] == ["approve", "approve", ""]
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
    assert review.verdicts[1] == ("approve", ""), "the rest of the batch is saved"

    conflict.get_by_role("button", name=choice).click()
    board.wait_saved()
    assert review.verdicts[0][0] == expected
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
