"""The day and the region that the local endpoint plays, from the variables `TODAY` and `REGION`."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from botocore.session import Session

from launcher.errors import UsageError
from launcher.product import did_you_mean
from launcher.state.layout import STUDIO
from local_aws.account.settings import DEFAULT_DAY

TODAY_VARIABLE, REGION_VARIABLE = "TODAY", "REGION"
HOME_REGION = "us-east-1"
#: As the endpoint checks it; the name becomes part of a folder's.
REGION_PATTERN = r"[a-z]{2}(-[a-z]+)+-\d"


@dataclass(frozen=True)
class PlayedAccount:
    """An account of the local endpoint; `today` is a day (YYYY-MM-DD), or "" for its default."""

    today: str = ""
    region: str = HOME_REGION

    @classmethod
    def from_environment(cls, variables: Mapping[str, str] = os.environ) -> PlayedAccount:
        """Read the variables; raises UsageError for a value that is not a day, or not a region."""
        today, region = variables.get(TODAY_VARIABLE, ""), variables.get(REGION_VARIABLE, "")
        if today and not _is_day(today):
            raise UsageError(f"TODAY={today!r} is not a day. Write it as TODAY=2026-11-29.")
        if region and not re.fullmatch(REGION_PATTERN, region):
            raise UsageError(f"REGION={region!r} is not a region. Write it as REGION=eu-central-1.")
        if region and region not in (known := Session().get_available_regions("s3")):
            raise UsageError(
                f"AWS has no region {region}.{did_you_mean(region, known)} Regions are: "
                f"{', '.join(known)}."
            )
        return cls(today, region or HOME_REGION)

    @property
    def day(self) -> str:
        """The day that is played, chosen or not."""
        return self.today or DEFAULT_DAY.isoformat()

    @property
    def studio(self) -> str:
        """The name of the state that is kept for this account: one of each region."""
        return STUDIO if self.region == HOME_REGION else f"{STUDIO}-{self.region}"

    @property
    def make_variables(self) -> str:
        """What follows a command of make that is about the same state, e.g. ` REGION=eu-west-1`."""
        return "" if self.region == HOME_REGION else f" {REGION_VARIABLE}={self.region}"

    def arguments(self) -> tuple[str, ...]:
        """The arguments with which the endpoint plays it."""
        day = ("--today", self.today) if self.today else ()
        return (*day, "--region", self.region)


BY_DEFAULT = PlayedAccount()


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
