"""Waiting with a timeout."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from launcher.errors import ComponentFailed
from launcher.processes.waiting import wait_until


def nothing() -> None:
    """A check that always passes."""


def true_after(polls: int) -> Callable[[], bool]:
    answers = iter([False] * polls)
    return lambda: next(answers, True)


def test_a_wait_ends_with_the_poll_that_is_true() -> None:
    checks: list[str] = []
    wait_until(true_after(2), 20, lambda: checks.append("checked"))
    assert checks == ["checked"] * 3


def test_what_is_true_at_once_needs_no_time() -> None:
    wait_until(lambda: True, 0, nothing)


def test_a_wait_times_out() -> None:
    with pytest.raises(TimeoutError):
        wait_until(lambda: False, 0.1, nothing)


def test_a_failed_check_ends_the_wait_even_if_what_it_waits_for_is_true() -> None:
    def check() -> None:
        raise ComponentFailed("the scheduler ended")

    with pytest.raises(ComponentFailed, match="the scheduler ended"):
        wait_until(lambda: True, 20, check)
