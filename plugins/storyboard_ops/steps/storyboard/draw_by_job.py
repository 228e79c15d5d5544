"""Draw the panels that are left by one job, which ends by itself, whatever machine it runs on."""

from __future__ import annotations

from abc import abstractmethod
from typing import Generic, TypeVar

from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.training.model_facts import Capacity, TrainedModel, Wait
from storyboard_ops.steps.storyboard.drawing_task import (
    DrawingTask,
    as_given,
    collect_panels,
    find_panels,
    plan_drawing,
)
from storyboard_ops.steps.storyboard.painter import Painter

Task = TypeVar("Task", bound=DrawingTask)


class JobPainter(Painter, Generic[Task]):
    """Starts no job when every picture was drawn before, and keeps what a failed job has drawn."""

    @abstractmethod
    def task(self, model: TrainedModel) -> Task:
        """Return the drawing of the whole board."""

    @abstractmethod
    def is_running(self, task: Task, name: str) -> bool:
        """Return whether a job of this run is under way."""

    @abstractmethod
    def start_job(self, task: Task) -> Wait:
        """Start the job that draws what is left, or adopt it."""

    @abstractmethod
    def finish_job(self, task: Task, name: str) -> Wait | None:
        """Return another wait, or None when the result of a job is there.

        Raises JobFailed with the reason, JobStopped, or NotFinished.
        """

    def start(self, model: TrainedModel, capacity: Capacity | None) -> ManifestRef | Wait:
        whole = self.task(model)
        if drawn := find_panels(whole):
            return drawn
        planned = plan_drawing(whole, lambda name: self.is_running(whole, name))
        return self.start_job(planned) if planned.left else collect_panels(planned)

    def finish(self, model: TrainedModel, name: str) -> ManifestRef | Wait:
        task = self.task(model)
        running = self.finish_job(as_given(task, name) or task, name)
        return collect_panels(task) if running is None else running
