"""
### A script and a model in, a storyboard out

Give this DAG a script (a screenplay in S3, or the panels one by one). It is broken down into
panels, people approve these and, above the budget, their cost. Every panel is drawn with the
production's current model, or with any customized model by its ARN. Boards, PDF, timeline and
report are in `runs/`. The capacity that draws them is released whatever happens.
"""

from __future__ import annotations

from airflow.sdk import dag

from storyboard_ops.airflow_ops.approval.breakdown_sensor import BreakdownApprovalSensor
from storyboard_ops.airflow_ops.approval.cost_operator import CostApprovalOperator
from storyboard_ops.airflow_ops.dag_params import run_params
from storyboard_ops.airflow_ops.task_bridge import TASK_DEFAULTS
from storyboard_ops.airflow_ops.tasks.drawing import choose_pictures, find_model
from storyboard_ops.airflow_ops.tasks.kinds import WITH_THREE_WAITS, stage
from storyboard_ops.airflow_ops.tasks.pipeline import preflight, write_report
from storyboard_ops.airflow_ops.tasks.release_chain import release_after
from storyboard_ops.airflow_ops.tasks.script import break_down_script
from storyboard_ops.airflow_ops.training.operators import (
    DrawStoryboardOperator,
    ProvisionThroughputOperator,
)
from storyboard_ops.domain.settings.model import DRAWING_FORM, DrawingSettings


@dag(
    dag_id="draw_storyboard",
    description="A script and a trained model in, a storyboard out.",
    doc_md=__doc__,
    schedule=None,
    params=run_params(DrawingSettings, DRAWING_FORM),
    default_args=TASK_DEFAULTS,
    dagrun_timeout=WITH_THREE_WAITS,
    tags=["storyboard", "script", "drawing"],
)
def draw_script() -> None:
    checked = preflight()

    with stage("script"):
        broken_down = break_down_script()
        approval = BreakdownApprovalSensor(task_id="wait_for_breakdown", breakdown=broken_down)

    with stage("storyboard"):
        consent = CostApprovalOperator(task_id="approve_cost")
        model = find_model()
        checked >> broken_down >> approval >> consent >> model
        capacity = ProvisionThroughputOperator(task_id="provision_throughput", model=model)
        drawing = DrawStoryboardOperator(
            task_id="draw_storyboard", model=model, capacity=capacity.output
        )
        chosen = choose_pictures(drawing.output)

    with stage("wrap_up"):
        report = write_report()
        chosen >> report
        release_after(report, checked)


draw_script()
