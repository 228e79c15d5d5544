"""Prepare the run's detectors: the face collection and the Custom Labels model.

Steps are imported when a task runs, because they import OpenCV and this file is parsed with the
DAG.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import Context

from storyboard_ops.airflow_ops.detection.triggers import CustomLabelsTrigger
from storyboard_ops.airflow_ops.step_task import step_task
from storyboard_ops.airflow_ops.task_bridge import AWS_CONN_ID, tool_box, waiter_pace
from storyboard_ops.airflow_ops.tasks.kinds import PipelineOperator
from storyboard_ops.domain.detection.detector_facts import ModelWait
from storyboard_ops.domain.error_tree import NotFinished
from storyboard_ops.steps.run.tool_box import ToolBox

#: Starting a model takes minutes; after these hours something is wrong.
START_HOURS = 2.0
#: The trigger must time out before the deferral, because it reports what it waited for.
GRACE = timedelta(minutes=10)


class PrepareDetectorsOperator(PipelineOperator):
    """Prepare the detectors that the run requests, deferred while a model trains or starts.

    A run with neither faces nor Custom Labels passes at once. The task is a setup with
    ``stop_detectors`` as its teardown. Returns the prepared detectors as a dict.
    """

    ui_color = "#dfe7d0"

    def execute(self, context: Context) -> dict[str, Any]:
        return self._advance()

    def execute_complete(self, context: Context, event: dict[str, Any]) -> dict[str, Any]:
        from storyboard_ops.steps.detection.prepare_detectors import check_awaited

        # The event only says that the wait is over; the service says how it ended.
        wait = ModelWait.model_validate(event["wait"])
        check_awaited(tool_box(), wait)
        if event["status"] != "success":
            raise NotFinished(
                f"Model {wait.version} of {wait.project_arn} is still not {wait.goal}: "
                f"{event['message']} Clear this task to keep waiting."
            )
        return self._advance()

    def _advance(self) -> dict[str, Any]:
        from storyboard_ops.steps.detection.prepare_detectors import prepare_detectors

        tools = tool_box()
        found = prepare_detectors(tools)
        if not isinstance(found, ModelWait):
            return found
        hours = tools.settings.training_timeout_h if found.goal == "trained" else START_HOURS
        self.defer(
            trigger=CustomLabelsTrigger(
                wait=found.model_dump(mode="json"),
                aws_conn_id=AWS_CONN_ID,
                **waiter_pace(tools.settings.poll_seconds, hours),
            ),
            method_name="execute_complete",
            timeout=timedelta(hours=hours) + GRACE,
        )


@step_task
def stop_detectors(tools: ToolBox) -> dict[str, int]:
    """Stop the models that bill by the hour for detection, because reviewers may take days."""
    from storyboard_ops.steps.detection.custom_inference import stop_inference

    return {"stopped": stop_inference(tools)}
