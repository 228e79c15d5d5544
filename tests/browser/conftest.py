"""A headless Chromium; tests are skipped where it or its driver is missing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.board_server import Review, served
from tests.browser.review_page import Opener, ReviewPage, context_of, open_board

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser, started once for a module."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    if CHROMIUM is None:
        pytest.skip("needs chromium on the PATH")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium: Browser) -> Iterator[Opener]:
    """Opens a review's board; ``context`` settings make it another person's browser."""
    with ExitStack() as stack:
        addresses: dict[int, str] = {}

        def open_review(review: Review, **context: Any) -> ReviewPage:
            if id(review) not in addresses:
                addresses[id(review)] = stack.enter_context(served(review))
            browser = stack.enter_context(context_of(chromium, **context))
            return open_board(browser, addresses[id(review)])

        yield open_review
