"""All data that the report shows: the page is a pure function of this record."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, InstanceOf, SerializeAsAny

from storyboard_ops.core.report.facts.row_tallies import (
    DropTally,
    ExaminedTally,
    FrameTally,
    PictureTally,
)
from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.image_records import Panel
from storyboard_ops.domain.money.paid_usage import PaidResource, PriceTable, Receipt, Usage
from storyboard_ops.domain.preflight.preflight_report import PreflightReport
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.domain.report.report_facts import Advice, DatasetChanges, Part, RunFacts
from storyboard_ops.domain.report.run_figures import PictureFigures
from storyboard_ops.domain.sampling.shards import QuarantinedVideo
from storyboard_ops.domain.settings.common import CommonSettings
from storyboard_ops.domain.settings.films import FilmsSection
from storyboard_ops.domain.settings.pictures import DetectionSection, DuplicateSection
from storyboard_ops.domain.storyboard.retimed_cut import RetimedCut
from storyboard_ops.domain.training.base_models import BaseModel
from storyboard_ops.domain.training.model_facts import Capacity, TrainedModel
from storyboard_ops.domain.training.program_results import TrainingFacts
from storyboard_ops.domain.training.retraining_records import JudgedModel

#: Rows of a run as tallies; a few rows may be given as they are.
Frames = Annotated[InstanceOf[FrameTally], BeforeValidator(FrameTally.of)]
Examined = Annotated[InstanceOf[ExaminedTally], BeforeValidator(ExaminedTally.of)]
CropDrops = Annotated[InstanceOf[DropTally], BeforeValidator(DropTally.of)]
Pictures = Annotated[InstanceOf[PictureTally], BeforeValidator(PictureTally.of)]


class ReportFacts(Record):
    """One run, with the parts that exist; ``missing`` explains those that are None."""

    run: RunFacts
    production: Production
    settings: SerializeAsAny[CommonSettings]
    lost_videos: tuple[QuarantinedVideo, ...] = ()
    frames: Frames | None = None  # dropped ones included
    detections: Examined | None = None
    crop_drops: CropDrops | None = None
    images: Pictures | None = None  # dropped ones included, in their last state
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

    @property
    def pictures(self) -> PictureFigures:
        """The numbers of pictures; all are 0 where there are none."""
        return (self.images or PictureTally()).figures
