"""Adopt a paid resource that exists, or claim and create it: no retry and no kill buys it twice."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Generic, TypeVar

Request = TypeVar("Request")
Found = TypeVar("Found")


class Purchase(ABC, Generic[Request, Found]):
    """How resources of one kind are named, found, judged and bought.

    The name in a request derives from the inputs and the number of the attempt alone, so that a
    repeated call looks for the same names in the same order.
    """

    #: Errors of ``create`` that may mean that the name is taken.
    name_taken: tuple[type[Exception], ...] = ()

    @abstractmethod
    def request(self, attempt: int) -> Request:
        """What is bought at an attempt, under a name that no other attempt has."""

    @abstractmethod
    def find(self, request: Request) -> Found | None:
        """The resource of the request's name, or None when the service does not have it."""

    @abstractmethod
    def is_spent(self, found: Found) -> bool:
        """Whether the resource is of no use any more, so that the next attempt is made.

        A resource that failed counts as spent only where a person decides about the next attempt,
        e.g. by clearing the task: what is spent is paid for again.
        """

    @abstractmethod
    def adopt(self, found: Found, request: Request) -> None:
        """Take the resource over; raises GateClosed when it was made from other inputs."""

    @abstractmethod
    def claim(self, request: Request) -> None:
        """Write down what this run is about to buy, for its release. Must survive a kill."""

    @abstractmethod
    def create(self, request: Request) -> None:
        """Buy the resource."""


@dataclass(frozen=True)
class Settled(Generic[Request, Found]):
    """The request that holds, and what was adopted; None says that it was created now."""

    request: Request
    adopted: Found | None


def adopt_or_create(
    purchase: Purchase[Request, Found], first_attempt: int = 0
) -> Settled[Request, Found]:
    """Adopt the first resource that is not spent, or claim and create one of the next name.

    The claim is written before the purchase: a task that is killed in between leaves a claim
    without a resource, which the release ignores, and never a resource without a claim.
    """
    attempt = first_attempt
    while True:
        request = purchase.request(attempt)
        found = purchase.find(request)
        if found is None:
            return Settled(request, _create(purchase, request))
        if not purchase.is_spent(found):
            purchase.adopt(found, request)
            return Settled(request, found)
        attempt += 1


def _create(purchase: Purchase[Request, Found], request: Request) -> Found | None:
    """Buy; returns what an earlier try has bought under the name and could not be seen yet.

    It is adopted whatever its state: of the two tries only one may buy.
    """
    purchase.claim(request)
    try:
        purchase.create(request)
    except purchase.name_taken:
        found = purchase.find(request)
        if found is None:
            raise
        purchase.adopt(found, request)
        return found
    return None
