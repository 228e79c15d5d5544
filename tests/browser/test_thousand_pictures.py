"""A thousand pictures on the board: how long it takes to come, to scroll, and to decide.

The bounds are far above what a quiet machine needs (tens of milliseconds a frame are a sign that
every picture is laid out again); ``--log-cli-level=INFO`` shows the figures.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.board_items import review_of
from tests.browser.board_server import Review, served
from tests.browser.review_page import context_of, open_board

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
        field.scrollTop += 400;
        const atEnd = field.scrollTop + field.clientHeight >= field.scrollHeight - 1;
        if (atEnd && frames.length > 30) done(frames);
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
    """Milliseconds of many like events."""

    values: tuple[float, ...]

    @classmethod
    def measured(cls, page: Page, script: str) -> Durations:
        return cls(tuple(sorted(page.evaluate(script))))

    def share(self, ratio: float) -> float:
        """The duration that this share of the events stays within."""
        return self.values[int(ratio * (len(self.values) - 1))]

    def __str__(self) -> str:
        median, most, worst = self.share(0.5), self.share(0.95), self.values[-1]
        count = len(self.values)
        return f"{count} of median {median:.0f}, 95 % within {most:.0f}, worst {worst:.0f} ms"


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
        board = open_board(context, address)
        load_s = time.monotonic() - started
        fetched = board.page.evaluate("performance.getEntriesByType('resource').length")
        frames = Durations.measured(board.page, SCROLL)
        board.press("Home")
        decided = Durations.measured(board.page, APPROVE)
        board.press("Control+a", "1")
        board.wait_saved()

    figures = f"load {load_s:.1f} s; frames: {frames}; approvals: {decided}"
    record_property("figures", figures)
    log.info(figures)
    assert load_s < 15, figures
    assert fetched < 200, "thumbnails far away are not fetched yet"
    assert frames.share(0.5) < 50 and frames.share(0.95) < 150, figures
    assert decided.share(0.5) < 100, figures
    assert len(thousand.decisions) == COUNT
    assert [len(batch["decisions"]) for batch in thousand.batches[-5:]] == [200] * 5
