"""The tasks that only the drawing DAG has; the others are those of the main DAG."""

from __future__ import annotations

from typing import Any

from airflow.sdk import task

from storyboard_ops.airflow_ops.task_bridge import tool_box

Fields = dict[str, Any]


@task
def read_script() -> Fields:
    """Take over the script that the run names."""
    from storyboard_ops.steps.storyboard.prepare_drawing import read_script

    scenes = read_script(tool_box()).storyboard
    return {"scenes": len(scenes), "panels": sum(len(scene.panels) for scene in scenes)}


@task
def find_model() -> Fields:
    """Look up the model to draw with."""
    from storyboard_ops.steps.storyboard.prepare_drawing import find_model

    return find_model(tool_box()).model_dump(mode="json")
