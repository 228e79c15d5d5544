"""A run that misses its deadline at once, with the callback of the hourly watch."""

from __future__ import annotations

import time
from datetime import timedelta

from airflow.sdk import dag, task
from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

from storyboard_ops.airflow_ops.alerts import alert_late_watch


@dag(
    schedule=None,
    deadline=DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(seconds=1),
        callback=AsyncCallback(alert_late_watch),
    ),
)
def late_watch() -> None:
    @task
    def work_slowly() -> None:
        time.sleep(20)

    work_slowly()


late_watch()
