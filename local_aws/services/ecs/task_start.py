"""The start of a task: its container with the overrides, its process and its log stream."""

import json
import os
import sys
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local_aws.account.settings import EndpointSettings
from local_aws.operations.context import Context, Request
from local_aws.protocol.errors import ServiceError
from local_aws.services.containers.container_process import (
    INHERITED_VARIABLES,
    ContainerProcess,
)
from local_aws.services.ecs.task_definitions import arn
from local_aws.services.logs import streams
from local_aws.storage.state_store import Document

TASK = "ecs-task"
TASKS_FOLDER = "ecs-tasks"
STOP_SECONDS = 30
LONGEST_OVERRIDES = 8192
CAPACITY_ERROR = "CapacityError"
"""The code of an injected failure that leaves a task without a place."""

NO_IMAGES = "CannotStartContainerError: the local endpoint has no images; give a command"
NO_LOG_GROUP = (
    "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 "
    "times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log "
    "group does not exist."
)


def start_task(request: Request, context: Context, cluster: str, definition: Document) -> Document:
    """Store a new task and start its process, unless something keeps it from starting."""
    task_id = uuid.uuid4().hex
    container = apply_overrides(definition["containerDefinitions"][0], request)
    command = [*container.get("entryPoint", []), *container.get("command", [])]
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
        "requested": time.time(),
        "start_failure": _find_start_failure(container, task_id, command, context),
        "stop": None,
    }
    if task["start_failure"] is None:
        find_process(task, context.settings).start(
            command,
            _build_environment(container, context),
            container.get("stopTimeout", STOP_SECONDS),
            context.settings.task_start_seconds,
        )
    context.state.put(TASK, task_id, task)
    return task


def find_process(task: Document, settings: EndpointSettings) -> ContainerProcess:
    """Return the process of a task."""
    return ContainerProcess(settings.data_dir.resolve() / TASKS_FOLDER / task["id"])


def apply_overrides(container: Mapping[str, Any], request: Request) -> dict[str, Any]:
    """Return the container with the request's overrides."""
    given = request.get("overrides", {})
    if len(json.dumps(given)) > LONGEST_OVERRIDES:
        raise ServiceError(
            "InvalidParameterException",
            f"Container Overrides length must be at most {LONGEST_OVERRIDES}",
        )
    overrides = given.get("containerOverrides", [])
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


def _find_start_failure(
    container: Mapping[str, Any], task_id: str, command: list[str], context: Context
) -> str | None:
    """Return why the container cannot start; None: its process is to be started."""
    injected = context.injected_failure
    if injected is not None:
        return f"{injected.code}: {injected.message}"
    if not _open_log_stream(container, task_id, context):
        return NO_LOG_GROUP
    return None if command else NO_IMAGES


def _open_log_stream(container: Mapping[str, Any], task_id: str, context: Context) -> bool:
    """Create the stream of the log driver; return False if its group does not exist."""
    logging = container.get("logConfiguration", {})
    if logging.get("logDriver") != "awslogs":
        return True
    options = logging.get("options", {})
    group = options.get("awslogs-group", "")
    created = int(context.now().timestamp() * 1000)
    if options.get("awslogs-create-group") == "true":
        context.state.create(streams.GROUP, group, {"name": group, "created": created})
    if context.state.get(streams.GROUP, group) is None:
        return False
    prefix = options.get("awslogs-stream-prefix", "ecs")
    streams.create(
        *(context.state, group, f"{prefix}/{container['name']}/{task_id}", created),
        output=f"{TASKS_FOLDER}/{task_id}/output.log",
    )
    return True


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
