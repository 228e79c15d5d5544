"""State that nightly retraining keeps in the bucket between its runs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.dataset.dataset_records import TrainingSet
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.training.model_facts import TrainedModel


class ApprovedDataset(Record):
    """An approved dataset, recorded where later runs of the production find it."""

    run_key: str
    production: str  # slug
    dataset: TrainingSet
    approved: int = Field(ge=0)  # pictures
    announced_at: str  # ISO 8601


class News(Record):
    """What was approved since the last training started."""

    production: str  # slug
    runs: tuple[str, ...]  # run keys of every approved dataset, oldest first
    approved: int = Field(ge=0)  # pictures in all of them, each counted once
    new: int = Field(ge=0)  # those unknown when the last training started
    last_run: str = ""  # run key of the last training; empty: there was none


class JudgedModel(Record):
    """A model, the verdict on it, and its measurements."""

    run_key: str
    model: TrainedModel
    dataset: TrainingSet
    panels: ManifestRef
    verdict: Literal["promoted", "refused"]
    reason: str
    #: Mean likeness of this model's figures, and of the model it was compared with, on the panels
    #: that both drew; the difference, panel by panel, with its 95 % interval.
    consistency: float | None = None
    last_consistency: float | None = None
    difference: float | None = None
    difference_low: float | None = None
    difference_high: float | None = None
    judged_at: str  # ISO 8601
    #: Name of the customized model to delete; empty: both are kept.
    unwanted: str = ""


class ModelLine(Record):
    """The models of one production in the order of their verdicts, oldest first."""

    production: str  # slug
    current: JudgedModel | None = None
    history: tuple[JudgedModel, ...] = ()

    def with_judged(self, judged: JudgedModel) -> ModelLine:
        """Return the line with one more model; a promoted one becomes the current model."""
        return ModelLine(
            production=self.production,
            current=judged if judged.verdict == "promoted" else self.current,
            history=(*self.history, judged),
        )

    def judged_by(self, run_key: str) -> JudgedModel | None:
        """Return the verdict of a run, or None when there is none yet."""
        return next((judged for judged in self.history if judged.run_key == run_key), None)
