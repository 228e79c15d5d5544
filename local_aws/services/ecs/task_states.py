"""The state of a task, read from its process."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from local_aws.account.settings import EndpointSettings
from local_aws.operations.context import Context
from local_aws.services.containers.container_process import ContainerOutcome
from local_aws.services.ecs.task_definitions import arn, parse_times
from local_aws.services.ecs.task_start import find_process
from local_aws.storage.state_store import Document

PROVISIONING, PENDING, RUNNING = "PROVISIONING", "PENDING", "RUNNING"
DEPROVISIONING, STOPPED = "DEPROVISIONING", "STOPPED"
LOST = "Host EC2 terminated: the process ended without an exit code"
NO_PULL = "ResourceInitializationError"
"""How the reason of a task begins that stops before its image is pulled."""


@dataclass(frozen=True)
class TaskState:
    """`status` is the last status; without `exit_code` and `failure` the command has not ended."""

    status: str
    started: bool
    exit_code: int | None = None
    failure: str | None = None

    @property
    def ended(self) -> bool:
        """Whether the command has ended, or will not start."""
        return self.status in (DEPROVISIONING, STOPPED)


def read_state(task: Document, settings: EndpointSettings) -> TaskState:
    """Return the state of a task now, by the machine's clock."""
    start = settings.task_start_seconds
    since_request = time.time() - task["requested"]
    starting = PROVISIONING if since_request < start / 2 else PENDING
    if task["start_failure"] is not None:
        if since_request < start:
            return TaskState(starting, started=False)
        status = _leave(since_request - start, settings)
        return TaskState(status, started=False, failure=task["start_failure"])
    process = find_process(task, settings)
    outcome = process.outcome()
    started = process.has_started()
    if outcome is None:
        return TaskState(RUNNING if started else starting, started)
    status = _leave(time.time() - process.ended_at(), settings)
    return TaskState(status, started, outcome.exit_code, _explain(task, outcome))


@dataclass(frozen=True)
class BilledTime:
    """From the first byte of the image to the end of the task; None: not reached yet."""

    pull_started: datetime | None
    stopped: datetime | None


def read_times(task: Document, settings: EndpointSettings) -> BilledTime:
    """Return what is billed of a task, by the endpoint's clock at its creation, to the millisecond.

    An image is pulled while the task is PENDING.
    """
    start = settings.task_start_seconds
    now, pull = time.time(), task["requested"] + start / 2
    ended = _read_end(task, settings)
    stopped = None if ended is None else ended + start / 2
    pulled = pull <= min(now, now if ended is None else ended)
    pulled = pulled and not (task["start_failure"] or "").startswith(NO_PULL)
    return BilledTime(
        _by_clock(task, pull) if pulled else None,
        None if stopped is None or now < stopped else _by_clock(task, stopped),
    )


def _read_end(task: Document, settings: EndpointSettings) -> float | None:
    """Return when the command ended, or when it became clear that it cannot start."""
    if task["start_failure"] is not None:
        end = task["requested"] + settings.task_start_seconds
        return float(end) if end <= time.time() else None
    process = find_process(task, settings)
    if process.outcome() is None:
        return None
    # Of one that was lost, what it wrote last is the last sign.
    return process.ended_at() or (
        process.log.stat().st_mtime if process.has_started() else float(task["requested"])
    )


def _by_clock(task: Document, moment: float) -> datetime:
    created = datetime.fromisoformat(task["created"])
    exact = created + timedelta(seconds=moment - task["requested"])
    return exact.replace(microsecond=exact.microsecond // 1000 * 1000)


def _leave(seconds: float, settings: EndpointSettings) -> str:
    """Return the state of a task whose command ended this long ago."""
    return DEPROVISIONING if seconds < settings.task_start_seconds / 2 else STOPPED


def _explain(task: Document, outcome: ContainerOutcome) -> str | None:
    """Return why there is no exit code; None if there is one, or the task was to be stopped."""
    if outcome.start_error is not None:
        return f"CannotStartContainerError: {outcome.start_error}"
    return LOST if outcome.exit_code is None and task["stop"] is None else None


def describe(task: Document, context: Context) -> dict[str, Any]:
    """Return what DescribeTasks says about a task."""
    state = read_state(task, context.settings)
    stopping = task["stop"] is not None or state.ended
    described: dict[str, Any] = {
        "taskArn": task["arn"],
        "taskDefinitionArn": task["definition"],
        "clusterArn": arn(context, "cluster", task["cluster"]),
        "lastStatus": state.status,
        "desiredStatus": STOPPED if stopping else RUNNING,
        "launchType": task["launch_type"],
        "startedBy": task["started_by"],
        "group": task["group"],
        "cpu": task["cpu"],
        "memory": task["memory"],
        "overrides": task["overrides"],
        "tags": task["tags"],
        "createdAt": task["created"],
        "containers": [_describe_container(task, state)],
    }
    if state.started:
        described["startedAt"] = task["created"]
    if state.ended:
        described |= _describe_stop(task, state)
    times = read_times(task, context.settings)
    if times.pull_started is not None:
        described["pullStartedAt"] = times.pull_started
    if times.stopped is not None:
        described["stoppedAt"] = times.stopped
    return parse_times(described, "createdAt", "startedAt")


def _describe_container(task: Document, state: TaskState) -> dict[str, Any]:
    status = STOPPED if state.ended else RUNNING if state.status == RUNNING else PENDING
    container: dict[str, Any] = {
        **task["container"],
        "taskArn": task["arn"],
        "containerArn": task["arn"].replace(":task/", ":container/") + "/1",
        "lastStatus": status,
    }
    if state.exit_code is not None:
        container["exitCode"] = state.exit_code
    elif state.failure is not None:
        container["reason"] = state.failure
    return container


def _describe_stop(task: Document, state: TaskState) -> dict[str, str]:
    if state.failure is not None:
        code = "EssentialContainerExited" if state.started else "TaskFailedToStart"
        return {"stopCode": code, "stoppedReason": state.failure}
    if task["stop"] is not None:
        return {"stopCode": "UserInitiated", "stoppedReason": task["stop"]["reason"]}
    return {
        "stopCode": "EssentialContainerExited",
        "stoppedReason": "Essential container in task exited",
    }
