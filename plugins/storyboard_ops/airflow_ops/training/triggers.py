"""Waits for Bedrock, on the provider's deferrable triggers.

They are ours for two reasons. A trigger that fires at once can be lost between scheduler and
triggerer, so the first look comes after one delay. And a person who stops the task means the job
too: ``on_kill`` stops it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from airflow.providers.amazon.aws.triggers.bedrock import (
    BedrockCustomizeModelCompletedTrigger,
    BedrockProvisionModelThroughputCompletedTrigger,
)
from airflow.triggers.base import TriggerEvent

from storyboard_ops.domain.error_tree import ServiceError
from storyboard_ops.gateways.aws.errors import translating

#: Stages of a job as GetModelCustomizationJob reports them.
STAGES = ("validation", "dataProcessing", "training")


class CustomizationTrigger(BedrockCustomizeModelCompletedTrigger):
    """Fires when a customization job has ended, well or badly; logs its progress until then."""

    def __init__(self, **data: Any) -> None:
        super().__init__(**data)
        self.status_message = "Job, validation, data processing, training"
        self.status_queries = [
            "status",
            *(f"statusDetails.{stage}Details.status" for stage in STAGES),
        ]

    async def run(self) -> AsyncIterator[TriggerEvent]:
        await asyncio.sleep(self.waiter_delay)
        async for event in super().run():
            yield event

    async def on_kill(self) -> None:
        """Stop the job: it would go on billing for a task that nobody waits for."""
        job_name = self.serialized_fields["job_name"]
        async with await self.hook().get_async_conn() as client:
            try:
                with translating("bedrock", "StopModelCustomizationJob", job_name):
                    await client.stop_model_customization_job(jobIdentifier=job_name)
            except ServiceError as error:
                # A job that has ended cannot be stopped; everything else is worth a look.
                self.log.warning("Customization job %s was not stopped: %s", job_name, error)


class CapacityTrigger(BedrockProvisionModelThroughputCompletedTrigger):
    """Fires when provisioned throughput is in service, or has failed."""

    async def run(self) -> AsyncIterator[TriggerEvent]:
        await asyncio.sleep(self.waiter_delay)
        async for event in super().run():
            yield event
