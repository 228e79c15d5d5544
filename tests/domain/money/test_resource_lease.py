"""Whose lease is written on what a run adopts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.money.resource_lease import Lease, extend_lease, is_ours, read_lease

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


@pytest.mark.parametrize(
    ("expires", "over"), [(NOON, True), (NOON + timedelta(seconds=1), False), (None, False)]
)
def test_a_lease_is_over_at_its_very_moment(expires: datetime | None, over: bool) -> None:
    assert lease("own", expires).is_over(NOON) == over


def test_a_lease_is_written_on_three_tags_and_read_back() -> None:
    tags = lease("run-1", NOON).tags
    assert tags == {
        "storyboard:owner": "storyboard-pipeline",
        "storyboard:run": "run-1",
        "storyboard:expires": "2026-11-23T12:00:00+00:00",
    }
    assert read_lease(tags) == lease("run-1", NOON)
    kept = lease("run-1", None).tags
    assert kept["storyboard:expires"] == "never"
    assert read_lease(kept) == lease("run-1", None)


def test_a_moment_without_a_time_zone_is_in_utc() -> None:
    assert read_lease({"storyboard:expires": "2026-11-23T12:00:00"}) == lease("", NOON)
    elsewhere = read_lease({"storyboard:expires": "2026-11-23T14:00:00+02:00"})
    assert elsewhere.expires == NOON


@pytest.mark.parametrize("end", ["soon", "", None])
def test_an_end_that_cannot_be_understood_is_bad_input(end: str | None) -> None:
    tags = {} if end is None else {"storyboard:expires": end}
    with pytest.raises(BadInput, match="write a moment like"):
        read_lease(tags)


def test_only_our_owner_tag_makes_a_resource_ours() -> None:
    assert is_ours(lease("run-1", NOON).tags)
    assert not is_ours({"storyboard:owner": "somebody-else"})
    assert not is_ours({})
