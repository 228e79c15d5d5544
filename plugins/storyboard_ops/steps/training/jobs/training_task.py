"""What a training job must know, wherever it runs: its inputs in S3, and its numbers."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from storyboard_ops.domain.base_record import canonical_json, digest_of
from storyboard_ops.domain.dataset.dataset_records import TrainingSet
from storyboard_ops.domain.manifest_codec import sha256_hex
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.settings.common import TrainingSettings
from storyboard_ops.domain.training.base_models import BaseModel
from storyboard_ops.domain.training.model_facts import TrainedBy, TrainedModel
from storyboard_ops.gateways.training.model_files import base_models
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.training.jobs.job_task import JobTask
from storyboard_ops.steps.training.model_files import read_model
from storyboard_ops.steps.training.open_model import find_embedder, find_weights
from storyboard_ops.steps.training.recipe import embedder_of, hyperparameters

log = logging.getLogger(__name__)

PICTURES = "pictures.jsonl"


@dataclass(frozen=True)
class TrainingTask(JobTask):
    """A base model to train on a dataset."""

    tools: ToolBox[TrainingSettings]
    dataset: TrainingSet

    purpose = "train"
    task_id = "customize_model"
    input_folder = "input/data"
    entry_point = "input/data/code/train.py"
    live_folder = "checkpoints"
    result_folder = "model"
    result_mark = "training.json"

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

    @property
    def numbers(self) -> Mapping[str, str]:
        return self.hyperparameters

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

    def live_uri(self, name: str) -> S3Uri:
        """Return the prefix of the checkpoints, which every job with these inputs shares."""
        return self.tools.run_root / f"model/checkpoints/{self._folder}"

    def result_uri(self, name: str) -> S3Uri:
        """Return the prefix of the model, where the studio's own machine has trained it."""
        return self.tools.run_root / f"model/output/{name}/model"

    def write_inputs(self, name: str) -> None:
        body = canonical_json(self.facts).encode()
        self.tools.objects.put(self._job_folder / "job.json", body, "application/json")

    @property
    def _job_folder(self) -> S3Uri:
        return self.tools.run_root / f"model/job/{self._folder}"

    def channels(self, name: str, program: S3Uri) -> dict[str, S3Uri]:
        embedder = embedder_of(self.base)
        channels = {
            "code": program,
            "job": self._job_folder,
            "dataset": self._dataset,
            "base": find_weights(self.tools),
        }
        if embedder.files:
            channels["embedder"] = find_embedder(self.tools, embedder)
        return channels

    def trained(self, trainer: TrainedBy, name: str, arn: str, folder: S3Uri) -> TrainedModel:
        """Record and return the model that a job has written to a prefix."""
        model = read_model(self.tools, folder, arn, name, trainer)
        self.tools.write_record("model/model.json", model)
        log.info("%s has trained %s, step %d.", name, folder, model.chosen_step)
        return model
