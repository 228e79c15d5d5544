"""Draw the panels of the script by one SageMaker job, and collect what it has drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from storyboard_ops.core.preflight.job_hours import volume_gb
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.settings.common import CommonSettings
from storyboard_ops.domain.training.model_facts import TrainedModel, Wait
from storyboard_ops.gateways.training.model_files import sagemaker_facts
from storyboard_ops.gateways.training.sagemaker_jobs import PROCESSING
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.draw_by_job import JobPainter
from storyboard_ops.steps.storyboard.drawing_task import DrawingTask
from storyboard_ops.steps.training.open_model import job_role_arn
from storyboard_ops.steps.training.sagemaker.sagemaker_job import (
    ENDED_BADLY,
    ML_ROOT,
    SageMakerJob,
    completed_job,
)
from storyboard_ops.steps.training.sagemaker.settle_sagemaker import (
    sagemaker_jobs,
    stop_sagemaker_jobs,
)

#: States of jobs that draw nothing more.
ENDED = ENDED_BADLY | {"Completed"}


@dataclass(frozen=True)
class DrawingJob(DrawingTask, SageMakerJob):
    """The job of SageMaker that draws the panels that are left."""

    def document(self, name: str, instance_type: str, program: S3Uri) -> dict[str, Any]:
        tools = self.tools
        inputs = self.channels(name, program)
        return {
            "ProcessingInputs": [_input(*each) for each in inputs.items()],
            "ProcessingOutputConfig": {"Outputs": [_output(self.live_uri(name))]},
            "ProcessingResources": {
                "ClusterConfig": {
                    "InstanceCount": 1,
                    "InstanceType": instance_type,
                    "VolumeSizeInGB": volume_gb(self.base),
                }
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": round(self.hours * 3600)},
            "AppSpecification": {
                "ImageUri": sagemaker_facts().image.uri(tools.region),
                "ContainerEntrypoint": ["python3", f"{ML_ROOT}/{self.entry_point}"],
            },
            "Environment": {"ML_ROOT": ML_ROOT},
            "NetworkConfig": {"EnableNetworkIsolation": True},
            "RoleArn": job_role_arn(tools),
        }


@dataclass(frozen=True)
class SageMakerPainter(JobPainter[DrawingJob]):
    """Draws by a processing job, which ends by itself: nothing bills after it."""

    tools: ToolBox[CommonSettings]

    draws_by_itself = "SageMaker draws by a job that ends, so no capacity is provided."

    def task(self, model: TrainedModel) -> DrawingJob:
        return DrawingJob(self.tools, sagemaker_jobs(self.tools, PROCESSING), model)

    def is_running(self, task: DrawingJob, name: str) -> bool:
        found = task.jobs.find(name)
        return found is not None and found.status not in ENDED

    def start_job(self, task: DrawingJob) -> Wait:
        return task.start()

    def finish_job(self, task: DrawingJob, name: str) -> Wait | None:
        ended = completed_job(task, name)
        return ended if isinstance(ended, Wait) else None

    def stop(self) -> None:
        stop_sagemaker_jobs(self.tools, PROCESSING)


def _input(name: str, place: S3Uri) -> dict[str, Any]:
    source = {
        "S3Uri": str(place.folder),
        "LocalPath": f"{ML_ROOT}/processing/input/{name}",
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
        "S3DataDistributionType": "FullyReplicated",
    }
    return {"InputName": name, "S3Input": source}


def _output(place: S3Uri) -> dict[str, Any]:
    target = {
        "S3Uri": str(place),
        "LocalPath": f"{ML_ROOT}/processing/output",
        "S3UploadMode": "Continuous",
    }
    return {"OutputName": "candidates", "S3Output": target}
