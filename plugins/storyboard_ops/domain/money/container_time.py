"""What a container on AWS Fargate costs: its size, and the seconds that are billed."""

from __future__ import annotations

import math
from datetime import datetime

from pydantic import Field

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.money.paid_usage import Usage

SERVICE = "ecs"
#: Fargate on demand, Linux on x86.
ITEM = "Fargate"
VCPU_HOUR, GB_HOUR = "vcpu_hour", "gb_hour"
#: Every task is billed for at least a minute.
LEAST_SECONDS = 60


class ContainerSize(Record):
    """What a task reserves, and is billed for whether it uses it or not."""

    vcpu: float = Field(gt=0)
    gb: float = Field(gt=0)  # GiB of memory

    def usages(self, seconds: float) -> tuple[Usage, Usage]:
        """Return what a number of billed seconds buys."""
        return tuple(  # type: ignore[return-value]
            Usage(service=SERVICE, item=ITEM, unit=unit, amount=size * seconds / 3600)
            for unit, size in ((VCPU_HOUR, self.vcpu), (GB_HOUR, self.gb))
        )

    def __str__(self) -> str:
        return f"{self.vcpu:g} vCPU and {self.gb:g} GB"


class FargatePlace(Record):
    """Where a deployment runs its heavy tasks."""

    definition: str  # family, family:revision or ARN of the task definition
    region: str = ""  # empty: that of the run
    metered: bool = True  # whether the executor books what containers cost


class ContainerTask(Record):
    """A task on ECS, as ECS last described it."""

    arn: str
    size: ContainerSize | None = None  # None: not known, or not on Fargate, which bills nothing
    pull_started: datetime | None = None  # when the download of its image began
    stopped: datetime | None = None

    @property
    def id(self) -> str:
        """The last part of the ARN."""
        return self.arn.rpartition("/")[2]

    def usages(self, now: datetime) -> tuple[Usage, ...]:
        """Return what the task has cost, until ``now`` if it has not stopped."""
        if self.size is None or self.pull_started is None:
            return ()
        return self.size.usages(billed_seconds(self.pull_started, self.stopped or now))


def billed_seconds(pull_started: datetime, stopped: datetime) -> int:
    """Return the seconds that Fargate bills: whole ones, rounded up, and at least a minute."""
    return max(LEAST_SECONDS, math.ceil((stopped - pull_started).total_seconds()))
