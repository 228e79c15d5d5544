"""Tasks: run, describe, list, stop."""

import os
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local_aws.account.settings import EndpointSettings
from local_aws.operations.context import Answer, Context, Request
from local_aws.protocol.errors import ServiceError
from local_aws.services.containers.container_process import (
    INHERITED_VARIABLES,
    ContainerOutcome,
    ContainerProcess,
)
from local_aws.services.ecs.task_definitions import (
    arn,
    find_definition,
    parse_times,
    require_cluster,
)
from local_aws.storage.state_store import Document, StateStore

TASK = "ecs-task"
TASKS_FOLDER = "ecs-tasks"
LARGEST_COUNT = 10
STOP_SECONDS = 30


def run_task(request: Request, context: Context) -> Answer:
    """Start `count` processes; repeating a `clientToken` returns the same tasks."""
    cluster = require_cluster(request, context)
    definition = find_definition(request["taskDefinition"], context)
    count = request.get("count", 1)
    if not 1 <= count <= LARGEST_COUNT:
        raise ServiceError("InvalidParameterException", "Count must be from 1 to 10.")
    token = request.get("clientToken")
    earlier = [task for task in context.state.list(TASK) if token and task["token"] == token]
    if not earlier:
        earlier = [_start_task(request, context, cluster, definition) for _ in range(count)]
    return {"tasks": [_describe(task, context) for task in earlier], "failures": []}


def _start_task(request: Request, context: Context, cluster: str, definition: Document) -> Document:
    task_id = uuid.uuid4().hex
    container = _apply_overrides(definition["containerDefinitions"][0], request)
    task: Document = {
        "id": task_id,
        "arn": arn(context, "task", f"{cluster}/{task_id}"),
        "cluster": cluster,
        "definition": definition["taskDefinitionArn"],
        "family": definition["family"],
        "cpu": definition.get("cpu", "256"),
        "memory": definition.get("memory", "512"),
        "launch_type": request.get("launchType", "FARGATE"),
        "started_by": request.get("startedBy", ""),
        "group": request.get("group", f"family:{definition['family']}"),
        "overrides": request.get("overrides", {}),
        "tags": request.get("tags", []),
        "token": request.get("clientToken"),
        "container": {"name": container["name"], "image": container["image"]},
        "created": context.now().isoformat(),
        "stop": None,
    }
    command = [*container.get("entryPoint", []), *container.get("command", [])]
    if command:
        _find_process(task, context.settings).start(
            command,
            _build_environment(container, context),
            container.get("stopTimeout", STOP_SECONDS),
        )
    context.state.put(TASK, task_id, task)
    return task


def _apply_overrides(container: Mapping[str, Any], request: Request) -> dict[str, Any]:
    """Return the container with the request's overrides."""
    overrides = request.get("overrides", {}).get("containerOverrides", [])
    unknown = [item.get("name") for item in overrides if item.get("name") != container["name"]]
    if unknown:
        raise ServiceError(
            "InvalidParameterException",
            f"Override for container named {unknown[0]} is not a container in the TaskDefinition.",
        )
    changed = dict(container)
    for override in overrides:
        if "command" in override:
            changed["command"] = override["command"]
        changed["environment"] = [
            *changed.get("environment", []),
            *override.get("environment", []),
        ]
    return changed


