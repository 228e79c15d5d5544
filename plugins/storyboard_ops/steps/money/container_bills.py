"""Put what the containers of heavy tasks cost on the meter of their run.

The executor notes each container when it starts, and books it when ECS knows when it has stopped.
The release books what the executor has not: the container of the last task stops after that task.
"""

from __future__ import annotations

import logging
import time
from typing import Any

from storyboard_ops.domain.base_record import canonical_json
from storyboard_ops.domain.error_tree import ServiceError
from storyboard_ops.domain.money.container_time import ContainerTask
from storyboard_ops.domain.money.paid_usage import PaidResource
from storyboard_ops.gateways.money.fargate import Fargate
from storyboard_ops.steps.run.tool_box import ToolBox

log = logging.getLogger(__name__)

#: A run's containers by their ARNs, as they were noted at the start.
NOTES = "containers/"
#: Seconds for which a release waits for containers to stop, and between two looks.
MOST_WAIT, PAUSE = 120.0, 5.0


def note_container(tools: ToolBox[Any], arn: str) -> None:
    """Record that a container of the run was started."""
    task = ContainerTask(arn=arn)
    body = canonical_json(task).encode()
    tools.objects.put(tools.run_root / f"{NOTES}{task.id}.json", body, "application/json")


def book_container(tools: ToolBox[Any], task: ContainerTask) -> None:
    """Book what a container has cost so far; booking it again replaces the entry."""
    tools.book(f"container-{task.id}", task.usages(tools.clock()))


def settle_containers(tools: ToolBox[Any], most_wait: float = MOST_WAIT) -> list[PaidResource]:
    """Book every container of the run once it has stopped, or until now if it does not stop.

    Returns a line of the receipt for each whose cost is not known: ECS has forgotten it, or cannot
    be asked, and nobody has booked it.
    """
    noted = tools.objects.list(tools.run_root / NOTES)
    arns = {tools.objects.record(head.uri, ContainerTask).arn for head in noted}
    if not arns:
        return []
    unknown = "ECS has forgotten when it stopped"
    try:
        described = _wait_for_stop(tools, arns, most_wait)
    except ServiceError as error:
        described, unknown = [], f"ECS could not be asked: {error}"
    for task in described:
        book_container(tools, task)
        if task.stopped is None:
            log.warning("The container %s still runs: it is booked until now.", task.arn)
    booked = {head.uri.name for head in tools.objects.list(tools.run_root / "spending/container-")}
    left = (ContainerTask(arn=arn) for arn in sorted(arns - {one.arn for one in described}))
    return [
        _unknown_cost(tools, task, unknown)
        for task in left
        if f"container-{task.id}.json" not in booked
    ]


def _wait_for_stop(tools: ToolBox[Any], arns: set[str], most_wait: float) -> list[ContainerTask]:
    region = min(arns).split(":")[3]
    fargate = Fargate(tools.client_in(region, "ecs"))
    until = time.monotonic() + most_wait
    while True:
        described = fargate.describe(sorted(arns))
        if all(task.stopped for task in described) or time.monotonic() >= until:
            return described
        time.sleep(PAUSE)


def _unknown_cost(tools: ToolBox[Any], task: ContainerTask, why: str) -> PaidResource:
    log.warning("What the container %s has cost is not known: %s.", task.arn, why)
    return PaidResource(
        kind="container",
        name=task.id,
        arn=task.arn,
        owner=tools.run_key,
        created_at="",
        bills=False,
        note=f"its cost is not counted: {why}",
    )
