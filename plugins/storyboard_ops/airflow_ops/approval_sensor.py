"""Waits until people have approved: one deferral for all human loops of a run."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from airflow.sdk import BaseOperator, Context

from storyboard_ops.airflow_ops.approval_trigger import HumanLoopsTrigger
from storyboard_ops.airflow_ops.task_bridge import AWS_CONN_ID, tool_box
from storyboard_ops.domain.error_tree import RemoteFailure
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.review_records import HumanLoop


class HumanApprovalSensor(BaseOperator):
    """Holds the run until every human loop is answered, without holding a worker.

    On the auto desk there are no loops and it goes on at once.

    :param loops: ManifestRef of the human loops as a dict, the XCom of ``open_review``.
    """

    template_fields = ("loops",)
    ui_color = "#d7e8d3"

    def __init__(self, *, loops: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.loops = loops

    def execute(self, context: Context) -> dict[str, int]:
        tools = tool_box()
        ref = ManifestRef.model_validate(self.loops)
        opened = tools.manifests.read(ref, HumanLoop, "human_loops").records
        if not opened:
            self.log.info("The review desk is auto: nobody is asked.")
            return {"loops": 0}
        started = context["dag_run"].start_date or datetime.now().astimezone()
        self.log.info("Waiting for people: %d human loops.", len(opened))
        self.defer(
            trigger=HumanLoopsTrigger(
                flow_definition_arn=opened[0].flow_definition_arn,
                loop_names=[loop.name for loop in opened],
                created_after=started.isoformat(),
                poll_seconds=tools.settings.poll_seconds,
                aws_conn_id=AWS_CONN_ID,
            ),
            method_name="execute_complete",
            timeout=timedelta(hours=tools.settings.review_timeout_h),
        )

    def execute_complete(self, context: Context, event: dict[str, Any]) -> dict[str, int]:
        states: dict[str, str] = event["states"]
        bad = sorted(name for name, state in states.items() if state != "Completed")
        if bad:
            raise RemoteFailure(
                f"{len(bad)} of {len(states)} human loops ended without an answer: "
                + ", ".join(f"{name} ({states[name]})" for name in bad)
                + ". Clear open_review to ask again."
            )
        self.log.info("All %d human loops are answered.", len(states))
        return {"loops": len(states)}
