"""Adopt an existing paid resource, or claim and create it: no retry or kill buys it twice."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Generic, TypeVar

Request = TypeVar("Request")
Found = TypeVar("Found")


class Purchase(ABC, Generic[Request, Found]):
    """How resources of one kind are named, found, adopted and bought.

    The name in a request derives only from the inputs and the number of the attempt, so that a
    repeated call looks for the same names in the same order.
    """

    #: Errors of ``create`` that may mean that the name is taken.
    name_taken: tuple[type[Exception], ...] = ()

    @abstractmethod
    def request(self, attempt: int) -> Request:
        """Return the request of an attempt, with a name that no other attempt has."""

    @abstractmethod
    def find(self, request: Request) -> Found | None:
        """Find the resource of the request's name; None when the service does not have it."""

    @abstractmethod
    def is_spent(self, found: Found) -> bool:
        """Return whether the resource is unusable, so that the next attempt is made.

        A failed resource counts as spent only where a person decides on the next attempt, e.g. by
        clearing the task, because the next attempt is paid for again.
        """

    @abstractmethod
    def adopt(self, found: Found, request: Request) -> None:
        """Adopt the resource; raises GateClosed when it was made from other inputs."""

    @abstractmethod
    def claim(self, request: Request) -> None:
        """Record what this run is about to buy, for its release. Must survive a kill."""

    @abstractmethod
    def create(self, request: Request) -> None:
        """Buy the resource."""


@dataclass(frozen=True)
class Settled(Generic[Request, Found]):
    """The request that took effect, and the adopted resource; None when it was created."""

    request: Request
    adopted: Found | None


def adopt_or_create(
    purchase: Purchase[Request, Found], first_attempt: int = 0
) -> Settled[Request, Found]:
    """Adopt the first resource that is not spent, or claim and create one of the next name.

    The claim is written before the purchase: a task killed in between leaves a claim without a
    resource, which the release ignores, and never a resource without a claim.
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
    """Claim and buy; returns the resource if an earlier try bought it and it was not listed yet.

    It is adopted whatever its state, because only one of the two tries may buy.
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
