"""A driver for the cast board, on the launcher's own server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from launcher.casting.page import CastPage
from launcher.casting.server import serving
from storyboard_ops.cli.production.desk import CastDesk


@dataclass
class OpenCastPage:
    """One open page."""

    page: Any
    problems: list[str] = field(default_factory=list)

    @classmethod
    def opened(cls, context: Any, address: str) -> OpenCastPage:
        page = context.new_page()
        driver = cls(page)
        page.on("pageerror", lambda error: driver.problems.append(str(error)))
        page.goto(address)
        page.locator(".card.current").wait_for(timeout=30_000)
        page.locator(".card.current").focus()
        return driver

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

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

    def wait_saved(self) -> None:
        self.page.locator(".saved.saved", has_text="All saved").wait_for(
            timeout=15_000, state="attached"
        )

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
