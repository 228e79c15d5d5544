"""Ask Amazon ECS for the size of tasks, and when they were started and stopped.

Sources: Amazon ECS API reference (DescribeTasks, DescribeTaskDefinition) and its service model in
botocore.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from storyboard_ops.domain.money.container_time import ContainerSize, ContainerTask
from storyboard_ops.gateways.aws.errors import translated

#: DescribeTasks takes at most this many tasks.
MOST_TASKS = 100
#: CPU units of a vCPU, and MiB of a GB.
UNITS = 1024
FARGATE = "FARGATE"


class Fargate:
    """Describes tasks and task definitions; ``ecs`` is a boto3 client."""

    def __init__(self, ecs: Any) -> None:
        self._ecs = translated("ecs", ecs)

    def size_of(self, definition: str) -> ContainerSize | None:
        """Return the size of the tasks of a definition; None if it says none, as for EC2.

        Raises ServiceError if there is no such definition.
        """
        answer = self._ecs.describe_task_definition(taskDefinition=definition)
        return _read_size(answer["taskDefinition"])

    def describe(self, arns: Sequence[str]) -> list[ContainerTask]:
        """Return the tasks that ECS knows: it forgets one about an hour after it has stopped."""
        found: list[ContainerTask] = []
        for cluster, of_cluster in groupby(sorted(arns), _cluster_of):
            named = list(of_cluster)
            for first in range(0, len(named), MOST_TASKS):
                batch = named[first : first + MOST_TASKS]
                answer = self._ecs.describe_tasks(cluster=cluster, tasks=batch)
                found += map(_read_task, answer["tasks"])
        return found


def _cluster_of(arn: str) -> str:
    """Return the cluster in an ARN such as arn:aws:ecs:us-east-1:0:task/storyboard/1f."""
    return arn.split("/")[1]


def _read_task(task: Mapping[str, Any]) -> ContainerTask:
    return ContainerTask(
        arn=task["taskArn"],
        size=_read_size(task) if task.get("launchType", FARGATE) == FARGATE else None,
        pull_started=task.get("pullStartedAt"),
        stopped=task.get("stoppedAt"),
    )


def _read_size(document: Mapping[str, Any]) -> ContainerSize | None:
    if "cpu" not in document or "memory" not in document:
        return None
    return ContainerSize(vcpu=int(document["cpu"]) / UNITS, gb=int(document["memory"]) / UNITS)
