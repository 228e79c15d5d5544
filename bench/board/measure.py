"""Scroll and decide on a review board in headless Chromium, and measure every frame."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tests.browser.board_page import BoardPage, context_of
from tests.browser.review.review_items import review_of
from tests.browser.review.review_server import Review, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

#: Frames of a measurement, pixels scrolled in each, and frames between two decisions.
FRAMES, STEP_PX, BETWEEN = 200, 60, 4
MARK = "board-frame"
RUN = """([frames, step, between, mark]) => new Promise((done) => {
  const field = document.querySelector(".field");
  const gaps = [];
  let last = null;
  const press = { key: "a", bubbles: true, cancelable: true };
  const next = (now) => {
    performance.mark(mark);
    if (last !== null) gaps.push(now - last);
    last = now;
    if (gaps.length === frames) return done(gaps);
    if (step) field.scrollTop += step;
    else if (gaps.length % between === 0) {
      document.activeElement.dispatchEvent(new KeyboardEvent("keydown", press));
    }
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
})"""


@dataclass
class Frames:
    """Milliseconds of many frames: by the clock, and of the processor for the page's thread."""

    clock: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    def add(self, other: Frames) -> None:
        """Add the frames of another measurement."""
        self.clock += other.clock
        self.processor += other.processor

    @property
    def summary(self) -> dict[str, float]:
        """Medians, and what 95 % of the frames stay within."""
        return {
            f"{name}_{share}": round(float(np.percentile(values, share)), 2)
            for name, values in (("clock", self.clock), ("processor", self.processor))
            for share in (50, 95)
        }


def measure(browser: Browser, sizes: Sequence[int], rounds: int) -> dict[int, Frames]:
    """Measure boards of these sizes in turn, so that all of them meet the same machine."""
    found = {size: Frames() for size in sizes}
    for _ in range(rounds):
        for size in sizes:
            with opened(browser, size) as board:
                found[size].add(_frames(browser, board, STEP_PX))
                board.press("Home")
                found[size].add(_frames(browser, board, 0))
    return found


@contextmanager
def opened(browser: Browser, size: int) -> Iterator[BoardPage]:
    """Open a board of so many pictures, each with a thumbnail of its own address."""
    with served(_review(size)) as address, context_of(browser) as context:
        yield BoardPage.opened(context, address)


def _review(size: int) -> Review:
    review = review_of(size)
    bodies = list(review.pictures.values())
    for number, item in enumerate(review.items):
        item["thumb_url"] = f"thumb-{number}.jpg"
        item["alike"] = number % 9
        review.pictures[item["thumb_url"]] = bodies[number % len(bodies)]
    return review


def _frames(browser: Browser, board: BoardPage, step: int) -> Frames:
    """Scroll where ``step`` is a number of pixels, else decide."""
    browser.start_tracing(page=board.page, categories=["blink.user_timing"])
    clock = board.page.evaluate(RUN, [FRAMES, step, BETWEEN, MARK])
    events = json.loads(browser.stop_tracing())["traceEvents"]
    # The time of the processor that Chromium's main thread had used at each mark.
    used = np.array([event["tts"] for event in events if event["name"] == MARK])
    return Frames(clock, (np.diff(used) / 1_000).tolist())
