"""Five thousand pictures on the board: a frame costs about what it costs with two hundred.

Both boards are measured in turn, so that a busy machine stretches the frames of both;
``python -m bench.board`` shows the processor's time too.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from bench.board.measure import measure, ratio
from bench.board.page import RATIO_LIMIT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.slow, pytest.mark.long]

log = logging.getLogger(__name__)


def test_a_frame_with_5000_pictures_costs_at_most_half_more_than_with_200(
    chromium: Browser,
) -> None:
    found = measure(chromium, (200, 5_000), rounds=2)
    for size, frames in found.items():
        log.info("%d pictures: %s", size, frames.summary)
    log.info("Of the processor: %.2f times", ratio(found, "processor_95"))
    assert ratio(found, "clock_95") <= RATIO_LIMIT
