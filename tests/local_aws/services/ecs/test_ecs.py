"""ECS: a task runs its command, and its exit code is the command's."""

import sys
import time
import uuid
from pathlib import Path
from typing import Any

import pytest

from tests.local_aws.refusals import refused
from tests.studio.endpoint_fixture import RunningEndpoint, running_endpoint, start_endpoint


@pytest.fixture
def ecs(local_endpoint: RunningEndpoint) -> Any:
    return local_endpoint.client("ecs")


def register(ecs: Any, script: str = "", **container: Any) -> str:
    """Register a task definition that runs a Python script; return its ARN."""
    definition = {"name": "main", "image": "any", **container}
    if script:
        definition["command"] = [sys.executable, "-c", script]
    family = f"family-{uuid.uuid4().hex}"
    answer = ecs.register_task_definition(family=family, containerDefinitions=[definition])
    return str(answer["taskDefinition"]["taskDefinitionArn"])


def run(ecs: Any, definition: str, **arguments: Any) -> str:
    (task,) = ecs.run_task(taskDefinition=definition, **arguments)["tasks"]
    return str(task["taskArn"])


def described(ecs: Any, task: str) -> dict[str, Any]:
    (answer,) = ecs.describe_tasks(tasks=[task])["tasks"]
    return dict(answer)


def running(ecs: Any, task: str) -> str:
    """Wait with boto3's waiter until the task runs; return it."""
    waiter = ecs.get_waiter("tasks_running")
    waiter.wait(tasks=[task], WaiterConfig={"Delay": 0.1, "MaxAttempts": 300})
    return task


def stopped(ecs: Any, task: str) -> dict[str, Any]:
    """Wait with boto3's waiter until the task has stopped; return it."""
    waiter = ecs.get_waiter("tasks_stopped")
    waiter.wait(tasks=[task], WaiterConfig={"Delay": 0.1, "MaxAttempts": 300})
    return described(ecs, task)


@pytest.mark.parametrize("code", [0, 7])
def test_the_exit_code_is_the_commands(ecs: Any, code: int) -> None:
    task = stopped(ecs, run(ecs, register(ecs, f"raise SystemExit({code})")))
    assert task["containers"][0]["exitCode"] == code
    assert task["stopCode"] == "EssentialContainerExited"
    assert task["stoppedReason"] == "Essential container in task exited"


def test_the_command_finds_its_environment_and_the_endpoint(
    ecs: Any, local_endpoint: RunningEndpoint, s3: Any, bucket: str
) -> None:
    script = (
        "import boto3, os; boto3.client('s3').put_object("
        "Bucket=os.environ['BUCKET'], Key='from-task', Body=os.environ['WORD'].encode())"
    )
    definition = register(ecs, script, environment=[{"name": "WORD", "value": "default"}])
    overrides = {
        "containerOverrides": [
            {
                "name": "main",
                "environment": [
                    {"name": "BUCKET", "value": bucket},
                    {"name": "WORD", "value": "overridden"},
                ],
            }
        ]
    }
    task = stopped(ecs, run(ecs, definition, overrides=overrides))
    assert task["containers"][0]["exitCode"] == 0
    stored = s3.get_object(Bucket=bucket, Key="from-task")["Body"].read()
    assert stored == b"overridden"


def test_a_command_can_be_overridden(ecs: Any) -> None:
    overrides = {
        "containerOverrides": [
            {"name": "main", "command": [sys.executable, "-c", "raise SystemExit(3)"]}
        ]
    }
    task = stopped(ecs, run(ecs, register(ecs, "pass"), overrides=overrides))
    assert task["containers"][0]["exitCode"] == 3


def test_a_running_task_is_stopped_with_its_reason(ecs: Any) -> None:
    task = running(ecs, run(ecs, register(ecs, "import time; time.sleep(60)")))
    assert described(ecs, task)["lastStatus"] == "RUNNING"
    assert ecs.list_tasks()["taskArns"].count(task) == 1
    ecs.stop_task(task=task, reason="enough")
    ended = stopped(ecs, task)
    assert ended["containers"][0]["exitCode"] == 143
    assert (ended["stopCode"], ended["stoppedReason"]) == ("UserInitiated", "enough")


def test_a_command_that_ignores_the_stop_is_killed(ecs: Any, tmp_path: Path) -> None:
    script = (
        "import pathlib, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"pathlib.Path({str(tmp_path / 'ready')!r}).touch(); time.sleep(60)"
    )
    task = run(ecs, register(ecs, script, stopTimeout=1))
    while not (tmp_path / "ready").exists():
        time.sleep(0.05)
    ecs.stop_task(task=task)
    assert stopped(ecs, task)["containers"][0]["exitCode"] == 137


@pytest.mark.parametrize("container", [{"command": ["/no/such/program"]}, {}])
def test_what_cannot_start_says_so(ecs: Any, container: dict[str, Any]) -> None:
    task = stopped(ecs, run(ecs, register(ecs, **container)))
    assert task["stopCode"] == "TaskFailedToStart"
    assert task["stoppedReason"].startswith("CannotStartContainerError")
    assert "exitCode" not in task["containers"][0]


def test_a_repeated_call_with_a_token_runs_nothing_twice(ecs: Any) -> None:
    definition, token = register(ecs, "pass"), uuid.uuid4().hex
    first = run(ecs, definition, clientToken=token)
    assert run(ecs, definition, clientToken=token) == first


def test_definitions_are_numbered(ecs: Any) -> None:
    containers = [{"name": "main", "image": "any"}]
    family = f"family-{uuid.uuid4().hex}"
    for revision in (1, 2):
        answer = ecs.register_task_definition(family=family, containerDefinitions=containers)
        assert answer["taskDefinition"]["revision"] == revision
    for named, revision in ((family, 2), (f"{family}:1", 1)):
        found = ecs.describe_task_definition(taskDefinition=named)["taskDefinition"]
        assert (found["revision"], found["status"]) == (revision, "ACTIVE")
    with refused("ClientException", 400):
        ecs.run_task(taskDefinition=f"{family}:3")


def test_what_is_not_there_is_said(ecs: Any) -> None:
    with refused("ClientException", 400):
        ecs.run_task(taskDefinition="no-such-family")
    with refused("ClusterNotFoundException", 400):
        ecs.run_task(taskDefinition="any", cluster="no-such-cluster")
    (failure,) = ecs.describe_tasks(tasks=["0" * 32])["failures"]
    assert failure["reason"] == "MISSING"
    assert ecs.create_cluster(clusterName="studio")["cluster"]["status"] == "ACTIVE"
    assert ecs.list_tasks(cluster="studio")["taskArns"] == []


def test_a_task_goes_on_when_the_endpoint_is_killed(tmp_path: Path) -> None:
    first = start_endpoint(tmp_path / "data")
    script = "import time; time.sleep(1); raise SystemExit(5)"
    ecs = first.client("ecs")
    task = running(ecs, run(ecs, register(ecs, script)))
    first.kill()
    with running_endpoint(tmp_path / "data") as second:
        assert stopped(second.client("ecs"), task)["containers"][0]["exitCode"] == 5


def test_a_clean_stop_leaves_no_process(tmp_path: Path) -> None:
    with running_endpoint(tmp_path / "data") as first:
        ecs = first.client("ecs")
        task = running(ecs, run(ecs, register(ecs, "import time; time.sleep(60)")))
    with running_endpoint(tmp_path / "data") as second:
        assert stopped(second.client("ecs"), task)["containers"][0]["exitCode"] == 143
