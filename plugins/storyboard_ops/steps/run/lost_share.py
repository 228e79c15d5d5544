"""Stop a step that has lost too many of its items, and say what was lost and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from storyboard_ops.domain.error_tree import BatchFailed
from storyboard_ops.domain.settings.base import Settings
from storyboard_ops.steps.run.tool_box import ToolBox

#: Different reasons that a message lists; the log has them all.
MOST_REASONS = 5


def check_lost_share(tools: ToolBox[Settings], what: str, of: int, reasons: Iterable[str]) -> None:
    """Raise BatchFailed when all items are lost, or more than ``max_lost_share`` of them.

    ``what`` completes the message, e.g. "frames could not be examined"; ``of`` counts all items,
    and ``reasons`` has one entry for each lost item.
    """
    counted = Counter(reasons)
    lost, allowed = counted.total(), tools.settings.max_lost_share
    if not lost or (lost < of and lost / of <= allowed):
        return
    common = counted.most_common(MOST_REASONS)
    lines = [f"  {count} times: {reason}" for reason, count in common]
    if others := len(counted) - len(common):
        lines.append(f"  and {others} other reasons, which the log has")
    raise BatchFailed(
        f"{lost} of {of} {what}; the allowed share is {allowed:g} (max_lost_share), and never all. "
        "Fix the reason and clear the task: what was bought is kept. Or start a run that allows "
        "a larger share:\n" + "\n".join(lines)
    )
