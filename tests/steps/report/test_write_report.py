"""The report step on a workspace: what it reads, what it writes, and what it does without."""

import io
import json
from dataclasses import replace
from typing import Any, TypeVar

import opentimelineio as otio
import pytest
from pypdf import PdfReader

from storyboard_ops.core.pictures.codec import encode_jpeg, encode_png
from storyboard_ops.core.report.facts.report_facts import ReportFacts
from storyboard_ops.domain.image_records import (
    CropDrop,
    Drop,
    Frame,
    FrameDetections,
    ImageRecord,
    Panel,
)
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.report.report_facts import RunManifests
from storyboard_ops.steps.report.write_report import write_report
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.material import cost_factories, factories, reports
from tests.material.storyboards import REVISION
from tests.reading.printed_sheets import text_of
from tests.studio.studio_fixture import Studio

R = TypeVar("R", Frame, ImageRecord, Panel)


def moved(record: R, folder: S3Uri, name: str) -> R:
    """The record with its picture in the workspace of the test."""
    return record.model_copy(update={"uri": str(folder / name)})


@pytest.fixture
def tools(studio: Studio) -> ToolBox:
    tools = studio.tools()
    production = factories.production().model_dump_json().encode()
    tools.objects.put(tools.run_root / "production.json", production)
    return tools


@pytest.fixture
def finished(tools: ToolBox) -> RunManifests:
    """A finished run with pictures, panels, quarantine, figures, booked usages, a loss curve."""
    rows = reports.finished_run()
    facts = reports.report_facts()
    root = tools.run_root
    _put_files(tools, facts)
    panels = _stored_panels(tools, facts)
    images = tuple(moved(i, root, f"crops/{i.image_id}.png") for i in rows["images"])
    for image in images:
        tools.objects.put(S3Uri.parse(image.uri), PNG)

    def commit(name: str, kind: str, records: Any) -> ManifestRef:
        return tools.manifests.commit(root / name, kind, "digest", records)

    return RunManifests(
        finished_at="2026-11-20T12:12:00+00:00",
        frames=(commit("frames.jsonl", "frames", rows["frames"]),),
        detections=(commit("detections.jsonl", "detections", rows["detections"]),),
        crop_drops=commit("drops.jsonl", "drops", rows["crop_drops"]),
        images=commit("review/images.jsonl", "images", images),
        model=facts.model,
        capacity=facts.capacity,
        panels=commit("storyboard/panels.jsonl", "panels", panels),
    )


PNG = encode_png(factories.picture(1))


def _put_files(tools: ToolBox, facts: ReportFacts) -> None:
    tools.manifests.commit(
        tools.run_root / "quarantine.jsonl", "quarantine", "digest", facts.lost_videos
    )
    figures = json.dumps(facts.consistency).encode()
    tools.objects.put(tools.run_root / "storyboard/consistency.json", figures)
    curve = b"step_number,epoch_number,training_loss\n1,1,0.9\n2,1,0.4321\n"
    job = "model/model-customization-job-9f8e/training_artifacts/step_wise_training_metrics.csv"
    tools.objects.put(tools.run_root / job, curve)
    tools.book("customization", cost_factories.receipt().usages)
    tools.write_record("preflight.json", cost_factories.preflight())


def _stored_panels(tools: ToolBox, facts: ReportFacts) -> tuple[Panel, ...]:
    folder = tools.run_root / "storyboard/panels"
    panels = tuple(
        p if p.failure else moved(p, folder, f"panel{p.number:02d}.png") for p in facts.panels or ()
    )
    for panel in panels:
        if panel.uri:
            tools.objects.put(S3Uri.parse(panel.uri), PNG)
    return panels


def page(tools: ToolBox) -> str:
    return tools.objects.get(tools.run_root / "report.html").decode()


def test_a_finished_run_gets_report_pdf_and_timeline(tools, finished):
    told = write_report(tools, finished)
    assert told == {
        "report": str(tools.run_root / "report.html"),
        "pdf": str(tools.run_root / "storyboard/storyboard.pdf"),
        "board": str(tools.run_root / "storyboard/board.html"),
        "timeline": str(tools.run_root / "storyboard/storyboard.otio"),
        "pictures": 32,
        "panels": 2,
        "missing": {},
    }
    html = page(tools)
    assert html.count("data:image/webp") >= 32 + 6 + 3 + 2
    for expected in ("The Lantern Keepers", "broken.mp4", "0.432", "Film with itself"):
        assert expected in html


def test_the_timeline_refers_to_the_pictures_that_lie_beside_it(tools, finished):
    write_report(tools, finished)
    body = tools.objects.get(tools.run_root / "storyboard/storyboard.otio").decode()
    clips = otio.adapters.read_from_string(body, "otio_json").find_clips()
    references = [clip.media_reference for clip in clips]
    urls = [r.target_url for r in references if isinstance(r, otio.schema.ExternalReference)]
    assert urls == ["panels/panel01.png", "panels/panel03.png"]
    assert all(tools.objects.head(tools.run_root / f"storyboard/{url}") for url in urls)


def test_the_sheets_are_as_the_run_wants_them(tools, finished):
    chosen = {"sheet_paper": "letter", "sheet_layout": "vertical", "sheet_prompts": True}
    settings = tools.settings.model_copy(update=chosen)
    write_report(replace(tools, settings=settings), finished)
    for name in ("storyboard.pdf", "contact_sheet.pdf"):
        pdf = tools.objects.get(tools.run_root / f"storyboard/{name}")
        assert pdf.startswith(b"%PDF-")
    [sheet] = PdfReader(io.BytesIO(pdf_of(tools, "storyboard.pdf"))).pages
    assert (sheet.mediabox.width, sheet.mediabox.height) == (612, 792)
    assert "Prompt" in tools.objects.get(tools.run_root / "storyboard/board.html").decode()


