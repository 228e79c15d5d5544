"""The contract of painters: from a trained model to the "panels" manifest, and then the end.

A painter draws the panels of the board that are not drawn yet, by calls while it has capacity, or
by one job that ends. What it buys is released by the claims of the run, like a trainer's.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.training.model_facts import Capacity, TrainedModel, Wait


class Painter(ABC):
    """Draws every panel of the board once for each seed, whatever is retried or killed."""

    #: Why nothing must ever be provided before it draws; empty: ``provide`` buys capacity.
    draws_by_itself: str = ""

    def why_nothing_is_provided(self, model: TrainedModel) -> str:
        """Return why no capacity is needed for these panels; empty: it is needed."""
        return self.draws_by_itself

    def provide(self, model: TrainedModel) -> Wait:
        """Buy what serves the model while panels are drawn, or adopt it."""
        raise NotImplementedError(self.draws_by_itself)

    def provided(self, name: str) -> Capacity:
        """Record and return capacity that is in service; raises JobFailed with the reason."""
        raise NotImplementedError(self.draws_by_itself)

    @abstractmethod
    def start(self, model: TrainedModel, capacity: Capacity | None) -> ManifestRef | Wait:
        """Draw the panels, or start or adopt the job that draws them."""

    @abstractmethod
    def finish(self, model: TrainedModel, name: str) -> ManifestRef | Wait:
        """Collect the panels of a job that has ended.

        Returns another wait when no machine was free for the job. Raises JobFailed with
        the reason, JobStopped, or NotFinished.
        """

    @abstractmethod
    def stop(self) -> None:
        """Stop the jobs that this run has claimed and nobody waits for any more."""
