"""Tasks: run, describe, list, stop."""

from local_aws.account.settings import EndpointSettings
from local_aws.operations.context import Answer, Context, Request
from local_aws.protocol.errors import ServiceError
from local_aws.services.ecs.task_definitions import arn, find_definition, require_cluster
from local_aws.services.ecs.task_start import CAPACITY_ERROR, TASK, find_process, start_task
from local_aws.services.ecs.task_states import describe
from local_aws.storage.state_store import Document, StateStore

LARGEST_COUNT = 10


def run_task(request: Request, context: Context) -> Answer:
    """Start `count` processes; repeating a `clientToken` returns the same tasks."""
    cluster = require_cluster(request, context)
    definition = find_definition(request["taskDefinition"], context)
    _require_network(request, definition)
    count = request.get("count", 1)
    if not 1 <= count <= LARGEST_COUNT:
        raise ServiceError("InvalidParameterException", "Count must be from 1 to 10.")
    token = request.get("clientToken")
    tasks = [task for task in context.state.list(TASK) if token and task["token"] == token]
    injected = context.injected_failure
    if not tasks and injected is not None and injected.code == CAPACITY_ERROR:
        failure = {"arn": arn(context, "cluster", cluster), "reason": injected.message}
        return {"tasks": [], "failures": [failure]}
    if not tasks:
        tasks = [start_task(request, context, cluster, definition) for _ in range(count)]
    return {"tasks": [describe(task, context) for task in tasks], "failures": []}


def _require_network(request: Request, definition: Document) -> None:
    if definition.get("networkMode") == "awsvpc" and "networkConfiguration" not in request:
        raise ServiceError(
            "InvalidParameterException",
            "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
        )


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
            found.append(describe(task, context))
    return {"tasks": found, "failures": failures}


def list_tasks(request: Request, context: Context) -> Answer:
    """List the ARNs of the running tasks, or of those with `desiredStatus` STOPPED."""
    cluster = require_cluster(request, context)
    tasks = [
        describe(item, context)
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
    find_process(task, context.settings).stop()
    return {"task": describe(task, context)}


def stop_all_tasks(state: StateStore, settings: EndpointSettings) -> None:
    """Stop every running process when the endpoint stops."""
    for task in state.list(TASK):
        find_process(task, settings).stop()
