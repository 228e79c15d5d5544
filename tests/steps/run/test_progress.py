"""The progress of a step: a sentence every five seconds, with what is left out and what it cost."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from storyboard_ops.domain.error_tree import RequestRefused
from storyboard_ops.gateways.aws.call_pool import call_each
from storyboard_ops.steps.run.progress import Progress


@dataclass
class Clock:
    """A clock that a test sets."""

    seconds: float = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """Return what has been logged."""
    caplog.set_level(logging.INFO)
    return lambda: caplog.messages


def test_a_step_says_every_five_seconds_how_far_it_is(
    clock: Clock, said: Callable[[], list[str]]
) -> None:
    progress = Progress("Examined", 1_200, "frames", now=clock)
    for _ in range(100):
        clock.seconds += 0.125
        progress.add()
    assert said() == [
        "Examined 40 of 1,200 frames, 8.0 a second; about 2:25 left.",
        "Examined 80 of 1,200 frames, 8.0 a second; about 2:20 left.",
    ]


def test_it_says_what_is_left_out_and_what_it_has_cost(
    clock: Clock, said: Callable[[], list[str]]
) -> None:
    progress = Progress("Sampled", 100, "frames", spent=lambda: 1.234, now=clock)
    for reason in ("black", "", "black", "blurred", "title card", "white"):
        progress.add(reason)
    clock.seconds += 10
    assert list(progress.over(["k6"], lambda _: "black")) == ["k6"]
    assert said() == [
        "Sampled 7 of 100 frames, 0.7 a second; about 2:13 left. "
        "Left out 6: 3 black, 1 blurred, 1 title card. Spent 1.23 USD."
    ]


@pytest.mark.parametrize("threads", [1, 8])
def test_calls_are_counted_as_they_end(
    threads: int, clock: Clock, said: Callable[[], list[str]]
) -> None:
    def call(number: int) -> int:
        if number == 3:
            raise RequestRefused("the picture is too large")
        return number

    progress = Progress("Examined", 11, "frames", now=clock)
    outcomes = call_each(range(10), call, threads=threads, progress=progress.add_call)
    clock.seconds += 5
    progress.add()
    assert [one.value for one in outcomes] == [0, 1, 2, None, *range(4, 10)]
    assert said()[-1] == (
        "Examined 11 of 11 frames, 2.2 a second; about 0:00 left. "
        "Left out 1: 1 the picture is too large."
    )
