"""A driver for the cast board, on the launcher's own server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from launcher.casting.page import CastPage
from launcher.casting.server import serving
from storyboard_ops.cli.production.desk import CastDesk
from tests.browser.board_page import BoardPage


class OpenCastPage(BoardPage):
    """One open page."""

    def name(self, text: str) -> None:
        """Answer the question who it is."""
        self.page.locator("dialog.name").wait_for()
        self.page.keyboard.type(text)
        self.press("Enter")
        self.page.locator("dialog.name").wait_for(state="detached")

    def section(self, title: str) -> Any:
        """The section with a title."""
        heading = self.page.locator("h2 .heading > span:first-child")
        exact = heading.filter(has_text=re.compile(f"^{re.escape(title)}$"))
        return self.page.locator(".section", has=exact)

    @property
    def sections(self) -> list[str]:
        """The titles of the sections that are shown, in order."""
        titles = self.page.locator(".section:not([hidden]) h2 .heading > span:first-child")
        return list(titles.all_inner_texts())

    def cards(self, title: str) -> Any:
        """The figures of a section."""
        return self.section(title).locator(".card:not([hidden])")

    def describe(self, name: str, description: str, **fields: str) -> None:
        """Fill in what the sheet asks about a character."""
        own = self.page.locator("fieldset").filter(
            has=self.page.locator("legend", has_text=re.compile(f"^{re.escape(name)}$"))
        )
        own.get_by_label("Description").fill(description)
        if "traits" in fields:
            own.get_by_label("Traits").fill(fields["traits"])
        if "kind" in fields:
            own.locator("select").select_option(fields["kind"])

    def open_writing(self) -> None:
        self.page.get_by_role("button", name="Write production…").click()
        self.page.locator("dialog.write").wait_for()

    def write(self) -> None:
        self.page.get_by_role("button", name="Write", exact=True).click()


@contextmanager
def served_desk(desk: CastDesk) -> Iterator[str]:
    """Serve the page of a desk while the block runs; gives its address."""
    with serving(CastPage(desk, "secret")) as address:
        yield address
