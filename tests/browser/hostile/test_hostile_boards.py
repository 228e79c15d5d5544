"""Hostile texts on the approval page and in the list of reviews, in every state of the page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from storyboard_ops.core.text.visible import isolated, visible
from tests.browser.board_page import BoardPage
from tests.browser.hostile.hostile_review import HostileReview, hostile_review
from tests.browser.hostile.hostile_watch import Watch, watched
from tests.browser.page_probes import SIDEWAYS, SPILT
from tests.browser.review.review_server import PAGE, RUNS, served
from tests.material.hostile_texts import LONG_WORD, SHORT, VISIBLE_TEXTS, each

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow

WIDTHS = (390, 1100)
TEXTS = {**SHORT, "long word": LONG_WORD}
#: Texts that run in different places, and all that may spill or reorder.
WALKED = (
    "script", "attribute", "template", "field", "controls", "lines", "override", "closed isolate",
    "right to left", "tower", "word", "joined word", "wide letters", "long word",
)  # fmt: skip
#: Other reviewers may write this much.
REASON_MAX, CAPTION_MAX = 400, 1024


@pytest.fixture
def watch(chromium: Browser) -> Iterator[Watch]:
    """A new profile for each text, which remembers nothing of the last one."""
    with watched(chromium) as tab:
        yield tab


def check(watch: Watch) -> None:
    """Nothing has happened, and nothing is wider than its place."""
    for width in WIDTHS:
        watch.page.set_viewport_size({"width": width, "height": 900})
        assert watch.faults() == []
        assert watch.page.evaluate(SPILT) == []
        assert watch.page.evaluate(SIDEWAYS) == []


def open_review(watch: Watch, address: str) -> BoardPage:
    watch.open(address)
    board = BoardPage(watch.page, watch.page)
    board.wait_ready()
    return board


def contest(review: HostileReview, board: BoardPage, watch: Watch) -> None:
    """Another reviewer decides on the picture that is being decided here."""
    with review.lock:
        review._store(
            review.text,
            [
                {
                    "image_id": review.items[0]["id"],
                    "decision": "reject",
                    "reason": review.text[:REASON_MAX],
                    "caption": review.text[:CAPTION_MAX],
                    "character": "bram",
                }
            ],
        )
    board.press("Home", "a")
    board.card(0).locator(".conflict").wait_for()
    watch.happened = [one for one in watch.happened if "409 (Conflict)" not in one]


@pytest.mark.parametrize("kind", each(WALKED))
def test_a_hostile_text_stays_a_text_in_every_state_of_the_board(watch: Watch, kind: str) -> None:
    review = hostile_review(TEXTS[kind])
    with served(review) as address:
        board = open_review(watch, address)
        watch.move_over_everything()
        check(watch)
        shown = " ".join(watch.page.locator(".card .caption").first.text_content().split())
        assert shown == " ".join(visible(TEXTS[kind]).split())
        for key in ("c", "?", "r"):
            board.press(key)
            check(watch)
            board.press("Escape")
        board.press("e")
        check(watch)
        board.press("Escape", "z")
        watch.page.locator("dialog.loupe[open]").wait_for()
        check(watch)
        board.press("n")
        check(watch)
        watch.page.get_by_role("button", name="Close (Esc)").click()
        watch.page.get_by_role("button", name="Finish…").click()
        check(watch)
        board.press("Escape")
        contest(review, board, watch)
        check(watch)


@pytest.mark.parametrize("kind", each(sorted(TEXTS.keys() - set(WALKED))))
def test_a_hostile_text_stays_a_text_on_the_board(watch: Watch, kind: str) -> None:
    with served(hostile_review(TEXTS[kind])) as address:
        open_review(watch, address)
        watch.move_over_everything()
        check(watch)


@pytest.mark.parametrize("kind", each(TEXTS))
def test_a_hostile_title_stays_a_text_in_the_list_of_reviews(watch: Watch, kind: str) -> None:
    with served(hostile_review(TEXTS[kind])) as address:
        watch.open(address.replace(PAGE, RUNS))
        watch.page.locator(".run-list").first.wait_for()
        watch.move_over_everything()
        check(watch)
        title = watch.page.locator(".run-list b").first.text_content() or ""
        assert " ".join(title.split()) == " ".join(visible(TEXTS[kind][:120]).split())


def test_what_follows_a_name_from_right_to_left_keeps_its_order(watch: Watch) -> None:
    text = SHORT["right to left"]
    review = hostile_review(text)
    with served(review) as address:
        board = open_review(watch, address)
        contest(review, board, watch)
        assert watch.mixed_lines([text]) == []
        board.press("ArrowRight", "z")
        watch.page.locator("dialog.loupe[open]").wait_for()
        assert watch.mixed_lines([text]) == []


@pytest.fixture(scope="module")
def kit(chromium: Browser) -> Iterator[Watch]:
    """A page at the address of the board's modules."""
    with served(hostile_review("")) as address, watched(chromium) as tab:
        tab.open(address)
        yield tab


@pytest.mark.parametrize(("text", "shown"), VISIBLE_TEXTS)
def test_the_page_shows_a_text_as_the_reports_do(kit: Watch, text: str, shown: str) -> None:
    module = 'import("../../../static/board_kit/page/visible.js")'
    assert kit.page.evaluate(f"async (text) => (await {module}).visible(text)", text) == shown


@pytest.mark.parametrize("name", ["Mira", "Łęcka", "林", "🦉", "שלום", "ميرا", "Mira ميرا", "٣"])
def test_the_page_isolates_a_name_as_the_reports_do(kit: Watch, name: str) -> None:
    module = 'import("../../../static/board_kit/page/visible.js")'
    found = kit.page.evaluate(f"async (name) => (await {module}).isolated(name)", name)
    assert found == isolated(name)
