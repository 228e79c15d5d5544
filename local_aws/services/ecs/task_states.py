"""The state of a task, read from its process."""

import time
from dataclasses import dataclass
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
