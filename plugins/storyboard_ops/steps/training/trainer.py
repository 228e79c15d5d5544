"""The contract of trainers: one run's way from an approved dataset to a model.

Preflight gates and prices a trainer (``steps/preflight``), and what it buys is released by the
claims of the run, by kind (``steps/release``), whichever trainer the run had. In between, every
implementation keeps the same promises; tests/steps/training/test_trainer_contract.py holds them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from storyboard_ops.domain.dataset.dataset_records import TrainingSet
from storyboard_ops.domain.training.model_facts import TrainedModel, Wait


class Trainer(ABC):
    """Trains one model, whatever is retried, cleared or killed in between."""

    @abstractmethod
    def start(self, dataset: TrainingSet) -> TrainedModel | Wait:
        """Start the training, or adopt the one of an earlier try; returns what to wait for.

        Where nothing is trained, the model to draw with is there at once.

        A training that failed or was stopped is started again, because only clearing the task
        leads here after a failure. Raises GateClosed when another's job has the name.
        """

    @abstractmethod
    def finish(self, dataset: TrainingSet, name: str) -> TrainedModel | Wait:
        """Record and return the model of the work that has ended.

        Returns another wait when no machine was free for the work and it was started on the next
        one. Raises JobFailed with the reason, JobStopped, or NotFinished.
        """

    @abstractmethod
    def stop(self) -> None:
        """Stop what this run has claimed and nobody waits for any more.

        Claims are the source because a task may be killed before it has seen its own job.
        """
