"""
### Nothing bills past its lease

Every hour, whatever happened to the runs, this DAG finds resources of the pipeline that are past
the lease in their tags (provisioned throughput, model deployments, running Custom Labels models,
customization jobs, models that no run keeps), and stops or deletes them. It needs no record of the
run and never touches resources with other tags or none. It fails, naming each resource, when one
could not be released.
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
    is_paused_upon_creation=False,  # a safety net must not wait to be switched on
    default_args={"retries": 2, "retry_delay": timedelta(minutes=5)},
    tags=["storyboard", "money"],
)
def release_capacity() -> None:
    release_expired()


release_capacity()
