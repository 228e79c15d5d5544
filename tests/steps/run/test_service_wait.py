"""Short waits: as long as needed, and no longer than allowed."""

from __future__ import annotations

from storyboard_ops.steps.run.service_wait import wait_until


def test_what_is_true_already_is_not_waited_for():
    assert wait_until(lambda: True, seconds=0, pause=60)


def test_what_comes_true_in_time_is_seen():
    answers = iter([False, False, True])
    assert wait_until(lambda: next(answers), seconds=5, pause=0.001)


def test_what_never_comes_true_is_given_up():
    asked = []
    assert not wait_until(lambda: bool(asked.append(1)), seconds=0.02, pause=0.005)
    assert len(asked) >= 2
