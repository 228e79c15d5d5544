"""Collect what the report of a run shows: every part that exists, and why others are missing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

from storyboard_ops.core.report.contact_sheet import named_pictures
from storyboard_ops.core.report.facts.report_facts import ReportFacts
from storyboard_ops.core.report.facts.row_tallies import (
    DropTally,
    ExaminedTally,
    FrameTally,
    PictureTally,
    Tally,
)
from storyboard_ops.core.report.next_change import advise_change
from storyboard_ops.core.report.tables import training_loss
from storyboard_ops.core.report.training_view import copied_pictures
from storyboard_ops.core.storyboard.measured_storyboard import MeasuredStoryboard
from storyboard_ops.core.storyboard.revisions.earlier_panels import with_numbers
from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.error_tree import ManifestCorrupt, ObjectMissing, SettingsError
from storyboard_ops.domain.image_records import (
    CropDrop,
    Frame,
    FrameDetections,
    ImageRecord,
    Panel,
)
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.money.paid_usage import Receipt
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.preflight.preflight_report import PreflightReport
from storyboard_ops.domain.report.report_facts import Advice, Part, RunFacts, RunManifests
from storyboard_ops.domain.storyboard.retimed_cut import RetimedCut
from storyboard_ops.domain.training.base_models import BaseModel
from storyboard_ops.domain.training.model_facts import TrainedModel
from storyboard_ops.domain.training.program_results import TrainingFacts
from storyboard_ops.domain.training.retraining_records import JudgedModel
from storyboard_ops.gateways.money.pricing import price_table
from storyboard_ops.gateways.training.model_files import base_models
from storyboard_ops.steps.money.claims import receipt_lines
from storyboard_ops.steps.report.compare_datasets import compare_with_previous
from storyboard_ops.steps.report.retimed_lengths import RECORD as RETIMED
from storyboard_ops.steps.report.retimed_lengths import retime_by_cut
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.sampling.lost_films import lost_films
from storyboard_ops.steps.storyboard.measure_consistency import RESULT
from storyboard_ops.steps.training.job_plan import price_training
from storyboard_ops.steps.training.model_files import FACTS

log = logging.getLogger(__name__)

C = TypeVar("C", bound=Tally)
T = TypeVar("T")

METRICS_FILE = "step_wise_training_metrics.csv"


@dataclass(frozen=True)
class PartReader:
    """Reads the parts of a report; those that cannot be read are ``missing``, with the reason."""

    tools: ToolBox
    missing: dict[Part, str] = field(default_factory=dict)

    def read(self, part: Part, read: Callable[[], T | None]) -> T | None:
        """Return what ``read`` returns; None when an object of it is gone or corrupt."""
        try:
            return read()
        except (ObjectMissing, ManifestCorrupt) as error:
            log.warning("The report is written without %s: %s", part, error)
            self.missing[part] = str(error)
            return None

    def count(
        self, part: Part, tally: C, record_type: type[Record], kind: str, *refs: ManifestRef | None
    ) -> C | None:
        """Add the rows of all manifests in order; None when there is none."""
        given = [ref for ref in refs if ref]

        def add_rows() -> C | None:
            for ref in given:
                for row in self.tools.manifests.stream(ref, record_type, kind):
                    tally.add(row)
            return tally if given else None

        return self.read(part, add_rows)

    def panels(self, ref: ManifestRef | None) -> tuple[Panel, ...] | None:
        """Return the panels of a storyboard with their numbers; None when there is none."""
        if ref is None:
            return None
        return tuple(with_numbers(self.tools.manifests.read(ref, Panel, "panels").records))


def collect_facts(tools: ToolBox, run: RunManifests) -> ReportFacts:
    """Read all parts of the report; ``missing`` says which cannot be read, and why."""
    parts = PartReader(tools, dict(run.missing))
    training = parts.read("model", lambda: _read_training(tools, run.model))
    return ReportFacts(
        run=_run_facts(tools, run),
        production=tools.production,
        settings=tools.settings,
        lost_videos=lost_films(tools),
        frames=parts.count("frames", FrameTally(), Frame, "frames", *run.frames),
        detections=parts.count(
            "detections", ExaminedTally(), FrameDetections, "detections", *run.detections
        ),
        crop_drops=parts.count("crops", DropTally(), CropDrop, "drops", run.crop_drops),
        images=parts.count("images", PictureTally(), ImageRecord, "images", run.images),
        changes=parts.read("images", lambda: compare_with_previous(tools)),
        model=run.model,
        capacity=run.capacity,
        base_model=_find_base(training),
        training=training,
        training_loss=_read_training_loss(tools, training),
        advice=_advise(tools, training),
        panels=parts.read("storyboard", lambda: retime_by_cut(tools, parts.panels(run.panels))),
        compared=parts.read("storyboard", lambda: parts.panels(run.compared)) or (),
        verdict=tools.read_record("model/verdict.json", JudgedModel),
        retimed=tools.read_record(RETIMED, RetimedCut),
        consistency=parts.read("consistency", lambda: _read_consistency(tools)),
        preflight=tools.read_record("preflight.json", PreflightReport),
        spent=tools.booked(),
        resources=tuple(receipt_lines(tools)),
        receipt=tools.read_record("receipt.json", Receipt),
        prices=price_table(tools.region),
        missing=parts.missing,
    )


def _run_facts(tools: ToolBox, run: RunManifests) -> RunFacts:
    return RunFacts(
        run_key=tools.run_key,
        status=run.status,
        failure=run.failure,
        started_at=run.started_at,
        finished_at=run.finished_at,
        endpoint=_local_endpoint(tools),
        panels_page=run.panels_page,
    )


def find_named_pictures(tools: ToolBox, run: RunManifests, facts: ReportFacts) -> None:
    """Find the pictures that the page shows next to others, once it is known which."""
    if run.images is None or not facts.images:
        return
    named = named_pictures(facts) | copied_pictures(facts)
    if named:
        rows = tools.manifests.stream(run.images, ImageRecord, "images")
        facts.images.found = {name: image for image in rows for name in image.names & named}


def _read_consistency(tools: ToolBox) -> dict[str, Any] | None:
    measured = tools.read_record(RESULT, MeasuredStoryboard)
    return None if measured is None else measured.model_dump(mode="json")


def _read_training(tools: ToolBox, model: TrainedModel | None) -> TrainingFacts | None:
    """Read what the training program wrote; None for a model of Bedrock."""
    if model is None or model.trainer == "bedrock":
        return None
    return tools.objects.record(S3Uri.parse(model.model_arn) / FACTS, TrainingFacts)


def _advise(tools: ToolBox, training: TrainingFacts | None) -> Advice | None:
    """Advise on the next training, with its price; None where too little was measured."""
    measured = tools.read_record(RESULT, MeasuredStoryboard)
    copied = measured.figures.copied if measured else None
    advice = advise_change(training, copied) if training else None
    if advice is None or not advice.parameter or training is None:
        return advice
    changed = tools.settings.model_copy(update={advice.parameter: advice.value})
    pictures, cast = training.training_pictures or 0, len(training.wrong_names or {}) or 1
    return advice.model_copy(update={"usd": price_training(tools, changed, pictures, cast)})


def _find_base(training: TrainingFacts | None) -> BaseModel | None:
    """Return the base model of a training; None where it is no longer listed."""
    try:
        return base_models().find(training.base.id) if training else None
    except SettingsError:
        return None


def _read_training_loss(
    tools: ToolBox, training: TrainingFacts | None
) -> tuple[tuple[float, float], ...]:
    """Read steps and losses: the training program's, or those that a customization job wrote."""
    if training:
        return tuple((point.step, point.loss) for point in training.curve)
    found = [head.uri for head in tools.objects.list(tools.run_root / "model/")]
    curves = [uri for uri in found if uri.name == METRICS_FILE]
    return training_loss(tools.objects.get(curves[-1])) if curves else ()


def _local_endpoint(tools: ToolBox) -> str:
    """Return the address of the endpoint when it is not AWS; "" otherwise."""
    address = str(tools.clients("s3").meta.endpoint_url)
    host = urlsplit(address).hostname or ""
    return "" if host.endswith((".amazonaws.com", ".amazonaws.com.cn")) else address
