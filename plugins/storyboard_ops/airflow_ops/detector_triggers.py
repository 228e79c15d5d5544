"""The wait for a Custom Labels model, on boto3's own waiters for its two goals.

The first look comes after one delay: a trigger that fires at once can be lost between scheduler and
triggerer.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook
from airflow.providers.amazon.aws.triggers.base import AwsBaseWaiterTrigger
from airflow.triggers.base import TriggerEvent

#: boto3's waiter for each goal of a domain.detector_facts.ModelWait.
WAITERS = {"trained": "project_version_training_completed", "running": "project_version_running"}


class CustomLabelsTrigger(AwsBaseWaiterTrigger):
    """Fires when a model is trained or running, or has failed to be.

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
            waiter_name=WAITERS[wait["goal"]],
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
        """A hook for Rekognition, of which the provider has no own one."""
        return AwsBaseHook(aws_conn_id=self.aws_conn_id, client_type="rekognition")

    async def run(self) -> AsyncIterator[TriggerEvent]:
        await asyncio.sleep(self.waiter_delay)
        async for event in super().run():
            yield event
