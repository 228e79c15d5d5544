"""The executor against the local endpoint: what a task's log and events say about its container."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from launcher.aws.ecs import settings
from tests.studio.endpoint_fixture import RunningEndpoint

pytestmark = pytest.mark.usefixtures("airflow_database")

SLEEP = "import time; time.sleep(60)"


class Executor:
    """The executor with one task, and what Airflow would see of it."""

    def __init__(self, folder: Any) -> None:
        from airflow.models.taskinstancekey import TaskInstanceKey

        from storyboard_ops.airflow_ops.ecs.executor import EcsTaskExecutor

        self.executor = EcsTaskExecutor()
        self.executor.start()
        self.key = TaskInstanceKey("dag", "task", "run", 1, -1)
        self._log = f"{uuid4().hex}/attempt=1.log"
        self._folder = folder

    def run(self, script: str) -> None:
        """Send a task whose container runs a script; its last argument is the workload."""
        workload = json.dumps({"log_path": self._log})
        self.executor.execute_async(self.key, [sys.executable, "-c", script, workload])

    def sync_until(self, reached: Callable[[], object]) -> None:
        """Beat until something is so; a pause before the next attempt is not waited for."""
        while not reached():
            for waiting in self.executor.pending_workloads:
                waiting.next_attempt_time = datetime.now(UTC)
            self.executor.sync()
            time.sleep(0.05)

    def end(self) -> tuple[str, str | None]:
        """Beat until the task has ended; return its state and the information about it."""
        self.sync_until(lambda: self.state() not in (None, "running"))
        return self.executor.event_buffer[self.key]

    def state(self) -> str | None:
        return self.executor.event_buffer.get(self.key, (None, None))[0]

    def events(self) -> list[str]:
        return [str(event.extra) for event in self.executor._task_event_logs]

    def log(self) -> list[str]:
        """The lines of the task's log on this machine."""
        file = self._folder / self._log
        return [json.loads(line)["event"] for line in file.read_text().splitlines()]


