"""One failure does not stop a batch; what every item would meet stops it at once."""

from __future__ import annotations

import logging

import pytest

from storyboard_ops.domain.error_tree import (
    AnswerUnusable,
    CredentialsExpired,
    NotFound,
    NotPermitted,
    NotReady,
    ObjectNotFound,
    ServiceError,
    Throttled,
    Unreachable,
)
from storyboard_ops.gateways.aws.call_pool import call_each


def test_outcomes_come_in_the_order_of_the_items() -> None:
    outcomes = call_each(range(100), lambda n: n * n)
    assert [(one.item, one.value) for one in outcomes] == [(n, n * n) for n in range(100)]


@pytest.mark.parametrize(
    "error",
    [
        Throttled("Too many calls."),
        Unreachable("No answer."),
        ObjectNotFound("One object is missing."),
        AnswerUnusable("The answer is empty."),
    ],
)
def test_a_failed_item_has_its_reason_and_the_others_go_on(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    def call(n: int) -> int:
        if n == 3:
            raise error
        return n

    with caplog.at_level(logging.WARNING):
        outcomes = call_each(range(6), call)
    assert [one.value for one in outcomes] == [0, 1, 2, None, 4, 5]
    assert outcomes[3].failure == str(error)
    assert str(error) in caplog.text


@pytest.mark.parametrize("kind", [CredentialsExpired, NotFound, NotPermitted, NotReady])
def test_a_refusal_for_good_ends_the_batch(kind: type[ServiceError]) -> None:
    asked: list[int] = []

    def call(n: int) -> int:
        asked.append(n)
        if n == 2:
            raise kind("no")
        return n

    with pytest.raises(kind):
        call_each(range(500), call, threads=1)
    assert asked == [0, 1, 2]


def test_a_fault_of_our_own_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        call_each([1, 0], lambda n: 1 // n)
