"""
### Every night: a better model, when there is something to learn

At its hour this DAG collects what people have approved since the last model, in any run of the
production. Too little: the run skips, says why, and pays nothing. Enough: the approved pictures of
all runs become one dataset without doubles, a model is trained on it, draws the script that the
last model has drawn, and is promoted only when its consistency figure is not worse. Nothing is
left billing.

The hour, and the parameters of scheduled runs, stand in `include/schedules.yaml`.
"""

from __future__ import annotations

from airflow.sdk import CronTriggerTimetable, dag

from storyboard_ops.airflow_ops.dag_params import run_params, schedule_of
from storyboard_ops.airflow_ops.task_bridge import TASK_DEFAULTS
from storyboard_ops.airflow_ops.tasks.pipeline import (
    draw_storyboard,
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
    ProvisionThroughputOperator,
)
from storyboard_ops.domain.settings.model import RETRAINING_FORM, RetrainingSettings

NIGHTLY = schedule_of("nightly_retraining")


@dag(
    doc_md=__doc__,
    schedule=CronTriggerTimetable(NIGHTLY.cron, timezone=NIGHTLY.timezone),
    catchup=False,
    max_active_runs=1,
    params=run_params(RetrainingSettings, RETRAINING_FORM, NIGHTLY.params),
    default_args=TASK_DEFAULTS,
    tags=["storyboard"],
)
def nightly_retraining():
    news = look_for_news()
    checked = preflight_retraining()
    dataset = merge_approved(news)
    news >> checked >> dataset

    training = CustomizeModelOperator(task_id="customize_model", dataset=dataset)
    capacity = ProvisionThroughputOperator(task_id="provision_throughput", model=training.output)
    panels = draw_storyboard(capacity.output)
    consistency = measure_consistency(panels, dataset)
    promoted = promote_model(training.output, dataset, panels)
    report = write_report()
    consistency >> promoted >> report
    release_after(report, setups=[checked, capacity])


nightly_retraining()
