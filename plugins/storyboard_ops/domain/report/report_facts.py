"""What a run has made, as the report step finds it, and facts that the report shows."""

from __future__ import annotations

from typing import Literal

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.training.model_facts import Capacity, TrainedModel

#: Parts of a run that may be missing, because it stops early by its settings or ended before them.
Part = Literal[
    "frames", "detections", "crops", "images", "model", "storyboard", "consistency", "receipt"
]
Status = Literal["succeeded", "failed", "running"]


class RunManifests(Record):
    """Output of a run so far: the input of the report step.

    ``images`` is the last manifest of pictures that was written: the reviewed ones if they exist,
    else the candidates, and so on back.
    """

    status: Status = "succeeded"
    failure: str = ""  # the first failed task and its error
    started_at: str = ""  # ISO 8601
    finished_at: str = ""  # ISO 8601, or when the report was requested
    frames: tuple[ManifestRef, ...] = ()
    detections: tuple[ManifestRef, ...] = ()
    crop_drops: ManifestRef | None = None
    images: ManifestRef | None = None
    model: TrainedModel | None = None
    capacity: Capacity | None = None
    panels: ManifestRef | None = None
    compared: ManifestRef | None = None
    panels_page: str = ""  # address of the run's panel board in Airflow
    missing: dict[Part, str] = {}  # why a part is missing, when the caller knows


class RunFacts(Record):
    """Identity of the run, how it ended, and whether it used AWS or the local endpoint."""

    run_key: str
    status: Status
    failure: str = ""
    started_at: str = ""  # ISO 8601
    finished_at: str = ""  # ISO 8601
    endpoint: str = ""  # address of the local AWS endpoint; empty: AWS
    panels_page: str = ""  # address of the run's panel board in Airflow


class DatasetChanges(Record):
    """Number of changes since the previous approved dataset."""

    earlier_run: str  # run key
    page: str  # relative to the report
    added: int
    removed: int
    recropped: int
    reassigned: int
    recaptioned: int
    unchanged: int


class Advice(Record):
    """Which hyperparameter to change next, and why; without a parameter, none."""

    parameter: str = ""
    value: float | None = None
    reason: str
    usd: float | None = None  # of a training with it; None: nothing is billed

    @property
    def sentence(self) -> str:
        """The advice for people."""
        if not self.parameter:
            return f"No change is advised: {self.reason}."
        cost = "" if self.usd is None else f" Such a training costs about {self.usd:,.2f} USD."
        return f"Try {self.parameter} {self.value:,g} next: {self.reason}.{cost}"
