"""Train on SageMaker: one job with a base model of open weights, started once and adopted after."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from storyboard_ops.core.preflight.job_hours import volume_gb
from storyboard_ops.domain.base_record import canonical_json, digest_of
from storyboard_ops.domain.dataset.dataset_records import TrainingSet
from storyboard_ops.domain.manifest_codec import sha256_hex
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.settings.common import TrainingSettings
from storyboard_ops.domain.training.base_models import BaseModel
from storyboard_ops.domain.training.model_facts import TrainedModel, Wait
from storyboard_ops.gateways.training.model_files import base_models, sagemaker_facts
from storyboard_ops.gateways.training.sagemaker_jobs import TRAINING
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.training.model_files import read_model
from storyboard_ops.steps.training.open_model import find_weights, job_role_arn
from storyboard_ops.steps.training.recipe import embedder_of, hyperparameters
from storyboard_ops.steps.training.sagemaker_job import (
    ML_ROOT,
    PROGRESS,
    SageMakerJob,
    completed_job,
    folder_uri,
)
from storyboard_ops.steps.training.settle_jobs import sagemaker_jobs, stop_sagemaker_jobs
from storyboard_ops.steps.training.trainer import Trainer

log = logging.getLogger(__name__)

PICTURES = "pictures.jsonl"


@dataclass(frozen=True)
class SageMakerTrainer(Trainer):
    """Trains by a job of SageMaker."""

    tools: ToolBox[TrainingSettings]

    def start(self, dataset: TrainingSet) -> Wait:
        return self._job(dataset).start()

    def finish(self, dataset: TrainingSet, name: str) -> TrainedModel | Wait:
        tools = self.tools
        ended = completed_job(self._job(dataset), name, task="customize_model")
        if isinstance(ended, Wait):
            return ended
        model = read_model(tools, S3Uri.parse(ended.artifacts), ended.arn, ended.name)
        tools.write_record("model/model.json", model)
        log.info("%s has trained %s, step %d.", ended.name, model.model_arn, model.chosen_step)
        return model

    def stop(self) -> None:
        stop_sagemaker_jobs(self.tools, TRAINING)

    def _job(self, dataset: TrainingSet) -> TrainingJob:
        return TrainingJob(self.tools, sagemaker_jobs(self.tools, TRAINING), dataset)


@dataclass(frozen=True)
class TrainingJob(SageMakerJob):
    """The job that trains a base model on a dataset."""

    tools: ToolBox[TrainingSettings]
    dataset: TrainingSet

    purpose = "train"

    @cached_property
    def base(self) -> BaseModel:
        return base_models().find(self.tools.settings.open_model)

    @property
    def hours(self) -> float:
        return self.tools.settings.training_timeout_h

    @property
    def inputs(self) -> Any:
        return [self.facts, self.hyperparameters, str(find_weights(self.tools))]

    @cached_property
    def hyperparameters(self) -> dict[str, str]:
        return hyperparameters(self.tools.settings, self.base, self.dataset.training)

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What the program must know besides its numbers: ``job.json``."""
        tools = self.tools
        listing = tools.objects.get(self._dataset / PICTURES)
        pictures = [json.loads(line) for line in listing.splitlines()]
        shown = {character for picture in pictures for character in picture["characters"]}
        return {
            "run_key": tools.run_key,
            "production": tools.production.production,
            "cast": {
                one.id: {"name": one.name} for one in tools.production.characters if one.id in shown
            },
            "base": self.base.model_dump(mode="json"),
            "embedder": embedder_of(self.base).model_dump(mode="json"),
            "dataset_sha256": sha256_hex(listing),
        }

    @property
    def _dataset(self) -> S3Uri:
        manifest = S3Uri.parse(self.dataset.training_uri)
        return S3Uri(manifest.bucket, manifest.key.rpartition("/")[0])

    @property
    def _folder(self) -> str:
        """The name of the folders of these inputs: other inputs must not find its checkpoints."""
        return digest_of(self.inputs)[:8]

    @property
    def _checkpoints(self) -> S3Uri:
        return self.tools.run_root / f"model/checkpoints/{self._folder}"

    def progress_uri(self, name: str) -> S3Uri:
        return self._checkpoints / PROGRESS

    def write_inputs(self, name: str) -> None:
        body = canonical_json(self.facts).encode()
        self.tools.objects.put(self._job_folder / "job.json", body, "application/json")

    @property
    def _job_folder(self) -> S3Uri:
        return self.tools.run_root / f"model/job/{self._folder}"

    def document(self, name: str, instance_type: str, program: S3Uri) -> dict[str, Any]:
        tools, settings = self.tools, self.tools.settings
        seconds = round(self.hours * 3600)
        limits = {"MaxRuntimeInSeconds": seconds}
        return {
            "AlgorithmSpecification": {
                "TrainingImage": sagemaker_facts().image.uri(tools.region),
                "TrainingInputMode": "File",
                "ContainerEntrypoint": ["python3", f"{ML_ROOT}/input/data/code/train.py"],
            },
            "RoleArn": job_role_arn(tools),
            "HyperParameters": self.hyperparameters,
            "InputDataConfig": [_channel(*each) for each in self._channels(program).items()],
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
                "S3Uri": str(self._checkpoints),
                "LocalPath": f"{ML_ROOT}/checkpoints",
            },
            "EnableNetworkIsolation": True,
            "Environment": {"ML_ROOT": ML_ROOT},
        }

    def _channels(self, program: S3Uri) -> dict[str, S3Uri]:
        embedder = embedder_of(self.base)
        channels = {
            "code": program,
            "job": self._job_folder,
            "dataset": self._dataset,
            "base": find_weights(self.tools),
        }
        if embedder.files:
            channels["embedder"] = self.tools.workspace.root / f"models/{embedder.id}"
        return channels


def _channel(name: str, place: S3Uri) -> dict[str, Any]:
    source = {
        "S3DataType": "S3Prefix",
        "S3Uri": folder_uri(place),
        "S3DataDistributionType": "FullyReplicated",
    }
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}, "InputMode": "File"}
