"""
### Nothing bills past its lease

Every hour, whatever happened to the runs, this DAG finds resources of the pipeline that are past
the lease in their tags (provisioned throughput, running Custom Labels models, customization jobs,
models that no run keeps), and stops or deletes them. A resource is the pipeline's when its name is
one that the pipeline gives, its tags name the pipeline and a run, and this run has claimed it in a
workspace of `include/deployment.yaml`. Anything else is left alone; what only looks like the
pipeline's is named in the log. The DAG fails, naming each resource, when one could not be released,
has an unreadable lease, or is tagged as the pipeline's, unknown to every workspace, and more than
three hours past its lease.
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
