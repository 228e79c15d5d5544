"""Adopt or create: one purchase, whatever is retried; its claim is written before it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from storyboard_ops.domain.error_tree import GateClosed
from storyboard_ops.steps.money.adopt_or_create import Purchase, Settled, adopt_or_create


class TakenError(Exception):
    """The service has a resource of this name."""


@dataclass
class Shop(Purchase[str, str]):
    """Resources by name and their state; the first ``hidden_for`` looks see none of them."""

    there: dict[str, str] = field(default_factory=dict)
    hidden_for: int = 0
    fails: Exception | None = None
    log: list[str] = field(default_factory=list)
    name_taken = (TakenError,)

    def request(self, attempt: int) -> str:
        return f"r{attempt}"

    def find(self, request: str) -> str | None:
        self.log.append(f"find {request}")
        if self.hidden_for:
            self.hidden_for -= 1
            return None
        return self.there.get(request)

    def is_spent(self, found: str) -> bool:
        return found == "failed"

    def adopt(self, found: str, request: str) -> None:
        if found == "of others":
            raise GateClosed("other inputs")
        self.log.append(f"adopt {request}")

    def claim(self, request: str) -> None:
        self.log.append(f"claim {request}")

    def create(self, request: str) -> None:
        self.log.append(f"create {request}")
        if self.fails:
            raise self.fails
        if request in self.there:
            raise TakenError(request)
        self.there[request] = "running"


def test_what_does_not_exist_is_claimed_and_then_created():
    shop = Shop()
    assert adopt_or_create(shop) == Settled("r0", None)
    assert shop.log == ["find r0", "claim r0", "create r0"]


def test_a_second_call_adopts_and_buys_nothing():
    shop = Shop()
    adopt_or_create(shop)
    shop.log.clear()
    assert adopt_or_create(shop) == Settled("r0", "running")
    assert shop.log == ["find r0", "adopt r0"]


def test_what_is_spent_is_left_alone_and_the_next_name_is_taken():
    shop = Shop({"r0": "failed", "r1": "failed"})
    assert adopt_or_create(shop) == Settled("r2", None)
    assert shop.log == ["find r0", "find r1", "find r2", "claim r2", "create r2"]


def test_attempts_may_begin_at_a_later_number():
    shop = Shop({"r0": "running"})
    assert adopt_or_create(shop, first_attempt=1) == Settled("r1", None)


def test_what_could_not_be_seen_a_moment_ago_is_adopted_and_not_bought_again():
    shop = Shop({"r0": "running"}, hidden_for=1)
    assert adopt_or_create(shop) == Settled("r0", "running")
    assert shop.log == ["find r0", "claim r0", "create r0", "find r0", "adopt r0"]


def test_a_taken_name_is_never_a_reason_to_buy_under_the_next_one():
    shop = Shop({"r0": "failed"}, hidden_for=1)
    assert adopt_or_create(shop) == Settled("r0", "failed")
    assert "create r1" not in shop.log


def test_a_taken_name_that_cannot_be_found_is_the_service_s_error():
    shop = Shop({"r0": "running"}, hidden_for=2)
    with pytest.raises(TakenError):
        adopt_or_create(shop)


@pytest.mark.parametrize("hidden_for", [0, 1])
def test_a_resource_of_other_inputs_is_refused(hidden_for):
    shop = Shop({"r0": "of others"}, hidden_for=hidden_for)
    with pytest.raises(GateClosed, match="other inputs"):
        adopt_or_create(shop)
    assert "create r1" not in shop.log


def test_any_other_error_of_the_purchase_is_raised_and_the_claim_stays():
    shop = Shop(fails=RuntimeError("the service is down"))
    with pytest.raises(RuntimeError):
        adopt_or_create(shop)
    assert shop.log == ["find r0", "claim r0", "create r0"]
