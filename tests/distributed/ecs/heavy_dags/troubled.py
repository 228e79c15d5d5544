"""A DAG of one heavy task, whose first try lasts as long as a test needs to disturb it."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from airflow.sdk import dag, get_current_context, task

from storyboard_ops.airflow_ops.heavy_tasks import heavy_executor
from storyboard_ops.airflow_ops.refusals import keep_reason

OPTIONS: dict[str, Any] = {
    "retries": 1,
    "retry_delay": timedelta(seconds=1),
    "on_failure_callback": keep_reason,
}


@dag(schedule=None, params={"seconds": 0}, default_args=OPTIONS)
def troubled() -> None:
    @task(executor=heavy_executor())
    def work() -> str:
        context = get_current_context()
        print("at work", flush=True)  # noqa: T201
        if context["ti"].try_number == 1:
            time.sleep(context["params"]["seconds"])
        return "done"

    work()


troubled()