def test_a_revision_gets_a_sheet(tools, finished):
    write_report(tools, finished)
    assert tools.objects.head(tools.run_root / "storyboard/revision_sheet.pdf") is None
    tools.write_record("storyboard/board.json", REVISION)
    write_report(tools, finished)
    assert "Version 3, blue" in text_of(pdf_of(tools, "revision_sheet.pdf"))
    assert "Version 3, blue" in text_of(pdf_of(tools, "storyboard.pdf"))


def test_letters_without_a_font_are_named_in_the_report(tools, finished):
    panels = (factories.failed_panel(1, "ཀ"),)
    place = tools.run_root / "storyboard/odd.jsonl"
    odd = tools.manifests.commit(place, "panels", "digest", panels)
    write_report(tools, finished.model_copy(update={"panels": odd}))
    assert "ཀ U+0F40" in page(tools)


def pdf_of(tools: ToolBox, name: str) -> bytes:
    return tools.objects.get(tools.run_root / f"storyboard/{name}")


def test_what_the_local_endpoint_made_is_marked(tools, finished):
    write_report(tools, finished)
    assert "Not made on AWS." in page(tools)


def test_once_the_receipt_is_there_the_same_call_shows_it(tools, finished):
    write_report(tools, finished)
    assert "The run had not reached this part when the report was written." in page(tools)
    assert "to come</dd>" in page(tools)
    receipt = cost_factories.receipt().model_dump_json().encode()
    tools.objects.put(tools.run_root / "receipt.json", receipt)
    write_report(tools, finished)
    assert "storyboard-provisioned-throughput-1f2e3d4c" in page(tools)


def test_a_run_without_anything_still_gets_a_report(tools):
    told = write_report(tools, RunManifests(status="failed", failure="sample_frames: no disk"))
    assert (told["pictures"], told["pdf"], told["timeline"]) == (0, "", "")
    assert "sample_frames: no disk" in page(tools)
    assert tools.objects.head(tools.run_root / "storyboard/storyboard.pdf") is None


def test_a_manifest_that_was_altered_is_named_and_the_report_goes_on(tools, finished):
    assert finished.images is not None
    tools.objects.put(S3Uri.parse(finished.images.uri), b"altered")
    told = write_report(tools, finished)
    assert "was changed since it was written" in told["missing"]["images"]
    assert "was changed since it was written" in page(tools)
    assert told["panels"] == 2


def test_a_picture_that_is_gone_leaves_its_place(tools, finished):
    write_report(tools, finished)
    before = page(tools).count("no picture stored")
    images = tools.manifests.read(finished.images, ImageRecord, "images").records
    gone = S3Uri.parse(next(i for i in images if i.kept and i.frame.k == 20).uri)
    tools.clients("s3").delete_object(Bucket=gone.bucket, Key=gone.key)
    write_report(tools, finished)
    assert page(tools).count("no picture stored") == before + 1


def test_a_rejected_detection_shows_its_frame(tools):
    frame = moved(factories.frame(5), tools.run_root, "frame.jpg")
    tools.objects.put(S3Uri.parse(frame.uri), encode_jpeg(factories.picture(2, 1280, 720)))
    drop = Drop(stage="crop", reason="too small", detail="would need ×3.1", score=3.1)
    records = [CropDrop(frame=frame, detection=factories.detection(), drop=drop)]
    ref = tools.manifests.commit(tools.run_root / "drops.jsonl", "drops", "d", records)
    write_report(tools, RunManifests(crop_drops=ref))
    assert "too small" in page(tools)
    assert page(tools).count("data:image/webp") == 1


def test_frames_of_every_shard_are_counted(tools):
    refs = [
        tools.manifests.commit(
            tools.run_root / f"{first}.jsonl",
            "frames",
            "d",
            [factories.frame(k) for k in range(first, first + 10)],
        )
        for first in (0, 10)
    ]
    nothing_found = [FrameDetections(frame=factories.frame(0))]
    found = tools.manifests.commit(tools.run_root / "d.jsonl", "detections", "d", nothing_found)
    write_report(tools, RunManifests(frames=tuple(refs), detections=(found,)))
    assert "<strong>20</strong> frames" in page(tools)


def test_a_model_of_the_training_program_shows_its_curve_and_its_samples(tools, finished):
    folder, training = tools.run_root / "model/output/job", reports.training_facts()
    tools.objects.put(folder / "training.json", training.model_dump_json().encode())
    for sample in training.samples:
        tools.objects.put(folder / f"samples/step_000500/{sample.file}", PNG)
    model = finished.model.model_copy(update={"trainer": "sagemaker", "model_arn": str(folder)})
    write_report(tools, finished)
    before = page(tools).count("data:image/webp")
    write_report(tools, finished.model_copy(update={"model": model}))
    html = page(tools)
    assert html.count("data:image/webp") >= before + len(training.samples)
    assert "from 2.04 to 0.25 at step 1,000" in html
    assert "It repeats what it saw" in html


def test_a_model_whose_files_were_deleted_leaves_the_report_without_its_training(tools, finished):
    gone = str(tools.run_root / "model/output/gone")
    model = finished.model.model_copy(update={"trainer": "sagemaker", "model_arn": gone})
    told = write_report(tools, finished.model_copy(update={"model": model}))
    assert "gone/training.json" in told["missing"]["model"]
    assert told["panels"] == 2
