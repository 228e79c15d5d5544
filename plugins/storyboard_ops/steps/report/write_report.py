"""Write the pages of a run: report.html, and the storyboard as PDF and for editing.

The report shows whatever exists. It can be written again at any time: after the teardown has
written its receipt, the same call includes it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from storyboard_ops.core.report.comparison_view import ComparisonView
from storyboard_ops.core.report.contact_sheet import named_pictures, wanted_pictures
from storyboard_ops.core.report.facts.report_facts import ReportFacts
from storyboard_ops.core.report.facts.row_tallies import (
    DropTally,
    ExaminedTally,
    FrameTally,
    PictureTally,
    Tally,
)
from storyboard_ops.core.report.next_change import advise_change
from storyboard_ops.core.report.page import moment, render_report
from storyboard_ops.core.report.run_results import run_results
from storyboard_ops.core.report.tables import training_loss
from storyboard_ops.core.report.training_view import copied_pictures, pictures_of_model
from storyboard_ops.core.storyboard.board import Board, arrange_board
from storyboard_ops.core.storyboard.measured_storyboard import MeasuredStoryboard
from storyboard_ops.core.storyboard.revisions.earlier_panels import with_numbers
from storyboard_ops.core.storyboard.sheets.sheet_view import SheetFacts
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
from storyboard_ops.domain.report.run_figures import count_panels
from storyboard_ops.domain.report.run_results import RESULTS
from storyboard_ops.domain.storyboard.board_revision import BoardRevision
from storyboard_ops.domain.storyboard.retimed_cut import RetimedCut
from storyboard_ops.domain.training.base_models import BaseModel
from storyboard_ops.domain.training.model_facts import TrainedModel
from storyboard_ops.domain.training.program_results import TrainingFacts
from storyboard_ops.domain.training.retraining_records import JudgedModel
from storyboard_ops.gateways.include_files import include_text
from storyboard_ops.gateways.money.pricing import price_table
from storyboard_ops.gateways.training.model_files import base_models
from storyboard_ops.steps.money.claims import receipt_lines
from storyboard_ops.steps.report.compare_datasets import compare_with_previous, make_thumbnails
from storyboard_ops.steps.report.editorial_files import write_editorial_files
from storyboard_ops.steps.report.retimed_lengths import RECORD as RETIMED
from storyboard_ops.steps.report.retimed_lengths import retime_by_cut
from storyboard_ops.steps.report.write_sheets import write_sheets
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.sampling.lost_films import lost_films
from storyboard_ops.steps.storyboard.measure_consistency import RESULT
from storyboard_ops.steps.training.job_plan import price_training
from storyboard_ops.steps.training.model_files import FACTS

log = logging.getLogger(__name__)

C = TypeVar("C", bound=Tally)
T = TypeVar("T")

#: When the run began and how it ended: enough to write its report again.
REPORT_FACTS = "report.json"
REVISION = "storyboard/board.json"
METRICS_FILE = "step_wise_training_metrics.csv"


def write_report(tools: ToolBox, run: RunManifests) -> dict[str, Any]:
    """Write ``report.html`` and, where panels exist, the files in ``storyboard/``.

    Returns their URIs ("" where there is none), a few counts, and missing parts with the reason.
    """
    facts = _collect_facts(tools, run)
    _find_named(tools, run, facts)
    board = arrange_board(facts.panels or (), facts.settings.rate)
    written = _write_storyboard(tools, facts, board) if board.panels else {}
    pictures = (
        *wanted_pictures(facts, board),
        *pictures_of_model(facts, board),
        *ComparisonView(facts).pictures,
    )
    thumbnails = make_thumbnails(tools, {one.key: one for one in pictures}.values())
    page = render_report(
        facts.model_copy(
            update={
                "thumbnails": thumbnails,
                "missing_letters": written.get("missing_letters", ""),
            }
        ),
        include_text("templates/report.html.j2"),
        include_text("templates/report.css"),
    ).encode()
    uri = tools.objects.put(tools.run_root / "report.html", page, "text/html; charset=utf-8")
    tools.write_record(RESULTS, run_results(facts, board))
    tools.write_record(REPORT_FACTS, facts.run)
    log.info("Wrote %s: %.1f MB, %d pictures shown.", uri, len(page) / 1e6, len(thumbnails))
    return {
        "report": uri,
        "pdf": written.get("pdf", ""),
        "board": written.get("board", ""),
        "timeline": written.get("timeline", ""),
        "pictures": facts.pictures.approved,
        "panels": count_panels(facts.panels or ()).drawn,
        "missing": dict(facts.missing),
    }


def _collect_facts(tools: ToolBox, run: RunManifests) -> ReportFacts:
    """Read all parts of the report; one that cannot be read is missing, with the reason."""
    missing: dict[Part, str] = dict(run.missing)

    def read_part(name: Part, read: Callable[[], T | None]) -> T | None:
        try:
            return read()
        except (ObjectMissing, ManifestCorrupt) as error:
            log.warning("The report is written without %s: %s", name, error)
            missing[name] = str(error)
            return None

    def count(
        tally: C, record_type: type[Record], kind: str, *refs: ManifestRef | None
    ) -> C | None:
        """Add the rows of all manifests in order; None when there is none."""
        given = [ref for ref in refs if ref]
        for ref in given:
            for row in tools.manifests.stream(ref, record_type, kind):
                tally.add(row)
        return tally if given else None

    def read_panels(ref: ManifestRef | None) -> tuple[Panel, ...] | None:
        if ref is None:
            return None
        return tuple(with_numbers(tools.manifests.read(ref, Panel, "panels").records))

    training = read_part("model", lambda: _read_training(tools, run.model))
    return ReportFacts(
        run=RunFacts(
            run_key=tools.run_key,
            status=run.status,
            failure=run.failure,
            started_at=run.started_at,
            finished_at=run.finished_at,
            endpoint=_local_endpoint(tools),
            panels_page=run.panels_page,
        ),
        production=tools.production,
        settings=tools.settings,
        lost_videos=lost_films(tools),
        frames=read_part("frames", lambda: count(FrameTally(), Frame, "frames", *run.frames)),
        detections=read_part(
            "detections",
            lambda: count(ExaminedTally(), FrameDetections, "detections", *run.detections),
        ),
        crop_drops=read_part(
            "crops", lambda: count(DropTally(), CropDrop, "drops", run.crop_drops)
        ),
        images=read_part(
            "images", lambda: count(PictureTally(), ImageRecord, "images", run.images)
        ),
        changes=read_part("images", lambda: compare_with_previous(tools)),
        model=run.model,
        capacity=run.capacity,
        base_model=_find_base(training),
        training=training,
        training_loss=(
            tuple((point.step, point.loss) for point in training.curve)
            if training
            else _read_training_loss(tools)
        ),
        advice=_advise(tools, training),
        panels=read_part("storyboard", lambda: retime_by_cut(tools, read_panels(run.panels))),
        compared=read_part("storyboard", lambda: read_panels(run.compared)) or (),
        verdict=tools.read_record("model/verdict.json", JudgedModel),
        retimed=tools.read_record(RETIMED, RetimedCut),
        consistency=read_part("consistency", lambda: _read_consistency(tools)),
        preflight=tools.read_record("preflight.json", PreflightReport),
        spent=tools.booked(),
        resources=tuple(receipt_lines(tools)),
        receipt=tools.read_record("receipt.json", Receipt),
        prices=price_table(tools.region),
        missing=missing,
    )


def _find_named(tools: ToolBox, run: RunManifests, facts: ReportFacts) -> None:
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


def _read_training_loss(tools: ToolBox) -> tuple[tuple[float, float], ...]:
    """Read the loss curve that the customization job wrote next to the model."""
    found = [head.uri for head in tools.objects.list(tools.run_root / "model/")]
    curves = [uri for uri in found if uri.name == METRICS_FILE]
    return training_loss(tools.objects.get(curves[-1])) if curves else ()


def _local_endpoint(tools: ToolBox) -> str:
    """Return the address of the endpoint when it is not AWS; "" otherwise."""
    address = str(tools.clients("s3").meta.endpoint_url)
    host = urlsplit(address).hostname or ""
    return "" if host.endswith((".amazonaws.com", ".amazonaws.com.cn")) else address


def _write_storyboard(tools: ToolBox, facts: ReportFacts, board: Board) -> dict[str, str]:
    sheets = write_sheets(tools, board, _sheet_facts(tools, facts))
    # The animatic takes minutes: it waits until nothing bills any more.
    nothing_bills = facts.capacity is None or facts.receipt is not None
    files = write_editorial_files(tools, board, facts.production.production, film=nothing_bills)
    return {**sheets._asdict(), "timeline": files["storyboard.otio"]}


def _sheet_facts(tools: ToolBox, facts: ReportFacts) -> SheetFacts:
    source = facts.production.source
    model, caution = _who_drew(facts)
    return SheetFacts(
        production=facts.production.production,
        date=moment(facts.run.finished_at),
        model=model,
        attribution=f"{source.attribution or source.title} ({source.licence})",
        names=facts.production.names,
        style=facts.production.style,
        likeness=str((facts.consistency or {}).get("summary", "")),
        caution=caution,
        revision=tools.read_record(REVISION, BoardRevision),
    )


def _who_drew(facts: ReportFacts) -> tuple[str, str]:
    """Return the model that drew the panels, and what a reader must know of it, if anything."""
    if base := facts.base_model:
        return f"{base.name}, trained", base.note
    if facts.training:
        return f"{facts.training.base.id}, trained", ""
    stand_in = "Drawn by the stand-in model of a local endpoint." if facts.run.endpoint else ""
    return f"{facts.settings.base_model_id}, customized", stand_in
