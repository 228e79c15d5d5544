"""Whose lease is written on what a run adopts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from storyboard_ops.domain.money.resource_lease import Lease, extend_lease

NOON, NIGHT = (datetime(2026, 11, 23, hour, tzinfo=UTC) for hour in (12, 22))


def lease(run: str, expires: datetime | None) -> Lease:
    return Lease(run=run, expires=expires)


@pytest.mark.parametrize(
    ("own", "found", "whose"),
    [
        (NOON, NIGHT, "another"),
        (NIGHT, NOON, "own"),
        (NOON, NOON, "own"),
        (NOON, None, "own"),  # what rested is used again
        (None, NIGHT, "own"),
    ],
)
def test_an_adopted_lease_ends_with_the_later_of_two(own, found, whose):
    adopted = extend_lease(lease("own", own), lease("another", found).tags)
    assert adopted == lease(whose, found if whose == "another" else own)


@pytest.mark.parametrize("tags", [{}, {"storyboard:expires": "soon"}])
def test_without_a_lease_that_can_be_read_the_own_one_holds(tags):
    assert extend_lease(lease("own", NOON), tags) == lease("own", NOON)
