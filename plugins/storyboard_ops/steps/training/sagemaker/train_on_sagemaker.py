"""Train on SageMaker: one job with a base model of open weights, started once and adopted after."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from storyboard_ops.core.preflight.job_hours import volume_gb
from storyboard_ops.domain.dataset.dataset_records import TrainingSet
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.settings.common import TrainingSettings
from storyboard_ops.domain.training.model_facts import TrainedModel, Wait
from storyboard_ops.gateways.training.model_files import sagemaker_facts
from storyboard_ops.gateways.training.sagemaker_jobs import TRAINING
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.training.jobs.training_task import TrainingTask
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
from storyboard_ops.steps.training.trainer import Trainer

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SageMakerTrainer(Trainer):
    """Trains by a job of SageMaker."""

    tools: ToolBox[TrainingSettings]

    def start(self, dataset: TrainingSet) -> Wait:
        return self._job(dataset).start()

    def finish(self, dataset: TrainingSet, name: str) -> TrainedModel | Wait:
        job = self._job(dataset)
        ended = completed_job(job, name)
        if isinstance(ended, Wait):
            return ended
        return job.trained("sagemaker", ended.name, ended.arn, S3Uri.parse(ended.artifacts))

    def stop(self) -> None:
        stop_sagemaker_jobs(self.tools, TRAINING)

    def _job(self, dataset: TrainingSet) -> TrainingJob:
        return TrainingJob(self.tools, sagemaker_jobs(self.tools, TRAINING), dataset)


@dataclass(frozen=True)
class TrainingJob(TrainingTask, SageMakerJob):
    """The job of SageMaker that trains a base model on a dataset."""

    def document(self, name: str, instance_type: str, program: S3Uri) -> dict[str, Any]:
        tools, settings = self.tools, self.tools.settings
        seconds = round(self.hours * 3600)
        limits = {"MaxRuntimeInSeconds": seconds}
        return {
            "AlgorithmSpecification": {
                "TrainingImage": sagemaker_facts().image.uri(tools.region),
                "TrainingInputMode": "File",
                "ContainerEntrypoint": ["python3", f"{ML_ROOT}/{self.entry_point}"],
            },
            "RoleArn": job_role_arn(tools),
            "HyperParameters": self.hyperparameters,
            "InputDataConfig": [_channel(*each) for each in self.channels(name, program).items()],
            "OutputDataConfig": {
                "S3OutputPath": str(tools.run_root / "model/output"),
                "CompressionType": "NONE",
            },
            "ResourceConfig": {
                "InstanceType": instance_type,
                "InstanceCount": 1,
                "VolumeSizeInGB": volume_gb(self.base),
            },
            # With spot, the wait for a machine counts too.
            "StoppingCondition": limits
            | ({"MaxWaitTimeInSeconds": seconds} if settings.spot else {}),
            "EnableManagedSpotTraining": settings.spot,
            "CheckpointConfig": {
                "S3Uri": str(self.live_uri(name)),
                "LocalPath": f"{ML_ROOT}/{self.live_folder}",
            },
            "EnableNetworkIsolation": True,
            "Environment": {"ML_ROOT": ML_ROOT},
        }


def _channel(name: str, place: S3Uri) -> dict[str, Any]:
    source = {
        "S3DataType": "S3Prefix",
        "S3Uri": str(place.folder),
        "S3DataDistributionType": "FullyReplicated",
    }
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}, "InputMode": "File"}
