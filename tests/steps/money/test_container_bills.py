"""Containers of heavy tasks: on the receipt as the endpoint bills them."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable

import pytest

from local_aws.services.ecs.task_start import TASK
from local_aws.storage.database import Database
from local_aws.storage.state_store import StateStore
from storyboard_ops.gateways.money.fargate import Fargate
from storyboard_ops.steps.money.container_bills import (
    book_container,
    note_container,
    settle_containers,
)
from storyboard_ops.steps.release.release_resources import release_everything
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.studio.endpoint_fixture import running_endpoint
from tests.studio.studio_fixture import Studio
from tests.studio.task_definitions import define_task

SLEEP = "import time; time.sleep(60)"
GONE = "arn:aws:ecs:us-east-1:000000000000:task/default/ffff"

Start = Callable[[str], str]


@pytest.fixture
def start(studio: Studio) -> Start:
    """Starts a container of 2 vCPU and 8 GB that runs a script; returns its ARN."""
    definition = define_task(studio, cpu="2048", memory="8192")

    def start_container(script: str) -> str:
        command = {"name": "main", "command": [sys.executable, "-c", script]}
        [task] = studio.client("ecs").run_task(
            taskDefinition=definition, overrides={"containerOverrides": [command]}
        )["tasks"]
        return str(task["taskArn"])

    return start_container


def billed(studio: Studio, *arns: str) -> Counter[str]:
    """Quantities of tasks on the endpoint's bill, by unit."""
    amounts = Counter[str]()
    for line in studio.endpoint.admin("GET", "bill")["lines"]:
        if line["resource"] in arns:
            amounts[line["unit"]] += line["quantity"]
    return amounts


def receipt_of(tools: ToolBox) -> dict[str, float]:
    receipt = release_everything(tools)
    return {one.unit: one.amount for one in receipt.usages if one.service == "ecs"}


def test_the_receipt_has_every_container_as_the_endpoint_bills_it(studio, start):
    tools = studio.tools()
    arns = [start("pass"), start("raise SystemExit(3)"), start(SLEEP)]
    for arn in arns:
        note_container(tools, arn)
    studio.client("ecs").stop_task(task=arns[-1], reason="killed")
    settle_containers(tools)
    receipt = release_everything(tools)
    assert {one.unit: one.amount for one in receipt.usages} == pytest.approx(billed(studio, *arns))
    assert receipt.cost_usd == pytest.approx(3 * (2 * 0.04048 + 8 * 0.004445) / 60, abs=1e-4)
    assert receipt.unpriced == () and receipt.resources == ()


def test_receipt_and_bill_agree_to_the_second_beyond_the_minute(tmp_path):
    """A task that cannot pull its image lasts from the middle of its start for as long again."""
    data = tmp_path / "data"
    with running_endpoint(data) as endpoint:
        ecs = endpoint.client("ecs")
        fault = {"kind": "fail", "service": "ecs", "operation": "RunTask", "code": "CannotPull"}
        endpoint.admin("PUT", "faults", {"faults": [{**fault, "message": "no image"}]})
        ecs.run_task(taskDefinition=define_task(Studio(endpoint, ""), cpu="2048", memory="8192"))
    database = Database(data / "endpoint.db")
    state = StateStore(database)
    [task] = state.list(TASK)
    state.put(TASK, task["id"], {**task, "requested": task["requested"] - 1_000})
    database.close()
    with running_endpoint(data, ("--task-start-seconds", "97.3")) as endpoint:
        studio = Studio.opened(endpoint)
        tools = studio.tools()
        note_container(tools, task["arn"])
        assert receipt_of(tools) == pytest.approx({"vcpu_hour": 196 / 3600, "gb_hour": 784 / 3600})
        assert receipt_of(tools) == pytest.approx(billed(studio, task["arn"]))


def test_a_release_waits_for_the_container_of_the_last_task_to_stop(studio, start):
    tools = studio.tools()
    arn = start("pass")  # it is only starting
    note_container(tools, arn)
    assert receipt_of(tools) == pytest.approx(billed(studio, arn))
    [task] = Fargate(studio.client("ecs")).describe([arn])
    assert task.stopped is not None


def test_a_container_that_does_not_stop_is_booked_until_now_and_again_later(studio, start):
    tools = studio.tools()
    arn = start(SLEEP)
    note_container(tools, arn)
    ecs = studio.client("ecs")
    ecs.get_waiter("tasks_running").wait(tasks=[arn], WaiterConfig={"Delay": 0.1})
    assert settle_containers(tools, most_wait=0) == []
    first = [usage.amount for usage in tools.booked()]
    assert first == pytest.approx([2 / 60, 8 / 60])
    ecs.stop_task(task=arn)
    assert receipt_of(tools) == pytest.approx(billed(studio, arn))


def test_what_ecs_has_forgotten_is_named_unless_it_was_booked(studio, start):
    tools = studio.tools()
    known, booked = start("pass"), GONE.replace("ffff", "eeee")
    for arn in (GONE, known, booked):
        note_container(tools, arn)
    studio.client("ecs").get_waiter("tasks_stopped").wait(
        tasks=[known], WaiterConfig={"Delay": 0.1}
    )
    [task] = Fargate(studio.client("ecs")).describe([known])
    book_container(tools, task.model_copy(update={"arn": booked}))
    receipt = release_everything(tools)
    [line] = receipt.resources
    assert (line.kind, line.arn, line.bills) == ("container", GONE, False)
    assert line.note == "its cost is not counted: ECS has forgotten when it stopped"
    amounts = {one.unit: one.amount for one in receipt.usages}
    assert amounts == pytest.approx({"vcpu_hour": 2 * 2 / 60, "gb_hour": 2 * 8 / 60})


def test_a_service_that_does_not_answer_does_not_stop_the_release(studio):
    tools = studio.tools()
    note_container(tools, GONE.replace("default", "no-such-cluster"))
    [line] = release_everything(tools).resources
    assert "ECS could not be asked" in line.note and "ClusterNotFoundException" in line.note
