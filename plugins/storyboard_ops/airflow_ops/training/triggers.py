"""Wait for Bedrock, with subclasses of the provider's triggers.

They differ in two ways: the first poll comes after one delay, and a person who stops the task stops
the job too, by ``on_kill``.
"""

from __future__ import annotations

from typing import Any

from airflow.providers.amazon.aws.triggers.bedrock import (
    BedrockCustomizeModelCompletedTrigger,
    BedrockProvisionModelThroughputCompletedTrigger,
)

from storyboard_ops.airflow_ops.delayed_poll import DelayedPoll
from storyboard_ops.domain.error_tree import ServiceError
from storyboard_ops.gateways.aws.errors import translating

#: Stages of a job as GetModelCustomizationJob reports them.
STAGES = ("validation", "dataProcessing", "training")


class CustomizationTrigger(DelayedPoll, BedrockCustomizeModelCompletedTrigger):
    """Fire when a customization job has succeeded, failed or stopped; log its progress."""

    def __init__(self, **data: Any) -> None:
        super().__init__(**data)
        self.status_message = "Job, validation, data processing, training"
        self.status_queries = [
            "status",
            *(f"statusDetails.{stage}Details.status" for stage in STAGES),
        ]

    async def on_kill(self) -> None:
        """Stop the job, which would bill on for a task that has been stopped."""
        job_name = self.serialized_fields["job_name"]
        async with await self.hook().get_async_conn() as client:
            try:
                with translating("bedrock", "StopModelCustomizationJob", job_name):
                    await client.stop_model_customization_job(jobIdentifier=job_name)
            except ServiceError as error:
                # A job that has ended cannot be stopped; other reasons must be in the log.
                self.log.warning("Customization job %s was not stopped: %s", job_name, error)


class CapacityTrigger(DelayedPoll, BedrockProvisionModelThroughputCompletedTrigger):
    """Fire when provisioned throughput is in service, or has failed."""
