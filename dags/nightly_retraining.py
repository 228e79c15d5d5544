"""
### Every night: a better model, when there are enough new pictures

This DAG collects the pictures that people have approved since the last model, in all runs of the
production. When there are too few, the run skips, gives the reason, and pays nothing. Otherwise it
merges the approved pictures of all runs into one dataset without near-duplicates and trains a model
on it. The model draws the last model's script, and is promoted unless its consistency is worse.
All capacity is released at the end.

`include/schedules.yaml` sets the hour, and the parameters of scheduled runs.
"""

from __future__ import annotations

from airflow.sdk import CronTriggerTimetable, dag

from storyboard_ops.airflow_ops.dag_params import run_params, schedule_of
from storyboard_ops.airflow_ops.task_bridge import TASK_DEFAULTS
from storyboard_ops.airflow_ops.tasks.kinds import WITH_ONE_JOB, stage
from storyboard_ops.airflow_ops.tasks.pipeline import (
    measure_consistency,
    write_report,
)
from storyboard_ops.airflow_ops.tasks.release_chain import release_after
from storyboard_ops.airflow_ops.tasks.retraining import (
    look_for_news,
    merge_approved,
    preflight_retraining,
    promote_model,
)
from storyboard_ops.airflow_ops.training.operators import (
    CustomizeModelOperator,
    DrawStoryboardOperator,
    ProvisionThroughputOperator,
)
from storyboard_ops.domain.settings.model import RETRAINING_FORM, RetrainingSettings

NIGHTLY = schedule_of("nightly_retraining")


@dag(
    description="Every night: a better model, when there are enough new approved pictures.",
    doc_md=__doc__,
    schedule=CronTriggerTimetable(NIGHTLY.cron, timezone=NIGHTLY.timezone),
    catchup=False,
    max_active_runs=1,
    params=run_params(RetrainingSettings, RETRAINING_FORM, NIGHTLY.params),
    default_args=TASK_DEFAULTS,
    dagrun_timeout=WITH_ONE_JOB,
    tags=["storyboard", "training", "nightly"],
)
def nightly_retraining() -> None:
    with stage("dataset"):
        news = look_for_news()
        checked = preflight_retraining()
        dataset = merge_approved(news)
        news >> checked >> dataset

    with stage("train"):
        training = CustomizeModelOperator(task_id="customize_model", dataset=dataset)

    with stage("storyboard"):
        model = training.output
        capacity = ProvisionThroughputOperator(task_id="provision_throughput", model=model)
        drawing = DrawStoryboardOperator(
            task_id="draw_storyboard", model=model, capacity=capacity.output
        )
        consistency = measure_consistency(drawing.output, dataset)
        promoted = promote_model(model, dataset, drawing.output)

    with stage("wrap_up"):
        report = write_report()
        consistency >> promoted >> report
        release_after(report, checked)


nightly_retraining()
