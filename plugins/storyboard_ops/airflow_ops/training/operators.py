"""Bedrock customization and provisioned throughput: idempotent, deferred, released by a teardown.

The provider's own operators start a second paid job on retry, because they make up a new name.
Here names derive from the inputs, so that a retry, a clear or a restart adopts what exists.
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

#: Provisioning takes minutes; after this long something is wrong.
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
                "trainer is dataset_only: the approved dataset is the result."
            )
        job_name = start_customization(tools, TrainingSet.model_validate(self.dataset))
        context["ti"].xcom_push(key="job_name", value=job_name)  # to be seen while it trains
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
            stop_customization(tools)  # the wait may be over before the job is
        # The event says that the wait is over; what became of the job is asked of the service.
        return finish_customization(tools, event["job_name"]).model_dump(mode="json")

    def resume_execution(
        self, next_method: str, next_kwargs: dict[str, Any] | None, context: Context
    ) -> Any:
        """Go on after the wait; a wait that has timed out means the end of the job too."""
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

    It is a set-up: ``release_throughput`` is its teardown and runs whatever happened.

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
