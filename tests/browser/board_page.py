"""A driver for a board in the browser: presses keys and reads what the page shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, FrameLocator, Locator, Page


@dataclass
class BoardPage:
    """One open board; ``where`` is the page, or the frame that shows it."""

    page: Page
    where: Page | FrameLocator
    problems: list[str] = field(default_factory=list)

    @classmethod
    def opened(cls, context: BrowserContext, address: str) -> Self:
        """Open the board at an address, ready for keys; script errors are in ``problems``."""
        page = context.new_page()
        board = cls(page, page)
        page.on("pageerror", lambda error: board.problems.append(str(error)))
        page.goto(address)
        board.wait_ready()
        return board

    @property
    def cards(self) -> Locator:
        """The pictures that the filters let through."""
        return self.where.locator(".card")

    def card(self, number: int) -> Locator:
        """The picture at an index among those shown."""
        return self.cards.nth(number)

    @property
    def current(self) -> str:
        """Id of the current picture."""
        return self.where.locator(".card.current").get_attribute("data-id") or ""

    def press(self, *keys: str) -> None:
        """Press one key after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Replace the text in the focused field."""
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)

    def wait_ready(self) -> None:
        """Wait until the cards are laid out and one of them is current."""
        self.where.locator(".card.current").wait_for(timeout=30_000)
        self.where.locator(".card.current").focus()

    def wait_saved(self) -> None:
        """Wait until everything is stored."""
        self.where.locator(".saved.saved", has_text="All saved").wait_for(timeout=15_000)

    def wait_status(self, kind: str) -> str:
        """Wait until the save status is of a kind; return its text."""
        status = self.where.locator(f".saved.{kind}")
        status.wait_for(timeout=15_000)
        return status.inner_text()

    def decisions(self) -> list[str]:
        """Return the decision of every picture shown, in order."""
        found: Any = self.cards.evaluate_all("cards => cards.map(c => c.dataset.decision)")
        return list(found)

    @property
    def progress(self) -> str:
        """ "3 of 8 decided"."""
        return self.where.locator(".figures").inner_text()


#: Opens a review's board; ``context`` settings make it another person's browser.
Opener = Callable[..., BoardPage]


@contextmanager
def context_of(chromium: Browser, **settings: Any) -> Iterator[BrowserContext]:
    """Open a separate browser profile: another person, or the same one later."""
    context = chromium.new_context(**{"viewport": {"width": 1280, "height": 800}, **settings})
    try:
        yield context
    finally:
        context.close()
