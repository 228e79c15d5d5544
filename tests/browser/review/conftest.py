"""Opens review boards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.board_page import BoardPage, Opener, context_of
from tests.browser.review.review_server import Review, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture
def opened(chromium: Browser) -> Iterator[Opener]:
    """Opens a review's board; ``context`` settings make it another person's browser."""
    with ExitStack() as stack:
        addresses: dict[int, str] = {}

        def open_review(review: Review, **context: Any) -> BoardPage:
            if id(review) not in addresses:
                addresses[id(review)] = stack.enter_context(served(review))
            browser = stack.enter_context(context_of(chromium, **context))
            return BoardPage.opened(browser, addresses[id(review)])

        yield open_review
