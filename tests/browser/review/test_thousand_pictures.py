"""A thousand pictures on the board: the time to load, to scroll and to decide.

What is asserted is the CPU time of the page's own thread, which a busy machine does not stretch
much: 7 ms a frame where every picture laid out again would be hundreds. How long the frames took
by the clock is for the log (``--log-cli-level=INFO``), with a bound for the absurd.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.board_page import BoardPage, context_of
from tests.browser.review.review_items import review_of
from tests.browser.review.review_server import Review, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

log = logging.getLogger(__name__)

COUNT = 1000
SCROLL = """
    () => new Promise((done) => {
      const field = document.querySelector(".field");
      const frames = [];
      let last = null;
      const step = (now) => {
        if (last !== null) frames.push(now - last);
        last = now;
        field.scrollTop += 60;
        if (frames.length === 200) done(frames);
        else requestAnimationFrame(step);
      };
      requestAnimationFrame(step);
    })
"""
APPROVE = """
    () => Array.from({ length: 20 }, () => {
      const start = performance.now();
      const press = { key: "a", bubbles: true, cancelable: true };
      document.activeElement.dispatchEvent(new KeyboardEvent("keydown", press));
      document.body.getBoundingClientRect();
      return performance.now() - start;
    })
"""


@dataclass(frozen=True)
class Durations:
    """Milliseconds of many like events, ascending."""

    values: tuple[float, ...]

    def share(self, ratio: float) -> float:
        """The duration that this share of the events stays within."""
        return self.values[int(ratio * (len(self.values) - 1))]

    def __str__(self) -> str:
        median, most, worst = self.share(0.5), self.share(0.95), self.values[-1]
        count = len(self.values)
        return f"{count} of median {median:.0f}, 95 % within {most:.0f}, worst {worst:.0f} ms"


class CpuClock:
    """The CPU time of a page's main thread, by Chromium's own account."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._session = page.context.new_cdp_session(page)
        self._session.send("Performance.enable")

    def measured(self, script: str) -> tuple[Durations, float]:
        """Durations that a script reports, and the CPU milliseconds for each of them."""
        before = self._seconds()
        durations = Durations(tuple(sorted(self._page.evaluate(script))))
        return durations, 1000 * (self._seconds() - before) / len(durations.values)

    def _seconds(self) -> float:
        metrics = self._session.send("Performance.getMetrics")["metrics"]
        return float(next(one["value"] for one in metrics if one["name"] == "ThreadTime"))


@pytest.fixture(scope="module")
def thousand() -> Review:
    """A thousand pictures, each with a thumbnail of its own address."""
    review = review_of(COUNT)
    bodies = list(review.pictures.values())
    for number, item in enumerate(review.items):
        item["thumb_url"] = f"thumb-{number}.jpg"
        review.pictures[item["thumb_url"]] = bodies[number % len(bodies)]
    return review


def test_a_thousand_pictures_stay_smooth(
    chromium: Browser, thousand: Review, record_property: Any
) -> None:
    with served(thousand) as address, context_of(chromium) as context:
        started = time.monotonic()
        board = BoardPage.opened(context, address)
        load_s = time.monotonic() - started
        fetched = board.page.evaluate("performance.getEntriesByType('resource').length")
        clock = CpuClock(board.page)
        frames, scroll_ms = clock.measured(SCROLL)
        board.press("Home")
        approvals, approve_ms = clock.measured(APPROVE)
        board.press("Control+a", "1")
        board.wait_saved()

    figures = (
        f"load {load_s:.1f} s; frames: {frames}, CPU {scroll_ms:.1f} ms each; "
        f"approvals: {approvals}, CPU {approve_ms:.1f} ms each"
    )
    record_property("figures", figures)
    log.info(figures)
    assert fetched < 200, "thumbnails far away are not fetched yet"
    assert scroll_ms < 40, figures
    assert approve_ms < 60, figures
    assert load_s < 30 and frames.share(0.5) < 250, figures
    assert len(thousand.decisions) == COUNT
    assert [len(batch["decisions"]) for batch in thousand.batches[-5:]] == [200] * 5
