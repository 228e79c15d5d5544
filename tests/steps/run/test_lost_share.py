"""A step that loses more of its items than the run allows stops, and says what it lost and why."""

from __future__ import annotations

from contextlib import nullcontext

import pytest

from storyboard_ops.domain.error_tree import BatchFailed
from storyboard_ops.steps.run.lost_share import check_lost_share
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.fakes.memory_bucket import MemoryBucket
from tests.material.factories import settings


def tools(share: float) -> ToolBox:
    return ToolBox("run-1", settings(max_lost_share=share), lambda _: MemoryBucket())


@pytest.mark.parametrize(
    ("share", "of", "lost", "stops"),
    [
        (0.5, 0, 0, False),
        (0, 4, 0, False),
        (0, 4, 1, True),
        (0.5, 4, 2, False),
        (0.5, 4, 3, True),
        (0.5, 1, 1, True),
        (1, 4, 3, False),
        (1, 4, 4, True),  # never all
    ],
)
def test_the_share_may_be_lost_and_no_more_and_never_all(
    share: float, of: int, lost: int, stops: bool
) -> None:
    with pytest.raises(BatchFailed) if stops else nullcontext():
        check_lost_share(tools(share), "frames could not be examined", of, ["blocked"] * lost)


def test_the_message_counts_the_reasons_and_names_the_parameter() -> None:
    reasons = ["blocked", "too large", "blocked", *(f"odd {n}" for n in range(5))]
    with pytest.raises(BatchFailed) as raised:
        check_lost_share(tools(0.25), "panels could not be drawn", 10, reasons)
    assert str(raised.value).splitlines() == [
        "8 of 10 panels could not be drawn; the allowed share is 0.25 (max_lost_share), and never "
        "all. Fix the reason and clear the task: what was bought is kept. Or start a run that "
        "allows a larger share:",
        "  2 times: blocked",
        "  1 times: too large",
        "  1 times: odd 0",
        "  1 times: odd 1",
        "  1 times: odd 2",
        "  and 2 other reasons, which the log has",
    ]
