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

It also looks for runs that take longer than estimated. People are notified of these, and of what
billed past its lease, by the Airflow connection `storyboard_reminder`; also when this DAG itself
has not ended after half an hour.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag
from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

from storyboard_ops.airflow_ops.alerts import alert_late_watch
from storyboard_ops.airflow_ops.tasks.kinds import PIPELINE
from storyboard_ops.airflow_ops.tasks.release import release_expired, report_late_runs


@dag(
    description="Every hour: release what is past its lease, whatever happened to its run.",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("17 * * * *", timezone="UTC"),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,  # a safety net must not wait to be switched on
    # The next sweep waits for this one, so that a sweep that hangs ends early.
    default_args={
        **{"owner": PIPELINE, "execution_timeout": timedelta(minutes=30)},
        **{"retries": 2, "retry_delay": timedelta(minutes=5)},
    },
    dagrun_timeout=timedelta(hours=2),
    deadline=DeadlineAlert(
        name="the watch is late",
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(minutes=30),
        callback=AsyncCallback(alert_late_watch),
    ),
    tags=["storyboard", "money"],
)
def release_capacity() -> None:
    release_expired()
    report_late_runs()


release_capacity()
