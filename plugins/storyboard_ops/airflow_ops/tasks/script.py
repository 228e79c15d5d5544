"""The task of every DAG that draws a script."""

from __future__ import annotations

from typing import Any

from storyboard_ops.airflow_ops.step_task import step_task
from storyboard_ops.airflow_ops.tasks.kinds import MATERIAL
from storyboard_ops.domain.settings.storyboard import BreakdownSection
from storyboard_ops.steps.run.tool_box import ToolBox


@step_task(execution_timeout=MATERIAL)
def break_down_script(tools: ToolBox[BreakdownSection]) -> dict[str, Any]:
    """Break the script down into panels, if the run names one."""
    from storyboard_ops.steps.storyboard.breakdown.break_down import break_down_script

    made = break_down_script(tools)
    scenes = made.script_scenes if made else tools.production.storyboard
    panels = sum(len(scene.panels) for scene in scenes)
    return {"scenes": len(scenes), "panels": panels, "asked": bool(made and made.asked)}
