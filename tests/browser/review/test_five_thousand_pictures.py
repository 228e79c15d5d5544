"""Five thousand pictures on the board: a browser has no more to do than with two hundred.

``python -m bench.board`` shows how long their frames take.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.board.measure import opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

FETCHED = "document.querySelectorAll('.card img.picture[src]').length"


def test_only_pictures_near_the_screen_are_fetched(chromium: Browser) -> None:
    from playwright.sync_api import expect

    fetched = {}
    for size in (200, 5_000):
        with opened(chromium, size) as board:
            beginning = _settled(board.page)
            board.press("End")
            shown = board.where.locator(".card.current .picture")
            expect(shown).not_to_have_js_property("naturalWidth", 0, timeout=15_000)
            fetched[size] = (beginning, _settled(board.page) - beginning)
    assert fetched[5_000][0] == fetched[200][0] < 100
    assert fetched[5_000][1] < 100


def test_no_image_waits_for_the_browser_to_look_at_it_in_every_frame(chromium: Browser) -> None:
    with opened(chromium, 200) as board:
        assert board.page.locator(".card [loading=lazy]").count() == 0


def _settled(page: Page) -> int:
    """Return the number of pictures with an address, after some frames without another one."""
    seen = []
    while len(seen) < 5 or len(set(seen[-5:])) > 1:
        page.evaluate("new Promise(requestAnimationFrame)")
        seen.append(int(page.evaluate(FETCHED)))
    return seen[-1]
