"""Wait for a Custom Labels model, with our own waiter.

boto3's waiters accept one final state each. Runs of a production share a model, and another run may
start or stop the model whose training this run waits for, so any lasting state ends the wait.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook
from airflow.providers.amazon.aws.triggers.base import AwsBaseWaiterTrigger

from storyboard_ops.airflow_ops.delayed_poll import DelayedPoll


class CustomLabelsHook(AwsBaseHook):
    """A hook for Rekognition, for which the provider has none, with the waiter for its models."""

    def __init__(self, aws_conn_id: str | None) -> None:
        super().__init__(aws_conn_id=aws_conn_id, client_type="rekognition")

    @cached_property
    def waiter_path(self) -> Path:
        """The file in which the provider looks for waiters that boto3 does not have."""
        return Path(__file__).with_name("custom_labels_waiters.json")


class CustomLabelsTrigger(DelayedPoll, AwsBaseWaiterTrigger):
    """Fire when a model is in a lasting state; the event does not say in which one.

    :param wait: ModelWait as a dict; the event returns it.
    """

    def __init__(
        self,
        *,
        wait: dict[str, Any],
        waiter_delay: int,
        waiter_max_attempts: int,
        aws_conn_id: str | None = "aws_default",
    ) -> None:
        super().__init__(
            serialized_fields={"wait": wait},
            waiter_name="model_settled",
            waiter_args={"ProjectArn": wait["project_arn"], "VersionNames": [wait["version"]]},
            failure_message=f"Custom Labels model {wait['version']} was not {wait['goal']}",
            status_message=f"Custom Labels model {wait['version']} is",
            status_queries=["ProjectVersionDescriptions[].Status"],
            return_key="wait",
            return_value=wait,
            waiter_delay=waiter_delay,
            waiter_max_attempts=waiter_max_attempts,
            aws_conn_id=aws_conn_id,
        )

    def hook(self) -> AwsBaseHook:
        return CustomLabelsHook(self.aws_conn_id)
