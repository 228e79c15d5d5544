"""What the tasks cost on Fargate: by the second, at least a minute, from the pull of the image."""

import math
from collections.abc import Iterator
from datetime import datetime

from local_aws.account.meter import BilledAmount
from local_aws.account.settings import EndpointSettings
from local_aws.services.ecs.task_start import TASK
from local_aws.services.ecs.task_states import read_times
from local_aws.storage.state_store import StateStore

FARGATE = "FARGATE"
LEAST_SECONDS = 60
UNITS = 1024
"""CPU units of a vCPU, and MiB of a GB."""


def bill_tasks(
    state: StateStore, settings: EndpointSettings, now: datetime
) -> Iterator[BilledAmount]:
    """Yield the vCPU-hours and GB-hours of each task so far."""
    for task in state.list(TASK):
        times = read_times(task, settings)
        if times.pull_started is None or task["launch_type"] != FARGATE:
            continue
        seconds = ((times.stopped or now) - times.pull_started).total_seconds()
        hours = max(LEAST_SECONDS, math.ceil(seconds)) / 3600
        for unit, size in (("vcpu_hour", task["cpu"]), ("gb_hour", task["memory"])):
            yield BilledAmount("ecs", "Fargate", unit, task["arn"], hours * int(size) / UNITS)
