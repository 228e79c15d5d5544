"""Draw the panels of the board on the studio's own machine with a GPU."""

from __future__ import annotations

from dataclasses import dataclass

from storyboard_ops.domain.settings.common import CommonSettings
from storyboard_ops.domain.training.model_facts import TrainedModel, Wait
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.draw_by_job import JobPainter
from storyboard_ops.steps.storyboard.drawing_task import DrawingTask
from storyboard_ops.steps.training.own_gpu.gpu_job import GpuJob
from storyboard_ops.steps.training.own_gpu.machine import own_machine
from storyboard_ops.steps.training.own_gpu.settle_gpu import stop_gpu_jobs


@dataclass(frozen=True)
class OwnGpuPainter(JobPainter[DrawingTask]):
    """Draws by a job on the studio's own machine, which ends by itself."""

    tools: ToolBox[CommonSettings]

    draws_by_itself = "The studio's own machine draws, so no capacity is provided."

    def task(self, model: TrainedModel) -> DrawingTask:
        return DrawingTask(self.tools, model)

    def is_running(self, task: DrawingTask, name: str) -> bool:
        # What has ended there and is not copied to S3 yet must be adopted, too.
        return own_machine(self.tools).state(name) is not None

    def start_job(self, task: DrawingTask) -> Wait:
        return GpuJob(task, own_machine(self.tools)).start()

    def finish_job(self, task: DrawingTask, name: str) -> Wait | None:
        return GpuJob(task, own_machine(self.tools)).finish(name)

    def stop(self) -> None:
        stop_gpu_jobs(self.tools, DrawingTask.purpose)
