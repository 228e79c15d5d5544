"""The tasks that only the drawing DAG has."""

from __future__ import annotations

from storyboard_ops.airflow_ops.heavy_tasks import heavy_executor
from storyboard_ops.airflow_ops.step_task import step_task
from storyboard_ops.airflow_ops.tasks.kinds import MATERIAL
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.report.run_figures import PanelFigures
from storyboard_ops.domain.settings.model import DrawingSettings
from storyboard_ops.domain.training.model_facts import TrainedModel
from storyboard_ops.steps.run.tool_box import ToolBox


@step_task(executor=heavy_executor(), execution_timeout=MATERIAL)
def choose_pictures(tools: ToolBox[DrawingSettings], panels: ManifestRef) -> PanelFigures:
    """Choose the best candidate of each panel, and mark those with the wrong characters."""
    from storyboard_ops.steps.storyboard.drawn.choose_pictures import choose_pictures

    return choose_pictures(tools, panels)


@step_task
def find_model(tools: ToolBox[DrawingSettings]) -> TrainedModel:
    """Find the model that draws."""
    from storyboard_ops.steps.storyboard.prepare_drawing import find_model

    return find_model(tools)
