"""
### A script and a model in, a storyboard out

Give it a script (a text file in S3, or the panels one by one) and it draws every panel with the
production's current model, or with any customized model by its ARN. Boards, PDF, timeline and
report lie under `runs/`; the capacity that drew them is released whatever happened.
"""

from __future__ import annotations

from airflow.sdk import dag

from storyboard_ops.airflow_ops.dag_params import run_params
from storyboard_ops.airflow_ops.task_bridge import TASK_DEFAULTS
from storyboard_ops.airflow_ops.tasks.chains import draw_and_release
from storyboard_ops.airflow_ops.tasks.drawing import find_model, read_script
from storyboard_ops.airflow_ops.tasks.pipeline import preflight, write_report
from storyboard_ops.domain.settings.model import DRAWING_FORM, DrawingSettings


@dag(
    doc_md=__doc__,
    schedule=None,
    params=run_params(DrawingSettings, DRAWING_FORM),
    default_args=TASK_DEFAULTS,
    tags=["storyboard"],
)
def draw_storyboard():
    checked, script, model = preflight(), read_script(), find_model()
    checked >> script >> model
    draw_and_release(checked, model, report=write_report(), after_drawing=lambda panels: ())


draw_storyboard()