@pytest.fixture
def executor(
    local_endpoint: RunningEndpoint, aws: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> Executor:
    """An executor whose cluster, log group and task definition exist."""
    ecs, logs = local_endpoint.client("ecs"), local_endpoint.client("logs")
    ecs.create_cluster(clusterName=settings.CLUSTER)
    if not logs.describe_log_groups(logGroupNamePrefix=settings.LOG_GROUP)["logGroups"]:
        logs.create_log_group(logGroupName=settings.LOG_GROUP)
    container = settings.container_definition("studio:1", {}, "us-east-1")
    ecs.register_task_definition(
        family=settings.FAMILY,
        networkMode="awsvpc",
        cpu=settings.TASK_CPU,
        memory=settings.TASK_MEMORY,
        containerDefinitions=[container],
    )
    network = settings.Network("subnet-1", "sg-1", "False")
    variables = settings.airflow_variables("LocalExecutor", "us-east-1", "s3://none/", network)
    for name, value in variables.items():
        if "LOGGING" not in name:
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", "aws://")
    monkeypatch.setenv("AIRFLOW__LOGGING__BASE_LOG_FOLDER", str(tmp_path))
    return Executor(tmp_path)


def inject(endpoint: RunningEndpoint, code: str, message: str, times: int) -> None:
    fault = {"kind": "fail", "service": "ecs", "operation": "RunTask", "code": code}
    endpoint.admin("PUT", "faults", {"faults": [{**fault, "message": message, "times": times}]})


def test_a_container_that_ends_well_is_a_success_without_a_word(executor):
    executor.run("pass")
    assert executor.end() == ("success", None)
    assert executor.events() == []


def test_a_command_that_fails_is_reported_with_its_last_lines_and_not_repeated(executor):
    executor.run("print('cannot reach the API'); raise SystemExit(3)")
    state, info = executor.end()
    assert state == "failed"
    assert "ended with exit code 3" in info and "cannot reach the API" in info
    assert executor.events() == [info]
    assert executor.log() == [info]
    assert not executor.executor.pending_workloads


def test_a_stopped_task_is_reported_with_the_reason_of_who_stopped_it(executor, local_endpoint):
    executor.run(SLEEP)
    executor.sync_until(lambda: executor.executor.active_workers)
    [arn] = executor.executor.active_workers.get_all_arns()
    ecs = local_endpoint.client("ecs")
    ecs.get_waiter("tasks_running").wait(
        cluster=settings.CLUSTER, tasks=[arn], WaiterConfig={"Delay": 0.1, "MaxAttempts": 300}
    )
    ecs.stop_task(cluster=settings.CLUSTER, task=arn, reason="the studio needs the money")
    state, info = executor.end()
    assert state == "failed"
    assert "was stopped (exit code 143): the studio needs the money" in info


def test_an_image_that_cannot_be_pulled_fails_the_task_after_three_starts(executor, local_endpoint):
    inject(local_endpoint, "CannotPullContainerError", "studio:1: not found", times=3)
    executor.run("pass")
    state, info = executor.end()
    assert state == "failed"
    assert "CannotPullContainerError: studio:1: not found" in info
    assert executor.log()[-1] == info and len(executor.log()) == 3
    assert all(line.endswith("It is tried again.") for line in executor.log()[:2])


def test_a_lack_of_capacity_is_said_at_once_and_outlasted(executor, local_endpoint):
    inject(local_endpoint, "CapacityError", "RESOURCE:MEMORY", times=5)
    executor.run("pass")
    executor.sync_until(executor.events)
    assert executor.state() is None, "the task waits"
    assert executor.end()[0] == "success"
    assert len(executor.log()) == 5
    assert "ECS has not placed the task: RESOURCE:MEMORY." in executor.log()[0]


def test_a_lack_of_capacity_that_lasts_fails_the_task(executor, local_endpoint):
    inject(local_endpoint, "CapacityError", "RESOURCE:CPU", times=settings.MOST_ATTEMPTS)
    executor.run("pass")
    state, info = executor.end()
    assert state == "failed" and "RESOURCE:CPU" in info
    assert len(executor.log()) == settings.MOST_ATTEMPTS


def test_a_call_that_is_refused_is_reported(executor, monkeypatch):
    executor.executor.run_task_kwargs["taskDefinition"] = "no-such-family"
    executor.run("pass")
    executor.sync_until(executor.events)
    assert "Unable to describe task definition" in executor.events()[0]


def test_the_page_of_a_running_task_shows_what_its_container_writes(executor):
    class Task:
        external_executor_id: str | None = None

    task = Task()
    assert executor.executor.get_task_log(task, 1) == ([], []), "it has no container yet"
    executor.run(f"print('working', flush=True); {SLEEP}")
    executor.sync_until(lambda: executor.executor.active_workers)
    [task.external_executor_id] = executor.executor.active_workers.get_all_arns()
    while "working" not in "".join(executor.executor.get_task_log(task, 1)[1]):
        time.sleep(0.05)
    executor.executor.ecs.stop_task(cluster=settings.CLUSTER, task=task.external_executor_id)


def test_a_log_that_cannot_be_written_does_not_stop_the_executor(executor, monkeypatch):
    def refuse(log_path: str, message: str) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("storyboard_ops.airflow_ops.ecs.executor.write_line", refuse)
    executor.run("raise SystemExit(3)")
    state, info = executor.end()
    assert state == "failed" and "exit code 3" in info


def test_the_scheduler_saves_the_events(executor):
    """It drops every reference of its own to an event before it saves it."""
    from airflow.jobs.scheduler_job_runner import SchedulerJobRunner
    from airflow.models.log import Log
    from airflow.utils.session import create_session

    reason = f"there is no place {uuid4().hex}"
    executor.executor._report(executor.key, reason)
    with create_session() as session:
        SchedulerJobRunner._process_task_event_logs(executor.executor._task_event_logs, session)
    with create_session() as session:
        assert session.query(Log).filter(Log.extra == reason).one().event == "ECS"
