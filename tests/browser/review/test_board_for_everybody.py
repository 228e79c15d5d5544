"""Everybody can use the board: on a phone, in dark and light, with a screen reader, with gaps."""

from __future__ import annotations

import math

import pytest

from tests.browser.board_page import Opener
from tests.browser.page_probes import CONTRAST
from tests.browser.review.review_items import review_of

pytestmark = pytest.mark.slow


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
