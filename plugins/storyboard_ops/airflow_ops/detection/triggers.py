"""The wait for a Custom Labels model, on a waiter of our own.

boto3's waiters know one good end each. Runs of a production share a model, and the next one may
have started, or stopped, what this one waits to see trained: any state that lasts ends the wait.
The first look comes after one delay: a trigger that fires at once can be lost between scheduler and
triggerer.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import cached_property
from pathlib import Path
from typing import Any

from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook
from airflow.providers.amazon.aws.triggers.base import AwsBaseWaiterTrigger
from airflow.triggers.base import TriggerEvent


class CustomLabelsHook(AwsBaseHook):
    """Rekognition, of which the provider has no hook, with the waiter for its models."""

    def __init__(self, aws_conn_id: str | None) -> None:
        super().__init__(aws_conn_id=aws_conn_id, client_type="rekognition")

    @cached_property
    def waiter_path(self) -> Path:
        """Where the provider looks for waiters that boto3 does not have."""
        return Path(__file__).with_name("custom_labels_waiters.json")


class CustomLabelsTrigger(AwsBaseWaiterTrigger):
    """Fires when a model is in a state that lasts; which one has to be asked of the service.

    :param wait: ModelWait as a dict; the event carries it back.
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

    async def run(self) -> AsyncIterator[TriggerEvent]:
        await asyncio.sleep(self.waiter_delay)
        async for event in super().run():
            yield event
