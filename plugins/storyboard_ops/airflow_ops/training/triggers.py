"""Wait for trainers and painters, with subclasses of the provider's triggers.

They differ in two ways: the first poll comes after one delay, and a person who stops the task stops
the job too, by ``on_kill``. Those of SageMaker also log what the program says about its progress.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

from airflow.providers.amazon.aws.hooks.s3 import S3Hook
from airflow.providers.amazon.aws.triggers.bedrock import (
    BedrockCustomizeModelCompletedTrigger,
    BedrockProvisionModelThroughputCompletedTrigger,
)
from airflow.providers.amazon.aws.triggers.sagemaker import SageMakerTrigger
from airflow.triggers.base import BaseTrigger, TriggerEvent

from storyboard_ops.airflow_ops.delayed_poll import DelayedPoll
from storyboard_ops.airflow_ops.task_bridge import AWS_CONN_ID, waiter_pace
from storyboard_ops.domain.error_tree import MachineUnusable, ManifestCorrupt, ServiceError
from storyboard_ops.domain.input_limits import MOST_JSON_BYTES
from storyboard_ops.domain.manifest_codec import decode_record
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.training.model_facts import ClaimKind, Wait
from storyboard_ops.domain.training.program_results import Progress
from storyboard_ops.domain.utc_time import hours_between, iso, utc_now
from storyboard_ops.gateways.aws.errors import translating
from storyboard_ops.gateways.deployment_file import read_deployment
from storyboard_ops.gateways.training.sagemaker_jobs import PROCESSING, TRAINING

log = logging.getLogger(__name__)

#: The jobs by the provider's names for them.
FORMS = {"training": TRAINING, "processing": PROCESSING}
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


class SageMakerJobTrigger(DelayedPoll, SageMakerTrigger):
    """Fire when a SageMaker job has completed, failed or stopped; log the program's progress."""

    def __init__(
        self,
        *,
        progress_uri: str = "",
        began_at: str = "",
        usd_per_hour: float | None = None,
        **data: Any,
    ) -> None:
        super().__init__(**data)
        self.progress_uri = progress_uri
        self.began_at = began_at
        self.usd_per_hour = usd_per_hour
        self.serialized_fields |= {
            "progress_uri": progress_uri,
            "began_at": began_at,
            "usd_per_hour": usd_per_hour,
        }

    async def run(self) -> AsyncIterator[TriggerEvent]:
        reporting = asyncio.create_task(self._report_progress())
        try:
            async for event in super().run():
                yield event
        finally:
            reporting.cancel()

    async def on_kill(self) -> None:
        """Stop the job, which would bill on for a task that has been stopped."""
        form = FORMS[self.job_type]
        async with await self.hook().get_async_conn() as client:
            try:
                with translating("sagemaker", form.stop, self.job_name):
                    await getattr(client, form.stop)(**{form.field("Name"): self.job_name})
            except ServiceError as error:
                # A job that has ended cannot be stopped; other reasons must be in the log.
                self.log.warning(
                    "The %s job %s was not stopped: %s", self.job_type, self.job_name, error
                )

    async def _report_progress(self) -> None:
        """Log what the program says about itself, each time that it says something new."""
        place, last = S3Uri.parse(self.progress_uri), ""
        hook = S3Hook(aws_conn_id=self.aws_conn_id, region_name=self.region_name)
        async with await hook.get_async_conn() as client:
            while True:
                await asyncio.sleep(self.waiter_delay)
                # It may not be written yet, or not be readable now.
                with suppress(ServiceError, ManifestCorrupt):
                    with translating("s3", "GetObject", self.progress_uri):
                        answer = await client.get_object(Bucket=place.bucket, Key=place.key)
                        body = await answer["Body"].read(MOST_JSON_BYTES)
                    progress = decode_record(body, Progress, self.progress_uri)
                    if (told := progress.sentence()) != last:
                        log.info("%s: %s", self.job_name, progress.sentence(self._cost()))
                        last = told

    def _cost(self) -> float | None:
        """Return what the job has cost so far, in USD; None without a price."""
        if self.usd_per_hour is None or not self.began_at:
            return None
        return hours_between(self.began_at, iso(utc_now())) * self.usd_per_hour


def trigger_of(wait: Wait, poll_seconds: float) -> BaseTrigger:
    """Return the trigger that fires when the work has ended, or after the hours of the wait."""
    pace = {"aws_conn_id": AWS_CONN_ID, **waiter_pace(poll_seconds, wait.hours)}
    return TRIGGERS[wait.kind](wait, pace)


def _job_trigger(job_type: str) -> Callable[[Wait, dict[str, Any]], BaseTrigger]:
    def make(wait: Wait, pace: dict[str, Any]) -> BaseTrigger:
        return SageMakerJobTrigger(
            job_name=wait.name,
            job_type=job_type,
            progress_uri=wait.progress_uri,
            began_at=wait.began_at,
            usd_per_hour=wait.usd_per_hour,
            **pace,
        )

    return make


def _gpu_job_trigger(wait: Wait, pace: dict[str, Any]) -> BaseTrigger:
    # Imported here, because the provider is installed only where SSH is used.
    from storyboard_ops.airflow_ops.training.ssh_trigger import GpuJobTrigger

    gpu = read_deployment().gpu
    if gpu is None:
        raise MachineUnusable(
            f"The deployment names no machine any more that works on {wait.name}."
        )
    folder = f"{gpu.work_folder}/jobs/{wait.name}"
    return GpuJobTrigger(
        ssh_conn_id=gpu.connection,
        remote_host=None,
        job_id=wait.name,
        job_dir=folder,
        log_file=f"{folder}/output.log",
        exit_code_file=f"{folder}/exit_code",
        remote_os="posix",
        poll_interval=pace["waiter_delay"],
        log_offset=wait.log_offset,
        python=gpu.python,
    )


TRIGGERS: dict[ClaimKind, Callable[[Wait, dict[str, Any]], BaseTrigger]] = {
    "customization job": lambda wait, pace: CustomizationTrigger(job_name=wait.name, **pace),
    "provisioned throughput": lambda wait, pace: CapacityTrigger(
        provisioned_model_id=wait.name, **pace
    ),
    "training job": _job_trigger("training"),
    "drawing job": _job_trigger("processing"),
    "gpu job": _gpu_job_trigger,
}
