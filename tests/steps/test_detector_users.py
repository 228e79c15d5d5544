"""Who uses a shared detector: the last one to leave sees nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from storyboard_ops.steps.detector_users import join, leave, other_users

DETECTOR = "storyboard-faces-drawn-0a1b2c3d"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def run(studio, key: str, hours: float = 0.0):
    """A run at so many hours after noon, with a lease of four hours."""
    return replace(studio.tools(key, lease_h=4), clock=lambda: NOON + timedelta(hours=hours))


def test_the_last_run_to_leave_sees_nobody(studio):
    for key in ("run-1", "run-2"):
        join(run(studio, key), DETECTOR)
    assert leave(run(studio, "run-1"), DETECTOR) == ["run-2"]
    assert leave(run(studio, "run-2"), DETECTOR) == []


def test_a_run_is_not_its_own_other_and_leaves_twice_without_harm(studio):
    tools = run(studio, "run-1")
    join(tools, DETECTOR)
    assert other_users(tools, DETECTOR) == []
    assert leave(tools, DETECTOR) == leave(tools, DETECTOR) == []


def test_a_killed_run_counts_until_its_lease_is_over(studio):
    join(run(studio, "killed"), DETECTOR)
    assert other_users(run(studio, "run-1", hours=3.9), DETECTOR) == ["killed"]
    assert other_users(run(studio, "run-1", hours=4.1), DETECTOR) == []


def test_joining_again_renews_the_lease(studio):
    join(run(studio, "run-2"), DETECTOR)
    join(run(studio, "run-2", hours=3), DETECTOR)
    assert other_users(run(studio, "run-1", hours=5), DETECTOR) == ["run-2"]


def test_users_of_another_detector_do_not_count(studio):
    join(run(studio, "run-2"), DETECTOR + "0")
    assert other_users(run(studio, "run-1"), DETECTOR) == []
