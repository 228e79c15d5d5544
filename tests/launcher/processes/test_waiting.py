"""Waiting with a timeout."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from launcher.errors import ComponentFailed
from launcher.processes import waiting
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


def test_a_long_wait_says_what_it_is_for(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([0.0, 14.0, 16.0, 17.0, 32.0])
    monkeypatch.setattr(waiting, "time", SimpleNamespace(monotonic=lambda: next(moments)))
    said: list[str] = []
    remind = waiting.Reminder("Airflow", said.append)
    for _ in range(4):
        remind()
    assert said == [
        "Airflow: still starting after 16 s.",
        "Airflow: still starting after 32 s.",
    ]
