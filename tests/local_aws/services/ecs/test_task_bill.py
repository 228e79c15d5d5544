"""What tasks cost: from the pull of the image to the stop, whole seconds, at least a minute."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from local_aws.account.settings import EndpointSettings
from local_aws.services.ecs.task_bill import bill_tasks
from local_aws.services.ecs.task_start import TASK
from local_aws.storage.database import Database
from local_aws.storage.state_store import StateStore
from tests.local_aws.services.ecs.test_ecs import described, register, run, running, stopped
from tests.local_aws.services.ecs.test_task_states import injected
from tests.studio.endpoint_fixture import RunningEndpoint, running_endpoint

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.fixture
def ecs(local_endpoint: RunningEndpoint) -> Any:
    return local_endpoint.client("ecs")


def bill(endpoint: RunningEndpoint, task: str) -> dict[str, float]:
    """Quantities of a task on the bill, by unit."""
    lines = endpoint.admin("GET", "bill")["lines"]
    return {line["unit"]: line["quantity"] for line in lines if line["resource"] == task}


@pytest.mark.parametrize(("lasted", "billed"), [(59, 60), (60, 60), (61, 61), (61.5, 62)])
def test_a_minute_is_the_least_and_seconds_are_whole(
    tmp_path: Path, lasted: float, billed: int
) -> None:
    # A task that cannot start pulls its image in the middle of the start, and stops half a start
    # after it: a start passes between.
    settings = EndpointSettings(data_dir=tmp_path, task_start_seconds=lasted)
    database = Database(tmp_path / "endpoint.db")
    state = StateStore(database)
    task = {
        "arn": "arn:task",
        "launch_type": "FARGATE",
        "cpu": "2048",
        "memory": "8192",
        "created": NOW.isoformat(),
        "requested": datetime.now(UTC).timestamp() - 1_000,
        "start_failure": "CannotPullContainerError: not found",
    }
    state.put(TASK, "one", task)
    state.put(TASK, "two", {**task, "arn": "arn:own", "launch_type": "EC2"})
    vcpu, gb = bill_tasks(state, settings, NOW)
    database.close()
    assert (vcpu.resource, vcpu.unit, gb.unit) == ("arn:task", "vcpu_hour", "gb_hour")
    assert vcpu.quantity * 3600 == pytest.approx(2 * billed)
    assert gb.quantity * 3600 == pytest.approx(8 * billed)


def test_a_task_says_when_its_image_was_pulled_and_when_it_stopped(
    ecs: Any, local_endpoint: RunningEndpoint
) -> None:
    task = stopped(ecs, run(ecs, register(ecs, "pass")))
    assert task["createdAt"] <= task["pullStartedAt"] < task["stoppedAt"]
    # The default size is 256 CPU units and 512 MiB.
    assert bill(local_endpoint, task["taskArn"]) == pytest.approx(
        {"vcpu_hour": 0.25 / 60, "gb_hour": 0.5 / 60}
    )


def test_a_running_task_is_billed_until_now_and_a_stopped_one_no_longer(tmp_path: Path) -> None:
    with running_endpoint(tmp_path / "data", ("--task-start-seconds", "0.2")) as endpoint:
        ecs = endpoint.client("ecs")
        ended = stopped(ecs, run(ecs, register(ecs, "pass")))["taskArn"]
        still = running(ecs, run(ecs, register(ecs, "import time; time.sleep(60)")))
        endpoint.move_clock(hours=2)
        assert bill(endpoint, still)["vcpu_hour"] == pytest.approx(0.25 * 2, abs=0.01)
        assert "stoppedAt" not in described(ecs, still)
        assert bill(endpoint, ended)["vcpu_hour"] == pytest.approx(0.25 / 60)
        ecs.stop_task(task=still)
        task = stopped(ecs, still)
        lasted = (task["stoppedAt"] - task["pullStartedAt"]) / timedelta(seconds=1)
        billed = bill(endpoint, still)["vcpu_hour"]
        assert billed == pytest.approx(0.25 * max(60, math.ceil(lasted)) / 3600)


@pytest.mark.parametrize(
    ("code", "pulled"), [("CannotPullContainerError", True), ("ResourceInitializationError", False)]
)
def test_a_task_that_cannot_start_is_billed_if_its_pull_began(
    ecs: Any, local_endpoint: RunningEndpoint, code: str, pulled: bool
) -> None:
    definition = register(ecs, "pass")
    injected(local_endpoint, code, "it does not work")
    task = stopped(ecs, run(ecs, definition))
    assert ("pullStartedAt" in task) is pulled
    assert bool(bill(local_endpoint, task["taskArn"])) is pulled


def test_a_task_that_is_stopped_before_the_pull_costs_nothing(tmp_path: Path) -> None:
    with running_endpoint(tmp_path / "data", ("--task-start-seconds", "1000")) as slow:
        ecs = slow.client("ecs")
        task = run(ecs, register(ecs, "pass"))
        ecs.stop_task(task=task)
        assert "pullStartedAt" not in described(ecs, task)
        assert bill(slow, task) == {}
