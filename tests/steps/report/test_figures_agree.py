"""All pages of one run show the same numbers: report, card, lineage, board, terminal, diff."""

from __future__ import annotations

import json

import pytest

from launcher.runs.summary import RunFacts, summarize
from storyboard_ops.core.review.board_items import board_items
from storyboard_ops.domain.image_records import FrameDetections, ImageRecord
from storyboard_ops.domain.report.report_facts import RunManifests
from storyboard_ops.steps.dataset.approved_datasets import announce_dataset
from storyboard_ops.steps.dataset.publish_dataset import publish_dataset
from storyboard_ops.steps.report.compare_datasets import PAGE
from storyboard_ops.steps.report.write_report import write_report
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.domain.report.test_run_figures import rare_pictures
from tests.films.tiny_film import tiny_production
from tests.material import factories, reports
from tests.material.approved_runs import approved_run, started, stored_image
from tests.reading import figures_reading as reading
from tests.reading.figures_reading import Shown
from tests.studio.studio_fixture import Studio

#: Numbers that one page alone shows.
ALONE = {"panels in all scenes", "approved by names"}


def pages_of(tools: ToolBox) -> dict[str, Shown]:
    """Let a run end, and read what its pages show."""
    images = pictures_of_run(tools)
    panels = (factories.panel(1), factories.failed_panel(2), factories.panel(3, "The lighthouse"))
    frames = reports.film_frames()
    facts = RunFacts(frames, images, panels, {}, {})
    told = write_report(tools, written(tools, images, frames, panels))
    dataset = tools.run_root / "dataset"
    offered = [one for one in images if one.kept or (one.dropped and one.dropped.stage == "review")]
    items = board_items(offered, frames, tools.production, lambda image: image.uri)
    kept = [image.image_id for image in images if image.kept]
    read = tools.objects.get
    return {
        **reading.report_parts(read(tools.run_root / "report.html").decode()),
        "result of the step": {"approved": told["pictures"], "drawn": told["panels"]},
        "card.json": reading.card_figures(json.loads(read(dataset / "card.json"))),
        "README.md": reading.readme_figures(read(dataset / "README.md").decode()),
        "lineage.csv": reading.lineage_figures(read(dataset / "lineage.csv")),
        "train.jsonl": reading.layout_figures(read(dataset / "train.jsonl")),
        "terminal": reading.terminal_figures(summarize(facts)),
        "board": reading.board_figures(items, kept),
        "diff": reading.diff_figures(read(tools.run_root / PAGE).decode()),
    }


def pictures_of_run(tools: ToolBox) -> list[ImageRecord]:
    """One picture of every rare case, and twenty that everybody likes."""
    images = [stored_image(tools, 40 + n, one) for n, one in enumerate(rare_pictures())]
    return images + [stored_image(tools, k) for k in range(10, 30)]


def written(tools, images, frames, panels) -> RunManifests:
    def commit(name, kind, records):
        return tools.manifests.commit(tools.run_root / name, kind, "digest", records)

    reviewed = commit("review/images.jsonl", "images", images)
    announce_dataset(tools, publish_dataset(tools, reviewed))
    usable = [FrameDetections(frame=one) for one in frames if one.dropped is None]
    return RunManifests(
        frames=(commit("frames.jsonl", "frames", frames),),
        detections=(commit("detections.jsonl", "detections", usable),),
        images=reviewed,
        panels=commit("storyboard/panels.jsonl", "panels", panels),
    )


@pytest.fixture
def tools(studio: Studio) -> ToolBox:
    approved_run(studio.tools("run-1", production=tiny_production(studio)), range(15, 35))
    return started(studio.tools("run-2", production=tiny_production(studio)))


def test_all_pages_of_a_run_show_the_same_numbers(tools):
    pages = pages_of(tools)
    assert reading.disagreements(pages) == {}
    assert reading.shown_once(pages) <= ALONE
    assert pages["terminal"]["distinct"] == 27
    assert pages["report: review"] == {"approvals": 23, "rejections": 1}
    assert pages["card.json"]["approved"] == 22, "one approved picture has a caption of no use"
