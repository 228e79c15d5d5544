"""Correcting a crop on the board: by keys, by pointer, by numbers; shown at once, and undone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.board_page import BoardPage, Opener
from tests.browser.page_probes import CONTRAST
from tests.browser.review.review_items import review_of
from tests.browser.review.review_server import Review

pytestmark = pytest.mark.slow

#: The part of an element of the board that its frame shows, as shares of the frame.
SHOWN_PART = """(frame) => {
  const image = frame.querySelector("img").getBoundingClientRect();
  const part = frame.getBoundingClientRect();
  const share = (number) => Math.round(1000 * number) / 1000;
  return [
    share((part.left - image.left) / image.width), share((part.top - image.top) / image.height),
    share(part.width / image.width), share(part.height / image.height),
  ];
}"""


def cut_of(review: Review, number: int) -> str:
    """The corrected cut that the server holds; "" for none."""
    return str(review.decisions.get(review.items[number]["id"], {}).get("cut", ""))


def test_a_crop_is_moved_and_resized_by_keys_and_undone(opened: Opener) -> None:
    review = review_of(4)
    board = opened(review)

    board.press("b")
    box = board.where.locator(".crop-box")
    assert box.get_attribute("aria-label") == "Crop, 640 by 640 pixels, at 320, 320"
    board.press("ArrowRight", "ArrowRight", "Shift+ArrowUp", "-")
    assert box.get_attribute("aria-label") == "Crop, 620 by 620 pixels, at 350, 329"
    board.press("Enter")
    board.wait_saved()
    assert [cut_of(review, number) for number in range(4)] == ["350,329,620,620", "", "", ""]
    assert review.decisions[review.items[0]["id"]]["decision"] == "open"
    card = board.card(0)
    assert "Crop corrected." in (card.get_attribute("aria-label") or "")
    part = card.locator(".recut").evaluate(SHOWN_PART)
    assert part == pytest.approx([350 / 1280, 329 / 1280, 620 / 1280, 620 / 1280], abs=0.003)

    board.press("a", "u", "u")
    board.wait_saved()
    assert cut_of(review, 0) == ""
    assert card.locator(".recut").count() == 0
    board.press("Shift+U", "Shift+U")
    board.wait_saved()
    assert cut_of(review, 0) == "350,329,620,620"
    assert review.decisions[review.items[0]["id"]]["decision"] == "approve"
    assert board.problems == []


def drag(board: BoardPage, place: tuple[float, float], by: tuple[float, float]) -> None:
    """Drag from a place of the box, as shares of it, by pixels of the frame."""
    box = board.where.locator(".crop-box").bounding_box()
    frame = board.where.locator(".crop-frame").bounding_box()
    assert box and frame
    x, y = box["x"] + place[0] * box["width"], box["y"] + place[1] * box["height"]
    scale = frame["width"] / 1280
    mouse = board.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + by[0] * scale, y + by[1] * scale, steps=3)
    mouse.up()


def numbers(board: BoardPage) -> list[int]:
    fields = board.where.locator(".crop-numbers input").all()
    return [int(field.input_value()) for field in fields]


def test_a_crop_is_dragged_within_its_frame(opened: Opener) -> None:
    review = review_of(4)
    board = opened(review)
    board.press("b")

    drag(board, (0.5, 0.5), (200, -100))
    assert numbers(board) == pytest.approx([520, 220, 640, 640], abs=3)
    drag(board, (0.5, 0.5), (900, 900))
    assert numbers(board) == [640, 640, 640, 640], "it stays inside the frame"
    drag(board, (0, 0), (-340, 100))
    assert numbers(board) == pytest.approx([300, 740, 980, 540], abs=3)
    drag(board, (0.5, 1), (0, -900))
    assert numbers(board)[3] == 342, "no shorter than training needs"
    board.where.get_by_role("button", name="As the pipeline cut it").click()
    assert numbers(board) == [320, 320, 640, 640]
    board.press("Escape")
    assert board.where.locator("dialog[open]").count() == 0
    board.press("b", "Enter")
    board.page.wait_for_timeout(600)
    assert review.batches == [], "nothing was changed"


def test_a_crop_is_given_in_numbers_of_which_impossible_ones_are_corrected(opened: Opener) -> None:
    review = review_of(4)
    board = opened(review)
    board.press("z", "b")

    for name, value in (("Width", "100"), ("Left", "5000"), ("Height", "400")):
        board.where.get_by_label(f"{name}, pixels").fill(value)
    board.press("Tab")
    assert numbers(board) == [1280 - 342, 320, 342, 400]
    board.press("Shift+Tab", "Enter")
    board.wait_saved()
    assert cut_of(review, 0) == "938,320,342,400"
    stage = board.where.locator(".loupe .print")
    assert stage.evaluate(SHOWN_PART) == pytest.approx(
        [938 / 1280, 0.25, 342 / 1280, 400 / 1280], abs=0.003
    )
    board.press("n")
    box: Any = board.where.locator(".loupe .box").evaluate("box => box.style.left")
    assert box.startswith("73.28")
    board.press("Escape", "Escape")
    board.where.get_by_role("button", name="Crop corrected 1").click()
    assert board.cards.count() == 1
    assert board.problems == []


def test_a_reader_and_a_picture_without_its_frame_get_no_sheet(opened: Opener) -> None:
    review = review_of(4)
    review.items[0]["cut"] = None
    board = opened(review)
    board.press("b")
    board.where.locator(".toast", has_text="cannot be corrected").wait_for()
    assert board.where.locator("dialog[open]").count() == 0

    reader = opened(review_of(4, may_decide=False))
    reader.press("b")
    assert reader.where.locator("dialog[open]").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1100, 1440])
def test_the_sheet_fits_and_is_legible(opened: Opener, scheme: str, width: int) -> None:
    board = opened(review_of(4), color_scheme=scheme, viewport={"width": width, "height": 844})
    board.press("b")
    assert board.page.evaluate(CONTRAST)["faults"] == []
    assert board.page.evaluate("document.documentElement.scrollWidth") == width
    box = board.where.locator(".crop-frame").bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= width
    button = board.where.get_by_role("button", name="Use this crop")
    button.scroll_into_view_if_needed()
    assert button.is_visible()
