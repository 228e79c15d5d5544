"""Pictures that are alike: selected at once, shown together, and approved as a group."""

from __future__ import annotations

import pytest

from tests.browser.board_page import BoardPage, Opener
from tests.browser.review.review_items import review_of
from tests.browser.review.review_server import Review

pytestmark = pytest.mark.slow

GROUPS = [1, 2, 1, 0, 2, 1, 3, 3, 0, 0, 0, 0]  # of six pictures of Mira and six of Bram


def review_with_groups() -> Review:
    review = review_of(12)
    for item, alike in zip(review.items, GROUPS, strict=True):
        item["alike"] = alike
    return review


def numbers(board: BoardPage, review: Review) -> list[int]:
    """The numbers of the pictures, as the board shows them."""
    ids = [item["id"] for item in review.items]
    shown = board.cards.evaluate_all("cards => cards.map(card => card.dataset.id)")
    return [ids.index(one) for one in shown]


def approved(review: Review) -> list[int]:
    held = [review.decisions.get(item["id"], {}).get("decision") for item in review.items]
    return [number for number, decision in enumerate(held) if decision == "approve"]


def test_a_key_selects_what_is_like_the_current_picture(opened: Opener) -> None:
    review = review_with_groups()
    board = opened(review)

    board.press("s")
    assert board.where.locator(".actions .what").inner_text() == "3 pictures selected"
    board.press("a")
    board.wait_saved()
    assert approved(review) == [0, 2, 5]
    board.press("Home", "ArrowRight", "ArrowRight", "ArrowRight", "s")
    board.where.locator(".toast", has_text="No other picture that is shown").wait_for()
    assert board.where.locator(".card.selected").count() == 0
    assert board.problems == []


def test_only_pictures_that_are_shown_are_selected(opened: Opener) -> None:
    review = review_with_groups()
    review.decide("ben", review.items[2]["id"], "reject", "blurred")
    board = opened(review)
    board.where.get_by_role("button", name="Undecided 11").click()
    board.press("Escape", "Home", "s", "a")
    board.wait_saved()
    assert approved(review) == [0, 5]
    assert review.decisions[review.items[2]["id"]]["reviewer"] == "ben"


def test_alike_pictures_are_shown_together_and_their_heading_selects_them(opened: Opener) -> None:
    review = review_with_groups()
    board = opened(review)

    order = board.where.get_by_label("Order", exact=True)
    order.select_option("likeness")
    assert numbers(board, review) == [0, 2, 5, 1, 4, 3, 6, 7, 8, 9, 10, 11]
    headings = board.where.locator(".card.opens .group").all_inner_texts()
    assert headings == ["3 alike", "2 alike", "Like no other", "2 alike", "Like no other"]
    board.where.locator(".card.opens .group", has_text="2 alike").first.click()
    board.press("a")
    board.wait_saved()
    assert approved(review) == [1, 4]

    order.select_option("shots")
    assert numbers(board, review) == list(range(12))
    headings = board.where.locator(".card.opens .group").all_inner_texts()
    assert headings == ["Shot 0", "Shot 4", "Shot 4", "Shot 8"]
    assert board.problems == []


def test_without_embeddings_there_is_no_order_to_choose(opened: Opener) -> None:
    board = opened(review_of(4))
    assert board.where.get_by_label("Order", exact=True).count() == 0
