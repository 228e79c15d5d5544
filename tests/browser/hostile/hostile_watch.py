"""A tab that records everything which a hostile text could make a page do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Dialog, Frame, Page, Request

PROBE = (Path(__file__).parent / "hostile_probe.js").read_text()
#: Records what the content policy refused, from the first script on.
RECORD_VIOLATIONS = """
    window.__violations = [];
    addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sample }) =>
      window.__violations.push(`${violatedDirective} ${blockedURI} ${sample}`));
"""


@dataclass
class Watch:
    """The tab and what has happened in it since the last page was opened."""

    page: Page
    happened: list[str] = field(default_factory=list)
    host: str = ""

    def open(self, address: str) -> None:
        """Open a page; only its own host may be requested."""
        self.happened.clear()
        self.host = urlsplit(address).netloc
        self.page.goto(address)

    def faults(self, frame: Frame | None = None) -> list[Any]:
        """Return what has run, was requested, refused or logged, and whether a frame is wide."""
        found = (frame or self.page.main_frame).evaluate(PROBE, [])
        violations = [text for frame in self.page.frames for text in _violations(frame)]
        return [*self.happened, *violations, *found]

    def mixed_lines(self, values: Sequence[str]) -> list[str]:
        """Return the lines in which a value can reorder the text that is next to it."""
        found = self.page.evaluate(PROBE, list(values))
        return [text for fault, text in found if fault == "not isolated"]

    def move_over_everything(self) -> None:
        """Send the events that an injected handler would wait for."""
        self.page.evaluate("""() => {
            for (const one of document.querySelectorAll("body *")) {
              for (const name of ["mouseover", "mouseenter", "focus", "animationstart"]) {
                one.dispatchEvent(new Event(name));
              }
            }
        }""")


@contextmanager
def watched(chromium: Browser, **settings: Any) -> Iterator[Watch]:
    """Open a tab in a profile of its own."""
    context = chromium.new_context(viewport={"width": 1100, "height": 900}, **settings)
    context.add_init_script(RECORD_VIOLATIONS)
    page = context.new_page()
    watch = Watch(page)

    def dismiss(dialog: Dialog) -> None:
        watch.happened.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def look_at(request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme != "data" and address.netloc != watch.host:
            watch.happened.append(f"requested: {request.url}")

    def read(message: ConsoleMessage) -> None:
        address = message.location["url"]
        if not address.endswith("/favicon.ico"):  # the browser asks for it, not the page
            watch.happened.append(f"console: {message.text} {address}")

    page.on("dialog", dismiss)
    page.on("request", look_at)
    page.on("pageerror", lambda error: watch.happened.append(f"error: {error}"))
    page.on("console", read)
    page.on("popup", lambda other: watch.happened.append(f"window: {other.url}"))
    try:
        yield watch
    finally:
        context.close()


def _violations(frame: Frame) -> list[str]:
    found: list[str] = frame.evaluate("window.__violations ?? []")
    return [f"refused: {text}" for text in found]
