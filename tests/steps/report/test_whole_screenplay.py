"""A screenplay of twelve scenes, three characters and a prop: from its text to every export."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import Any

import av
import opentimelineio as otio
import pytest
from pypdf import PdfReader

from storyboard_ops.domain.image_records import Panel
from storyboard_ops.domain.script_record import ScriptRecord
from storyboard_ops.domain.settings.model import DrawingSettings
from storyboard_ops.domain.training.model_facts import TrainedModel
from storyboard_ops.steps.report.collect_manifests import collect_manifests
from storyboard_ops.steps.report.write_report import write_report
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.bedrock.draw_from_prompts import BedrockPromptPainter
from storyboard_ops.steps.storyboard.breakdown.break_down import break_down_script
from tests.material import factories
from tests.reading.edl_reading import read_list
from tests.studio.studio_fixture import Studio

NOBODY_TRAINED = TrainedModel(
    panels_from="prompts", job_arn="", job_name="", model_arn="", base_model_id="", images_seen=0
)
SCENES = 12


def screenplay() -> str:
    """Every scene has two actions, with a speech between them that is heard, not seen."""
    places = ("INT. LIGHTHOUSE", "EXT. QUAY", "INT./EXT. BOAT", "EST. ISLAND")
    scenes = [
        f"{places[k % 4]} - {'NIGHT' if k % 2 else 'DAY'} #{k + 1}#\n\n"
        f"Mira lifts the Old Lantern on step {k}. (2 s)\n\n"
        f"BRAM (V.O.)\nThe lamp, number {k}!\n\n"
        f"Pip sleeps in the corner, close to Bram. (48 frames)\n"
        for k in range(SCENES)
    ]
    return "Title: The Lamp\nAuthor: N. N.\n\n" + "\n".join(scenes)


@pytest.fixture(scope="module")
def drawn(local_endpoint: Any) -> tuple[ToolBox, tuple[Panel, ...]]:
    """The run after its report."""
    studio = Studio.opened(local_endpoint)
    place = {"Bucket": studio.bucket, "Key": "scripts/lamp.fountain"}
    studio.client("s3").put_object(**place, Body=screenplay().encode())
    tools: ToolBox = studio.tools_of(
        DrawingSettings,
        "draw-1",
        script=f"s3://{studio.bucket}/scripts/lamp.fountain",
        breakdown="plain",
        board="lamp",
    )
    tools.write_record("production.json", factories.production_with_prop())
    break_down_script(tools)
    tools = replace(tools)  # as the next task opens it
    drawing: Any = BedrockPromptPainter(tools).start(NOBODY_TRAINED, None)
    moment = "2026-11-29T12:00:00+00:00"
    write_report(tools, collect_manifests(tools, moment, moment))
    return tools, tools.manifests.read(drawing, Panel, "panels").records


def read(tools: ToolBox, name: str) -> bytes:
    return tools.objects.get(tools.run_root / f"storyboard/{name}")


@pytest.mark.long
def test_every_export_has_every_panel_at_its_frame(drawn, tmp_path):
    tools, panels = drawn
    ids = [panel.panel_id for panel in panels]
    assert len(ids) == len(set(ids)) == 2 * SCENES
    assert ids[:3] == ["1-010-010", "1-020-010", "2-010-010"]
    assert {panel.characters for panel in panels} == {("mira", "lantern"), ("bram", "pip")}
    assert [line.speaker for line in panels[0].dialogue] == ["BRAM"]
    record = tools.read_record("script.json", ScriptRecord)
    assert record is not None
    assert (record.scenes, record.panels) == (SCENES, 2 * SCENES)

    events = read_list(read(tools, "storyboard.edl").decode()).events
    assert [event.record[0] for event in events[:3]] == [
        *("01:00:00:00", "01:00:02:00", "01:00:04:00"),
    ]
    assert events[-1].record[1] == "01:00:48:00"
    timeline = otio.adapters.read_from_string(read(tools, "storyboard.otio").decode(), "otio_json")
    assert [clip.name for clip in timeline.find_clips()] == ids
    assert timeline.duration().value == 48 * 24
    for name in ("storyboard.fcpxml", "storyboard_fcp7.xml"):
        text = read(tools, name).decode()
        assert all(panel_id in text for panel_id in ids), name
    assert read(tools, "storyboard.aaf").startswith(b"\xd0\xcf\x11\xe0")
    for name in ("shotgrid", "ftrack", "kitsu"):
        rows = list(csv.reader(io.StringIO(read(tools, f"shots_{name}.csv").decode("utf-8-sig"))))
        assert len(rows) == 1 + 2 * SCENES, name
    (tmp_path / "a.mp4").write_bytes(read(tools, "animatic.mp4"))
    with av.open(str(tmp_path / "a.mp4")) as film:
        assert film.streams.video[0].frames == 48 * 24


@pytest.mark.long
def test_sheets_and_pages_show_every_panel(drawn):
    tools, panels = drawn
    sheets = " ".join(
        page.extract_text() for page in PdfReader(io.BytesIO(read(tools, "storyboard.pdf"))).pages
    )
    page = read(tools, "board.html").decode()
    report = tools.objects.get(tools.run_root / "report.html").decode()
    for panel in panels:
        assert panel.panel_id in sheets
        assert panel.panel_id in page
        assert panel.panel_id in report
    assert "The lamp, number 11!" in sheets