def _build_environment(container: Mapping[str, Any], context: Context) -> dict[str, str]:
    inherited = (*INHERITED_VARIABLES, "HOME", "TMPDIR")
    own = {name: os.environ[name] for name in inherited if name in os.environ}
    own["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{own.get('PATH', os.defpath)}"
    return {
        **own,
        "AWS_ENDPOINT_URL": context.base_url,
        "AWS_ACCESS_KEY_ID": context.access_key,
        "AWS_SECRET_ACCESS_KEY": context.secret_key,
        "AWS_DEFAULT_REGION": context.region,
        "AWS_EC2_METADATA_DISABLED": "true",
        **{item["name"]: item.get("value", "") for item in container.get("environment", [])},
    }


def describe_tasks(request: Request, context: Context) -> Answer:
    """Return tasks by id or ARN; unknown ones are failures of reason MISSING."""
    cluster = require_cluster(request, context)
    found, failures = [], []
    for named in request["tasks"]:
        task_id = named.rpartition("/")[2]
        task = context.state.get(TASK, task_id)
        if task is None or task["cluster"] != cluster:
            missing = arn(context, "task", f"{cluster}/{task_id}")
            failures.append({"arn": missing, "reason": "MISSING"})
        else:
            found.append(_describe(task, context))
    return {"tasks": found, "failures": failures}


def list_tasks(request: Request, context: Context) -> Answer:
    """List the ARNs of the running tasks, or of those with `desiredStatus` STOPPED."""
    cluster = require_cluster(request, context)
    tasks = [
        _describe(item, context)
        for item in context.state.list(TASK)
        if item["cluster"] == cluster
        and request.get("family") in (None, item["family"])
        and request.get("startedBy") in (None, item["started_by"])
    ]
    wanted = request.get("desiredStatus", "RUNNING")
    return {"taskArns": [task["taskArn"] for task in tasks if task["desiredStatus"] == wanted]}


def stop_task(request: Request, context: Context) -> Answer:
    """Send SIGTERM to the command, and SIGKILL after its `stopTimeout`."""
    cluster = require_cluster(request, context)
    task = context.state.get(TASK, request["task"].rpartition("/")[2])
    if task is None or task["cluster"] != cluster:
        raise ServiceError("InvalidParameterException", "The referenced task was not found.")
    if task["stop"] is None:
        stop = {
            "reason": request.get("reason", "Task stopped by user"),
            "at": context.now().isoformat(),
        }
        task = {**task, "stop": stop}
        context.state.put(TASK, task["id"], task)
    _find_process(task, context.settings).stop()
    return {"task": _describe(task, context)}


def stop_all_tasks(state: StateStore, settings: EndpointSettings) -> None:
    """Stop every running process when the endpoint stops."""
    for task in state.list(TASK):
        _find_process(task, settings).stop()


def _find_process(task: Document, settings: EndpointSettings) -> ContainerProcess:
    return ContainerProcess(settings.data_dir.resolve() / TASKS_FOLDER / task["id"])


def _describe(task: Document, context: Context) -> dict[str, Any]:
    outcome = _read_outcome(task, context.settings)
    running = outcome is None
    status = "RUNNING" if running else "STOPPED"
    stopping = task["stop"] is not None or not running
    described: dict[str, Any] = {
        "taskArn": task["arn"],
        "taskDefinitionArn": task["definition"],
        "clusterArn": arn(context, "cluster", task["cluster"]),
        "lastStatus": status,
        "desiredStatus": "STOPPED" if stopping else "RUNNING",
        "launchType": task["launch_type"],
        "startedBy": task["started_by"],
        "group": task["group"],
        "cpu": task["cpu"],
        "memory": task["memory"],
        "overrides": task["overrides"],
        "tags": task["tags"],
        "createdAt": task["created"],
        "startedAt": task["created"],
        "containers": [_describe_container(task, status, outcome)],
    }
    if outcome is not None:
        described |= _describe_stop(task, outcome)
    return parse_times(described, "createdAt", "startedAt")


def _read_outcome(task: Document, settings: EndpointSettings) -> ContainerOutcome | None:
    process = _find_process(task, settings)
    if not process.was_started():
        return ContainerOutcome(start_error="the local endpoint has no images; give a command")
    return process.outcome()


def _describe_container(
    task: Document, status: str, outcome: ContainerOutcome | None
) -> dict[str, Any]:
    container: dict[str, Any] = {
        **task["container"],
        "taskArn": task["arn"],
        "containerArn": task["arn"].replace(":task/", ":container/") + "/1",
        "lastStatus": status,
    }
    if outcome is not None and outcome.exit_code is not None:
        container["exitCode"] = outcome.exit_code
    elif outcome is not None:
        container["reason"] = _explain(outcome)
    return container


def _describe_stop(task: Document, outcome: ContainerOutcome) -> dict[str, str]:
    if outcome.exit_code is None:
        return {"stopCode": "TaskFailedToStart", "stoppedReason": _explain(outcome)}
    if task["stop"] is not None:
        return {"stopCode": "UserInitiated", "stoppedReason": task["stop"]["reason"]}
    return {
        "stopCode": "EssentialContainerExited",
        "stoppedReason": "Essential container in task exited",
    }


def _explain(outcome: ContainerOutcome) -> str:
    """Return why there is no exit code."""
    if outcome.start_error is None:
        return "Host EC2 terminated: the process ended without an exit code"
    return f"CannotStartContainerError: {outcome.start_error}"
