"""The executor puts what containers cost on the meter of their run, also of those that failed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from airflow.models.taskinstancekey import TaskInstanceKey

from launcher.aws.ecs import settings
from storyboard_ops.airflow_ops.ecs import container_bills
from storyboard_ops.airflow_ops.ecs.container_bills import (
    MOST_TRIES,
    ContainerBills,
    find_workspace,
)
from storyboard_ops.domain.object_keys import run_key
from storyboard_ops.steps.release.release_resources import release_everything
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.airflow_ops.ecs.test_executor import Executor, executor, inject  # noqa: F401
from tests.studio.studio_fixture import Studio

pytestmark = pytest.mark.usefixtures("airflow_database")

DAG_ID = "train_character_model"
SLEEP = "import time; time.sleep(60)"

AddRun = Callable[[dict[str, Any]], str]


@pytest.fixture
def add_run() -> AddRun:
    """Adds a run of the main DAG with parameters to Airflow's database; returns its id."""
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session
    from airflow.utils.types import DagRunType

    def add(conf: dict[str, Any]) -> str:
        run_id = uuid4().hex
        with create_session() as session:
            session.add(DagRun(DAG_ID, run_id=run_id, run_type=DagRunType.MANUAL, conf=conf))
        return run_id

    return add


@pytest.fixture
def of_run(executor: Executor, aws: Studio, add_run: AddRun) -> Executor:  # noqa: F811
    """The executor with a task of a run whose workspace is the studio's."""
    run_id = add_run({"workspace": f"s3://{aws.bucket}"})
    executor.key = TaskInstanceKey(DAG_ID, "sample_frames", run_id, 1, 0)
    return executor


def tools_of(studio: Studio, key: Any) -> ToolBox:
    return studio.tools(run_key(key.dag_id, key.run_id))


def containers(studio: Studio, key: Any, folder: str) -> list[str]:
    root = tools_of(studio, key).run_root
    return [head.uri.name for head in tools_of(studio, key).objects.list(root / folder)]


def beat_until_booked(of_run: Executor, studio: Studio, count: int) -> None:
    of_run.sync_until(lambda: len(containers(studio, of_run.key, "spending/")) == count)


def agrees_with_bill(studio: Studio, key: Any, count: int) -> None:
    """The receipt has as many containers as the bill, each for the minute that is the least."""
    receipt = release_everything(tools_of(studio, key))
    noted = [name.removesuffix(".json") for name in containers(studio, key, "containers/")]
    lines = studio.endpoint.admin("GET", "bill")["lines"]
    billed = [line for line in lines if line["resource"].rpartition("/")[2] in noted]
    amounts = {usage.unit: usage.amount for usage in receipt.usages}
    assert amounts == pytest.approx({"vcpu_hour": 2 * count / 60, "gb_hour": 8 * count / 60})
    assert sum(line["usd"] for line in billed) == pytest.approx(receipt.cost_usd, abs=1e-4)


def test_a_container_is_booked_once_it_has_stopped(of_run, aws):
    of_run.run("pass")
    assert of_run.end()[0] == "success"
    beat_until_booked(of_run, aws, 1)
    agrees_with_bill(aws, of_run.key, 1)


def test_a_killed_container_and_its_second_try_are_both_booked(of_run, aws):
    of_run.run(SLEEP)
    of_run.sync_until(lambda: of_run.executor.active_workers)
    [arn] = of_run.executor.active_workers.get_all_arns()
    ecs = aws.client("ecs")
    ecs.get_waiter("tasks_running").wait(
        cluster=settings.CLUSTER, tasks=[arn], WaiterConfig={"Delay": 0.1}
    )
    ecs.stop_task(cluster=settings.CLUSTER, task=arn)
    assert of_run.end()[0] == "failed"
    of_run.executor.event_buffer.clear()
    of_run.run("pass")
    assert of_run.end()[0] == "success"
    beat_until_booked(of_run, aws, 2)
    agrees_with_bill(aws, of_run.key, 2)


def test_containers_that_could_not_pull_their_image_are_booked(of_run, aws, local_endpoint):
    inject(local_endpoint, "CannotPullContainerError", "studio:1: not found", times=3)
    of_run.run("pass")
    assert of_run.end()[0] == "failed"
    beat_until_booked(of_run, aws, 3)
    agrees_with_bill(aws, of_run.key, 3)


def test_the_release_books_what_a_lost_scheduler_has_not(of_run, aws):
    of_run.run("pass")
    of_run.sync_until(lambda: containers(aws, of_run.key, "containers/"))
    agrees_with_bill(aws, of_run.key, 1)


@pytest.mark.logs_errors
def test_a_workspace_that_cannot_be_written_leaves_the_scheduler_alone(
    executor,  # noqa: F811
    add_run,
    monkeypatch,
):
    run_id = add_run({"workspace": "s3://no-such-bucket"})
    executor.key = TaskInstanceKey(DAG_ID, "sample_frames", run_id, 1, 0)
    executor.run("pass")
    assert executor.end() == ("success", None)
    bills = executor.executor._bills
    waiting = len(bills._writes)
    assert waiting and bills._resume_at > time.monotonic(), "it pauses"
    executor.executor.sync()
    assert len(bills._writes) == waiting, "and does nothing meanwhile"
    monkeypatch.setattr(container_bills, "PAUSE", 0.0)
    bills._resume_at = 0.0
    for _ in range(2 * MOST_TRIES):  # the start and the end of the container
        executor.sync_until(lambda: True)
        executor.executor.sync()
        time.sleep(0.3)
    assert not bills._writes, "it gives up"


def test_a_task_of_another_dag_has_no_meter(executor):  # noqa: F811
    executor.run("pass")
    assert executor.end() == ("success", None)
    executor.sync_until(lambda: not (executor.executor._bills._writes))


def test_the_workspace_is_that_of_the_run_or_the_default_of_its_dag(add_run, monkeypatch):
    assert find_workspace(DAG_ID, add_run({"workspace": "s3://own"})) == "s3://own"
    assert find_workspace("no-such-dag", "run") == ""

    class Serialized:
        class dag:  # noqa: N801
            params = {"workspace": "s3://default"}

    from airflow.models.serialized_dag import SerializedDagModel

    monkeypatch.setattr(SerializedDagModel, "get", lambda dag_id, session: Serialized)
    for conf in ({}, {"workspace": None}):
        assert find_workspace(DAG_ID, add_run(conf)) == "s3://default"


def test_a_container_that_is_stopping_is_asked_about_again():
    class Ecs:
        """A service that knows a task, which stops when it is asked about the second time."""

        asked = 0

        def describe_tasks(self, cluster: str, tasks: list[str]) -> dict[str, Any]:
            self.asked += 1
            task = {"taskArn": tasks[0], "cpu": "1024", "memory": "2048"}
            stopped = {"stoppedAt": "2026-11-29T12:00:00Z"} if self.asked == 2 else {}
            return {"tasks": [{**task, **stopped}]}

    bills, ecs = ContainerBills(), Ecs()
    bills.end(TaskInstanceKey("no-such-dag", "task", "run"), "arn:aws:ecs:r:0:task/c/1")
    for _ in range(3):
        bills.work(ecs)
    assert ecs.asked == 2
