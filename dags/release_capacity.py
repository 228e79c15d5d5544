"""
### Nothing bills past its lease

Every hour, whatever became of the runs: finds in the account what the pipeline has made and what
is past the lease on its tags (provisioned throughput, model deployments, running Custom Labels
models, customization jobs, models nobody keeps) and ends it. It needs no record of the run, never
touches what carries other tags or none, and fails, naming each, when something could not be ended.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag

from storyboard_ops.airflow_ops.tasks.release import release_expired


@dag(
    doc_md=__doc__,
    schedule=CronTriggerTimetable("17 * * * *", timezone="UTC"),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,  # a safety net that has to be switched on is none
    default_args={"retries": 2, "retry_delay": timedelta(minutes=5)},
    tags=["storyboard", "money"],
)
def release_capacity():
    release_expired()


release_capacity()
