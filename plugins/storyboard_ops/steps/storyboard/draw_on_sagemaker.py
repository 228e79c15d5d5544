"""Draw the panels of the script by one SageMaker job, and collect what it has drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from storyboard_ops.core.preflight.job_hours import volume_gb
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.settings.common import CommonSettings
from storyboard_ops.domain.training.model_facts import Capacity, TrainedModel, Wait
from storyboard_ops.gateways.training.model_files import sagemaker_facts
from storyboard_ops.gateways.training.sagemaker_jobs import PROCESSING
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.drawing_task import DrawingTask, collect_panels
from storyboard_ops.steps.storyboard.painter import Painter
from storyboard_ops.steps.training.open_model import job_role_arn
from storyboard_ops.steps.training.sagemaker.sagemaker_job import (
    ML_ROOT,
    SageMakerJob,
    completed_job,
)
from storyboard_ops.steps.training.sagemaker.settle_sagemaker import (
    sagemaker_jobs,
    stop_sagemaker_jobs,
)


@dataclass(frozen=True)
class SageMakerPainter(Painter):
    """Draws by a processing job, which ends by itself: nothing bills after it."""

    tools: ToolBox[CommonSettings]

    draws_by_itself = "SageMaker draws by a job that ends, so no capacity is provided."

    def start(self, model: TrainedModel, capacity: Capacity | None) -> Wait:
        return self._job(model).start()

    def finish(self, model: TrainedModel, name: str) -> ManifestRef | Wait:
        job = self._job(model)
        ended = completed_job(job, name)
        return ended if isinstance(ended, Wait) else collect_panels(job, name)

    def stop(self) -> None:
        stop_sagemaker_jobs(self.tools, PROCESSING)

    def _job(self, model: TrainedModel) -> DrawingJob:
        return DrawingJob(self.tools, sagemaker_jobs(self.tools, PROCESSING), model)


@dataclass(frozen=True)
class DrawingJob(DrawingTask, SageMakerJob):
    """The job of SageMaker that draws the script's panels with a trained model."""

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
