"""The paid half of the product's DAG alone: train, provision, release, confirm.

For tests that kill what Airflow runs on: films, crops and reviews would only make them wait.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import chain, dag, task

from storyboard_ops.airflow_ops.dag_params import run_params
from storyboard_ops.airflow_ops.task_bridge import TASK_DEFAULTS, run_tools, tool_box
from storyboard_ops.airflow_ops.tasks.pipeline import confirm_released, release_throughput
from storyboard_ops.airflow_ops.training.operators import (
    CustomizeModelOperator,
    ProvisionThroughputOperator,
)


@task
def begin() -> None:
    """What preflight writes down."""
    from tests.material.approved_runs import started

    started(run_tools())


@task
def approve() -> dict[str, Any]:
    """Six approved pictures."""
    from tests.steps.money.test_paid_resources import training_set

    return training_set(tool_box(), records=6).model_dump(mode="json")


@dag(
    schedule=None,
    params=run_params(),
    default_args={**TASK_DEFAULTS, "retry_delay": timedelta(seconds=1)},
)
def train_model_only():
    begun, dataset = begin(), approve()
    training = CustomizeModelOperator(task_id="customize_model", dataset=dataset)
    capacity: Any = ProvisionThroughputOperator(
        task_id="provision_throughput", model=training.output
    )
    released = release_throughput().as_teardown(setups=[begun, capacity])
    confirmed = confirm_released()
    chain(begun, dataset, training, capacity, released, confirmed)
    capacity >> confirmed


train_model_only()
