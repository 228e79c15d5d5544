"""What happens to a task besides its command: states, no place, no image, no log group."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from local_aws.account.settings import EndpointSettings
from local_aws.services.ecs.task_start import TASKS_FOLDER
from local_aws.services.ecs.task_states import read_state
from tests.local_aws.refusals import refused
from tests.local_aws.services.ecs.test_ecs import described, register, run, running, stopped
from tests.studio.endpoint_fixture import RunningEndpoint, running_endpoint

LINES = "print('one'); print('two')"


@pytest.fixture
def ecs(local_endpoint: RunningEndpoint) -> Any:
    return local_endpoint.client("ecs")


@pytest.fixture
def logs(local_endpoint: RunningEndpoint) -> Any:
    return local_endpoint.client("logs")


def injected(endpoint: RunningEndpoint, code: str, message: str) -> None:
    """Make the next task fail with a code and a message."""
    fault = {"kind": "fail", "service": "ecs", "operation": "RunTask", "code": code}
    endpoint.admin("PUT", "faults", {"faults": [{**fault, "message": message, "times": 1}]})


def test_a_task_that_is_stopped_before_it_starts_has_no_exit_code(tmp_path: Path) -> None:
    with running_endpoint(tmp_path / "data", ("--task-start-seconds", "1000")) as slow:
        ecs = slow.client("ecs")
        task = run(ecs, register(ecs, "pass"))
        before = described(ecs, task)
        assert (before["lastStatus"], before["desiredStatus"]) == ("PROVISIONING", "RUNNING")
        assert before["containers"][0]["lastStatus"] == "PENDING"
        ecs.stop_task(task=task, reason="no longer needed")
        while described(ecs, task)["lastStatus"] == "PROVISIONING":
            time.sleep(0.05)
        after = described(ecs, task)
    assert (after["lastStatus"], after["desiredStatus"]) == ("DEPROVISIONING", "STOPPED")
    assert (after["stopCode"], after["stoppedReason"]) == ("UserInitiated", "no longer needed")
    assert "startedAt" not in after and "exitCode" not in after["containers"][0]


@pytest.mark.parametrize(
    ("ago", "status", "failure"),
    [
        (1, "PROVISIONING", None),
        (6, "PENDING", None),
        (11, "DEPROVISIONING", "CannotPullContainerError: not found"),
        (16, "STOPPED", "CannotPullContainerError: not found"),
    ],
)
def test_a_task_that_cannot_start_passes_through_the_states(
    tmp_path: Path, ago: float, status: str, failure: str | None
) -> None:
    settings = EndpointSettings(data_dir=tmp_path, task_start_seconds=10)
    reason = "CannotPullContainerError: not found"
    task = {"requested": time.time() - ago, "start_failure": reason}
    state = read_state(task, settings)
    assert (state.status, state.started, state.failure) == (status, False, failure)


@pytest.mark.parametrize(
    ("ago", "status"), [(1, "DEPROVISIONING"), (6, "STOPPED")], ids=["just now", "a while ago"]
)
def test_a_task_whose_command_has_ended_is_taken_down_before_it_is_stopped(
    tmp_path: Path, ago: float, status: str
) -> None:
    settings = EndpointSettings(data_dir=tmp_path, task_start_seconds=10)
    folder = tmp_path / TASKS_FOLDER / "one"
    folder.mkdir(parents=True)
    (folder / "output.log").touch()
    end = folder / "exit.json"
    end.write_text(json.dumps({"exit_code": 3}))
    os.utime(end, (time.time() - ago,) * 2)
    task = {"id": "one", "requested": time.time() - 60, "start_failure": None, "stop": None}
    state = read_state(task, settings)
    assert (state.status, state.started, state.exit_code) == (status, True, 3)


@pytest.mark.parametrize(
    "reason",
    [
        "RESOURCE:MEMORY",
        "Capacity is unavailable at this time. Please try again later or in a different "
        "availability zone",
    ],
)
def test_a_task_without_a_place_is_a_failure_of_the_call(
    local_endpoint: RunningEndpoint, ecs: Any, reason: str
) -> None:
    definition = register(ecs, "pass")
    injected(local_endpoint, "CapacityError", reason)
    answer = ecs.run_task(taskDefinition=definition)
    assert answer["tasks"] == []
    assert [failure["reason"] for failure in answer["failures"]] == [reason]
    assert stopped(ecs, run(ecs, definition))["containers"][0]["exitCode"] == 0


def test_an_image_that_cannot_be_pulled_stops_the_task(
    local_endpoint: RunningEndpoint, ecs: Any
) -> None:
    definition = register(ecs, "pass")
    injected(local_endpoint, "CannotPullContainerError", "studio:1: not found")
    task = stopped(ecs, run(ecs, definition))
    assert task["stopCode"] == "TaskFailedToStart"
    assert task["stoppedReason"] == "CannotPullContainerError: studio:1: not found"
    assert "startedAt" not in task and "exitCode" not in task["containers"][0]


def command_of(task: str, endpoint: RunningEndpoint) -> psutil.Process:
    """Return the process of a task's command."""
    folder = str(endpoint.data_dir / TASKS_FOLDER / task.rpartition("/")[2])
    for process in psutil.process_iter(["cmdline"]):
        if folder in " ".join(process.info["cmdline"] or ()):
            (command,) = process.children()
            return command
    raise AssertionError(f"{task} does not run")


