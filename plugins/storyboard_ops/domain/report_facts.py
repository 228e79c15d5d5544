"""Everything that the report shows, gathered: the page is a pure function of this record."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.image_records import (
    CropDrop,
    Frame,
    FrameDetections,
    ImageRecord,
    Panel,
)
from storyboard_ops.domain.paid_usage import PriceTable, Receipt
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.domain.run_settings import RunSettings

#: Parts of a run that may be missing, because it was asked to stop early or ended before them.
Part = Literal[
    "frames", "detections", "crops", "images", "model", "storyboard", "consistency", "receipt"
]


class RunFacts(Record):
    """Which run this is, how it ended, and what in it was not the real thing."""

    run_key: str
    status: Literal["succeeded", "failed", "running"]
    started_at: str = ""  # ISO 8601
    finished_at: str = ""  # ISO 8601, or when the report was written
    failure: str = ""  # the first failed task and its error, when there is one
    endpoint: str = ""  # address of the local AWS endpoint; empty: AWS itself
    scripted_reviewer: bool = False  # a script answered in place of people


class LostVideo(Record):
    """A video that was quarantined, and why."""

    uri: str
    reason: str


class ModelFacts(Record):
    """The customized model and the job that made it."""

    base_model_id: str
    job_arn: str = ""
    model_arn: str = ""
    throughput_arn: str = ""
    #: What the service reported: single values, or a curve as a list of (step, value) pairs.
    metrics: dict[str, Any] = {}


class ReportFacts(Record):
    """One run, as far as it got. A part that is None is explained in ``missing``."""

    run: RunFacts
    production: Production
    settings: RunSettings
    lost_videos: tuple[LostVideo, ...] = ()
    frames: tuple[Frame, ...] | None = None  # dropped ones included
    detections: tuple[FrameDetections, ...] | None = None
    crop_drops: tuple[CropDrop, ...] | None = None
    images: tuple[ImageRecord, ...] | None = None  # dropped ones included, in their last state
    model: ModelFacts | None = None
    panels: tuple[Panel, ...] | None = None
    consistency: dict[str, Any] | None = None
    receipt: Receipt | None = None
    prices: PriceTable | None = None
    missing: dict[Part, str] = {}  # why a part is not there, for people
    #: WebP bytes by the key of a wished picture (see core/contact_sheet.py).
    thumbnails: dict[str, bytes] = Field({}, repr=False)
