"""What nightly retraining remembers between its runs, all of it in the bucket."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.dataset.dataset_records import TrainingSet
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.training.model_facts import CustomizedModel


class ApprovedDataset(Record):
    """An approved dataset, entered where later runs of the same production look for it."""

    run_key: str
    production: str  # slug
    dataset: TrainingSet
    approved: int = Field(ge=0)  # pictures
    announced_at: str  # ISO 8601


class News(Record):
    """What was approved since the last training was begun."""

    production: str  # slug
    runs: tuple[str, ...]  # run keys of every approved dataset, oldest first
    approved: int = Field(ge=0)  # pictures in all of them, each counted once
    new: int = Field(ge=0)  # of these, not known when the last training was begun
    last_run: str = ""  # run key of the last training; empty: there was none


class JudgedModel(Record):
    """A model with the verdict on it, and what it was measured with."""

    run_key: str
    model: CustomizedModel
    dataset: TrainingSet
    panels: ManifestRef
    verdict: Literal["promoted", "refused"]
    reason: str
    consistency: float | None = None  # of this model, on the panels that both drew
    last_consistency: float | None = None  # of the model it was compared with
    judged_at: str  # ISO 8601
    #: Name of the customized model that nobody wants any more; empty: both are kept.
    unwanted: str = ""


class ModelLine(Record):
    """The models of one production in the order in which they were judged; the oldest first."""

    production: str  # slug
    current: JudgedModel | None = None
    history: tuple[JudgedModel, ...] = ()

    def with_judged(self, judged: JudgedModel) -> ModelLine:
        """The line with one more model; a promoted one is the current one from now on."""
        return ModelLine(
            production=self.production,
            current=judged if judged.verdict == "promoted" else self.current,
            history=(*self.history, judged),
        )

    def judged_by(self, run_key: str) -> JudgedModel | None:
        """The verdict of a run, when it has been passed already."""
        return next((judged for judged in self.history if judged.run_key == run_key), None)
