"""Bedrock customization and provisioned throughput: idempotent, deferred, released by a teardown.

The provider's operators start a second paid job on retry, because they generate a new name. Here
names derive from the inputs, so that a retry, a cleared task or a restart adopts what exists.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowSkipException, TaskDeferralTimeout

from storyboard_ops.airflow_ops.task_bridge import AWS_CONN_ID, tool_box, waiter_pace
from storyboard_ops.airflow_ops.training.triggers import CapacityTrigger, CustomizationTrigger
from storyboard_ops.domain.dataset.dataset_records import TrainingSet
from storyboard_ops.domain.error_tree import NotFinished
from storyboard_ops.domain.training.model_facts import CustomizedModel
from storyboard_ops.steps.training.customize_model import (
    finish_customization,
    start_customization,
    stop_customization,
)
from storyboard_ops.steps.training.provide_capacity import finish_capacity, start_capacity

#: Provisioning takes minutes; after these hours something is wrong.
CAPACITY_HOURS = 2.0


class CustomizeModelOperator(BaseOperator):
    """Fine-tune the base model on the approved dataset; returns a CustomizedModel as a dict.

    :param dataset: TrainingSet as a dict, usually the XCom of ``apply_review``.
    """

    template_fields = ("dataset",)
    ui_color = "#f4e3c1"

    def __init__(self, *, dataset: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dataset = dataset

    def execute(self, context: Context) -> None:
        tools = tool_box()
        if not tools.settings.draws:
            raise AirflowSkipException(
                "trainer is dataset_only: the approved dataset is the result of this run."
            )
        job_name = start_customization(tools, TrainingSet.model_validate(self.dataset))
        context["ti"].xcom_push(key="job_name", value=job_name)  # visible while it trains
        hours = tools.settings.training_timeout_h
        self.defer(
            trigger=CustomizationTrigger(
                job_name=job_name,
                aws_conn_id=AWS_CONN_ID,
                **waiter_pace(tools.settings.poll_seconds, hours),
            ),
            method_name="execute_complete",
            timeout=timedelta(hours=hours),
        )

    def execute_complete(self, context: Context, event: dict[str, Any]) -> dict[str, Any]:
        tools = tool_box()
        if event["status"] != "success":
            stop_customization(tools)  # the wait can end before the job
        # The event only says that the wait is over; the service says how the job ended.
        return finish_customization(tools, event["job_name"]).model_dump(mode="json")

    def resume_execution(
        self, next_method: str, next_kwargs: dict[str, Any] | None, context: Context
    ) -> Any:
        """Resume after the wait; when it timed out, stop the job and raise NotFinished."""
        try:
            return super().resume_execution(next_method, next_kwargs, context)
        except TaskDeferralTimeout as error:
            tools = tool_box()
            stop_customization(tools)
            raise NotFinished(
                f"The training has not ended within {tools.settings.training_timeout_h} hours "
                "(training_timeout_h) and was stopped. Raise it, or lower step_count, and clear "
                "this task."
            ) from error

    def on_kill(self) -> None:
        stop_customization(tool_box())


class ProvisionThroughputOperator(BaseOperator):
    """Buy capacity that serves the customized model; returns a Capacity as a dict.

    The task is a setup; its teardown ``release_throughput`` runs whatever happened.

    :param model: CustomizedModel as a dict, usually the XCom of ``customize_model``.
    """

    template_fields = ("model",)
    ui_color = "#f4e3c1"

    def __init__(self, *, model: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.model = model

    def execute(self, context: Context) -> None:
        tools = tool_box()
        name = start_capacity(tools, CustomizedModel.model_validate(self.model))
        self.defer(
            trigger=CapacityTrigger(
                provisioned_model_id=name,
                aws_conn_id=AWS_CONN_ID,
                **waiter_pace(tools.settings.poll_seconds, CAPACITY_HOURS),
            ),
            method_name="execute_complete",
            timeout=timedelta(hours=CAPACITY_HOURS),
        )

    def execute_complete(self, context: Context, event: dict[str, Any]) -> dict[str, Any]:
        return finish_capacity(tool_box(), event["provisioned_model_id"]).model_dump(mode="json")
