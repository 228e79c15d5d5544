"""The day and the region that the local endpoint plays, as the variables of make say them."""

from __future__ import annotations

import pytest

from launcher.aws.played_account import PlayedAccount
from launcher.errors import UsageError


def test_without_variables_the_endpoint_plays_its_own_day_at_home() -> None:
    played = PlayedAccount.from_environment({"TODAY": "", "REGION": ""})
    assert played.arguments() == ("--region", "us-east-1")
    assert (played.studio, played.make_variables) == ("studio", "")


def test_a_day_and_a_region_are_passed_on_and_the_state_is_that_of_the_region() -> None:
    given = {"TODAY": "2026-11-29", "REGION": "eu-central-1"}
    played = PlayedAccount.from_environment(given)
    assert played.arguments() == ("--today", "2026-11-29", "--region", "eu-central-1")
    assert (played.studio, played.make_variables) == (
        "studio-eu-central-1",
        " REGION=eu-central-1",
    )


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TODAY", "29.11.2026"),
        ("TODAY", "2026-11-31"),
        ("TODAY", "20261129"),
        ("REGION", "Frankfurt"),
        ("REGION", "eu-central-1/../x"),
    ],
)
def test_what_is_no_day_or_no_region_is_refused_by_name(variable: str, value: str) -> None:
    with pytest.raises(
        UsageError, match=f"{variable}='{value}' is not a .*Write it as {variable}="
    ):
        PlayedAccount.from_environment({variable: value})
