"""Who uses a shared detector: the last one to leave sees nobody."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from storyboard_ops.domain.error_tree import NotFinished
from storyboard_ops.steps.detection import users as detector_users
from storyboard_ops.steps.detection.users import join, leaving, other_users

DETECTOR = "storyboard-faces-drawn-0a1b2c3d"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def run(studio, key: str, hours: float = 0.0):
    """A run at so many hours after noon, with a lease of four hours."""
    return replace(studio.tools(key, lease_h=4), clock=lambda: NOON + timedelta(hours=hours))


def leave(tools, detector: str) -> list[str]:
    with leaving(tools, detector) as others:
        return others


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


def test_whoever_joins_waits_until_another_has_let_go(studio):
    first, second = run(studio, "run-1"), run(studio, "run-2")
    join(first, DETECTOR)
    happened = []

    def come() -> None:
        join(second, DETECTOR)
        happened.append("joined")

    coming = threading.Thread(target=come)
    with leaving(first, DETECTOR) as others:
        coming.start()
        coming.join(0.5)
        happened.append("let go")
    coming.join()
    assert (others, happened) == ([], ["let go", "joined"])
    assert leave(first, DETECTOR) == ["run-2"]


def test_a_run_that_joins_again_does_not_wait_for_itself(studio):
    tools = run(studio, "run-1")
    with leaving(tools, DETECTOR):
        join(tools, DETECTOR)
    assert other_users(run(studio, "run-2"), DETECTOR) == ["run-1"]


@pytest.mark.long
def test_a_run_that_was_killed_while_it_let_go_is_waited_for_no_longer_than_that_takes(
    studio, monkeypatch
):
    monkeypatch.setattr(detector_users, "LEAVING_SECONDS", 0.1)
    killed = leaving(run(studio, "killed"), DETECTOR)
    killed.__enter__()
    with pytest.raises(NotFinished, match="killed is still releasing storyboard-faces"):
        join(run(studio, "run-1", hours=-0.1), DETECTOR)
    join(run(studio, "run-1", hours=0.1), DETECTOR)
    killed.__exit__(None, None, None)


def test_a_run_that_leaves_while_it_is_looked_for_is_no_user(studio, monkeypatch):
    tools, gone = run(studio, "run-1"), run(studio, "run-2")
    join(gone, DETECTOR)
    listed = list(tools.objects.list(tools.workspace.detector(DETECTOR) / "users/"))
    leave(gone, DETECTOR)
    monkeypatch.setattr(tools.objects, "list", lambda prefix: iter(listed))
    assert other_users(tools, DETECTOR) == []