def test_a_killed_command_has_the_exit_code_of_its_signal(
    local_endpoint: RunningEndpoint, ecs: Any
) -> None:
    task = running(ecs, run(ecs, register(ecs, "import time; time.sleep(60)")))
    command_of(task, local_endpoint).send_signal(signal.SIGKILL)
    assert stopped(ecs, task)["containers"][0]["exitCode"] == 137


def test_a_lost_machine_leaves_no_exit_code(local_endpoint: RunningEndpoint, ecs: Any) -> None:
    task = running(ecs, run(ecs, register(ecs, "import time; time.sleep(60)")))
    command = command_of(task, local_endpoint)
    for process in (command.parent(), command):
        assert process is not None
        process.send_signal(signal.SIGKILL)
    ended = stopped(ecs, task)
    assert ended["stoppedReason"].startswith("Host EC2 terminated")
    assert "startedAt" in ended and "exitCode" not in ended["containers"][0]


def awslogs(group: str, **options: str) -> dict[str, Any]:
    given = {"awslogs-group": group, "awslogs-region": "us-east-1", **options}
    return {"logDriver": "awslogs", "options": given}


def test_the_output_of_a_task_is_in_its_log_stream(ecs: Any, logs: Any) -> None:
    logs.create_log_group(logGroupName="/studio/tasks")
    configuration = awslogs("/studio/tasks", **{"awslogs-stream-prefix": "heavy"})
    task = run(ecs, register(ecs, LINES, logConfiguration=configuration))
    stopped(ecs, task)
    named = {
        "logGroupName": "/studio/tasks",
        "logStreamName": f"heavy/main/{task.rpartition('/')[2]}",
    }
    events = logs.get_log_events(**named, startFromHead=True)["events"]
    assert [event["message"] for event in events] == ["one", "two"]


def test_a_log_group_that_is_missing_stops_the_task_unless_it_may_be_created(
    ecs: Any, logs: Any
) -> None:
    missing = awslogs("/studio/none")
    task = stopped(ecs, run(ecs, register(ecs, LINES, logConfiguration=missing)))
    assert task["stopCode"] == "TaskFailedToStart"
    assert task["stoppedReason"].startswith("ResourceInitializationError")
    created = awslogs("/studio/created", **{"awslogs-create-group": "true"})
    stopped(ecs, run(ecs, register(ecs, LINES, logConfiguration=created)))
    groups = logs.describe_log_groups(logGroupNamePrefix="/studio/")["logGroups"]
    assert "/studio/created" in {group["logGroupName"] for group in groups}


def test_overrides_and_networks_are_checked_as_by_the_service(ecs: Any) -> None:
    container = {"name": "main", "image": "any", "command": [sys.executable, "-c", "pass"]}
    ecs.register_task_definition(
        family="in-a-network", networkMode="awsvpc", containerDefinitions=[container]
    )
    with refused("InvalidParameterException", 400):
        ecs.run_task(taskDefinition="in-a-network")
    network = {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}
    run(ecs, "in-a-network", networkConfiguration=network)
    long = {"containerOverrides": [{"name": "main", "command": ["x" * 8192]}]}
    with refused("InvalidParameterException", 400):
        ecs.run_task(taskDefinition="in-a-network", networkConfiguration=network, overrides=long)


def test_clusters_are_described(ecs: Any) -> None:
    answer = ecs.describe_clusters(clusters=["default", "none"])
    assert [cluster["status"] for cluster in answer["clusters"]] == ["ACTIVE"]
    assert [failure["reason"] for failure in answer["failures"]] == ["MISSING"]
