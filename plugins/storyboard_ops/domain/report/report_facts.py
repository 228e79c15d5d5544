"""All data that the report shows: the page is a pure function of this record."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, SerializeAsAny

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.image_records import (
    CropDrop,
    Frame,
    FrameDetections,
    ImageRecord,
    Panel,
)
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.money.paid_usage import PaidResource, PriceTable, Receipt, Usage
from storyboard_ops.domain.preflight.preflight_report import PreflightReport
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.domain.sampling.shards import QuarantinedVideo
from storyboard_ops.domain.settings.common import CommonSettings
from storyboard_ops.domain.settings.films import FilmsSection
from storyboard_ops.domain.settings.pictures import DetectionSection, DuplicateSection
from storyboard_ops.domain.storyboard.retimed_cut import RetimedCut
from storyboard_ops.domain.training.base_models import BaseModel
from storyboard_ops.domain.training.model_facts import Capacity, TrainedModel
from storyboard_ops.domain.training.program_results import TrainingFacts
from storyboard_ops.domain.training.retraining_records import JudgedModel

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


class ReportFacts(Record):
    """One run, with the parts that exist; ``missing`` explains those that are None."""

    run: RunFacts
    production: Production
    settings: SerializeAsAny[CommonSettings]
    lost_videos: tuple[QuarantinedVideo, ...] = ()
    frames: tuple[Frame, ...] | None = None  # dropped ones included
    detections: tuple[FrameDetections, ...] | None = None
    crop_drops: tuple[CropDrop, ...] | None = None
    images: tuple[ImageRecord, ...] | None = None  # dropped ones included, in their last state
    changes: DatasetChanges | None = None  # None: there is no earlier dataset
    model: TrainedModel | None = None
    capacity: Capacity | None = None
    base_model: BaseModel | None = None  # of the training program; None: Bedrock's, or unknown
    training: TrainingFacts | None = None  # of the training program
    training_loss: tuple[tuple[float, float], ...] = ()  # (step, loss), as the trainer reports
    advice: Advice | None = None  # on the next training
    panels: tuple[Panel, ...] | None = None
    compared: tuple[Panel, ...] = ()  # the same panels, drawn with other sources
    verdict: JudgedModel | None = None  # of nightly retraining on its new model
    retimed: RetimedCut | None = None  # where the lengths of the panels are an editor's
    consistency: dict[str, Any] | None = None  # fields of MeasuredStoryboard
    preflight: PreflightReport | None = None  # with the estimate for the whole run
    spent: tuple[Usage, ...] = ()  # what the run has bought so far
    resources: tuple[PaidResource, ...] = ()  # paid resources that it has created so far
    receipt: Receipt | None = None  # written by the teardown
    prices: PriceTable | None = None
    missing: dict[Part, str] = {}  # why a part is missing, for people
    missing_letters: str = ""  # what readers must know of letters of the storyboard without a font
    #: WebP bytes by key of ShownPicture, see core/report/contact_sheet.py.
    thumbnails: dict[str, bytes] = Field({}, repr=False)

    @property
    def films(self) -> list[str]:
        """URIs of the run's films; none when its DAG starts from pictures."""
        return self.settings.videos if isinstance(self.settings, FilmsSection) else []

    @property
    def detectors(self) -> list[str]:
        """Names of the detectors that the run uses."""
        return list(self.settings.detectors) if isinstance(self.settings, DetectionSection) else []

    @property
    def duplicate_above(self) -> float:
        """Similarity from which pictures are near-duplicates; 1 when none are compared."""
        settings = self.settings
        return settings.duplicate_above if isinstance(settings, DuplicateSection) else 1.0
