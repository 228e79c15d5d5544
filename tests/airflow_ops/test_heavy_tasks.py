"""One setting of Airflow decides where heavy tasks run."""

from __future__ import annotations

import pytest

from storyboard_ops.airflow_ops.heavy_tasks import ALIAS, fargate_place, heavy_executor
from storyboard_ops.domain.money.container_time import FargatePlace

ECS = "storyboard_ops.airflow_ops.ecs.executor.EcsTaskExecutor"


@pytest.mark.parametrize(
    ("executors", "chosen"),
    [
        ("LocalExecutor", None),
        ("CeleryExecutor,LocalExecutor", None),
        (f"LocalExecutor,{ECS}", None),
        ("LocalExecutor,heavyweight:a.b.Executor", None),
        (f"LocalExecutor,heavy:{ECS}", ALIAS),
        (f"CeleryExecutor, heavy:{ECS}", ALIAS),
        (f"heavy:{ECS}", ALIAS),
        ("LocalExecutor,heavy:CeleryExecutor", ALIAS),
    ],
)
def test_heavy_tasks_run_on_the_executor_with_the_alias(monkeypatch, executors, chosen):
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", executors)
    assert heavy_executor() == chosen


@pytest.mark.parametrize(
    ("executors", "launch_type", "bills"),
    [
        (f"LocalExecutor,heavy:{ECS}", "FARGATE", True),
        (f"LocalExecutor,heavy:{ECS}", "", True),  # a strategy of capacity providers
        (f"LocalExecutor,heavy:{ECS}", "EC2", False),
        ("LocalExecutor,heavy:a.ecs.AwsEcsExecutor", "FARGATE", True),
        ("LocalExecutor,heavy:CeleryExecutor", "FARGATE", False),
        ("LocalExecutor", "FARGATE", False),
    ],
)
def test_only_heavy_tasks_on_fargate_bill_by_the_second(monkeypatch, executors, launch_type, bills):
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", executors)
    section = {"LAUNCH_TYPE": launch_type, "TASK_DEFINITION": "storyboard-heavy"}
    for name, value in {**section, "REGION_NAME": "us-east-1"}.items():
        monkeypatch.setenv(f"AIRFLOW__AWS_ECS_EXECUTOR__{name}", value)
    place = FargatePlace(
        definition="storyboard-heavy", region="us-east-1", metered="EcsTask" in executors
    )
    assert fargate_place() == (place if bills else None)
