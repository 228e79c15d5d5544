"""One setting of Airflow decides where heavy tasks run."""

from __future__ import annotations

import pytest

from storyboard_ops.airflow_ops.heavy_tasks import ALIAS, heavy_executor

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
