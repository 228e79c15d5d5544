"""Draw the panels of the script on the studio's own machine with a GPU."""

from __future__ import annotations

from dataclasses import dataclass

from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.settings.common import CommonSettings
from storyboard_ops.domain.training.model_facts import Capacity, TrainedModel, Wait
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.drawing_task import DrawingTask, collect_panels
from storyboard_ops.steps.storyboard.painter import Painter
from storyboard_ops.steps.training.own_gpu.gpu_job import GpuJob
from storyboard_ops.steps.training.own_gpu.machine import own_machine
from storyboard_ops.steps.training.own_gpu.settle_gpu import stop_gpu_jobs


@dataclass(frozen=True)
class OwnGpuPainter(Painter):
    """Draws by a job on the studio's own machine, which ends by itself."""

    tools: ToolBox[CommonSettings]

    draws_by_itself = "The studio's own machine draws, so no capacity is provided."

    def start(self, model: TrainedModel, capacity: Capacity | None) -> Wait:
        return GpuJob(DrawingTask(self.tools, model), own_machine(self.tools)).start()

    def finish(self, model: TrainedModel, name: str) -> ManifestRef | Wait:
        task = DrawingTask(self.tools, model)
        running = GpuJob(task, own_machine(self.tools)).finish(name)
        return collect_panels(task, name) if running is None else running

    def stop(self) -> None:
        stop_gpu_jobs(self.tools, DrawingTask.purpose)
