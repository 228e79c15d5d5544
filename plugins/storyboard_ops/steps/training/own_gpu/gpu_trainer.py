"""Train on the studio's own machine with a GPU."""

from __future__ import annotations

from dataclasses import dataclass

from storyboard_ops.domain.dataset.dataset_records import TrainingSet
from storyboard_ops.domain.settings.common import TrainingSettings
from storyboard_ops.domain.training.model_facts import TrainedModel, Wait
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.training.jobs.training_task import TrainingTask
from storyboard_ops.steps.training.own_gpu.gpu_job import GpuJob
from storyboard_ops.steps.training.own_gpu.machine import own_machine
from storyboard_ops.steps.training.own_gpu.settle_gpu import stop_gpu_jobs
from storyboard_ops.steps.training.trainer import Trainer


@dataclass(frozen=True)
class OwnGpuTrainer(Trainer):
    """Trains by a job on the studio's own machine."""

    tools: ToolBox[TrainingSettings]

    def start(self, dataset: TrainingSet) -> Wait:
        return self._job(dataset).start()

    def finish(self, dataset: TrainingSet, name: str) -> TrainedModel | Wait:
        if (running := self._job(dataset).finish(name)) is not None:
            return running
        task = TrainingTask(self.tools, dataset)
        return task.trained("own_gpu", name, arn=name, folder=task.result_uri(name))

    def stop(self) -> None:
        stop_gpu_jobs(self.tools, TrainingTask.purpose)

    def _job(self, dataset: TrainingSet) -> GpuJob:
        return GpuJob(TrainingTask(self.tools, dataset), own_machine(self.tools))
