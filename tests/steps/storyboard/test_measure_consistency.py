"""What a run writes about its panels, measured against the pictures it was trained on."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest

from storyboard_ops.core.pictures.codec import encode_png
from storyboard_ops.core.storyboard.measured_storyboard import MeasuredStoryboard
from storyboard_ops.domain.dataset.dataset_records import TrainingSet
from storyboard_ops.domain.image_records import Candidate, Panel
from storyboard_ops.domain.manifest_codec import ManifestRef, sha256_hex
from storyboard_ops.domain.money.paid_usage import sum_usages
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.steps.dataset.drop_near_duplicates import drop_near_duplicates
from storyboard_ops.steps.dataset.embedder import PictureEmbedder
from storyboard_ops.steps.report.collect_manifests import collect_manifests
from storyboard_ops.steps.report.write_report import write_report
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.drawn.choose_pictures import choose_pictures
from storyboard_ops.steps.storyboard.measure_consistency import RESULT, measure_consistency
from tests.material import factories
from tests.material.approved_runs import started
from tests.material.film_pictures import Rgb, approved_picture, cast_at, frame_at, painted_out
from tests.studio.studio_fixture import Studio

Tools = ToolBox[RunSettings]

#: Seconds of the film in different shots, of which some are held out.
APPROVED = (9, 13, 17, 21, 23, 28, 32, 34, 44, 48, 52)


@pytest.fixture
def tools(studio: Studio) -> Tools:
    return started(studio.tools(production="paper-lantern"))


def pictures_of(tools: Tools, seconds: Iterable[int]) -> ManifestRef:
    """The manifest of the approved pictures of some seconds of the film."""
    images = [approved_picture(tools, second, one) for second in seconds for one in cast_at(second)]
    return tools.manifests.commit(tools.run_root / "review/images.jsonl", "images", "d", images)


def measured(tools: Tools, approved: Iterable[int], drawn: Iterable[int]) -> MeasuredStoryboard:
    """Measure frames of the film as panels, against the pictures of other seconds."""
    ref = pictures_of(tools, approved)
    root = tools.run_root
    panels = []
    for number, second in enumerate(drawn, start=1):
        png = encode_png(frame_at(second))
        uri = tools.objects.put(root / f"storyboard/{number}.png", png)
        facts = {"uri": uri, "sha256": sha256_hex(png), "characters": cast_at(second)}
        panels.append(factories.panel(number, **facts))
    board = tools.manifests.commit(root / "storyboard/panels.jsonl", "panels", "d", panels)
    measure_consistency(tools, board, TrainingSet.model_construct(images=ref))
    written = tools.read_record(RESULT, MeasuredStoryboard)
    assert written is not None
    return written


def test_without_held_out_pictures_there_is_no_figure_and_the_reason_is_written(
    tools: Tools,
) -> None:
    """All pictures are of two shots, which training needs."""
    found = measured(tools, (9, 10, 11, 13, 14), drawn=(7,))
    assert found.figures.likeness is None
    why = "no picture that shows it alone was held out of training"
    assert found.without_likeness == {"mira": why}
    assert found.summary == f"No figure for likeness. Mira: {why}."
    assert found.check.faults == ("no character has both held-out and training pictures",)
    [sighting] = found.figures.sightings
    assert found.nearest["panel 1"]["mira"], "what it may copy is still known"
    assert sighting.copied is False


def test_with_held_out_pictures_likeness_is_measured_and_the_method_checked(tools: Tools) -> None:
    found = measured(tools, APPROVED, drawn=(7, 30))
    assert found.candidates is None, "each panel has one picture"
    assert found.without_likeness == {}
    assert found.figures.likeness is not None and found.figures.likeness.mean > 0.5
    assert found.summary.startswith(f"Likeness {found.figures.likeness.mean:.2f} (95 % interval")
    assert {line.what for line in found.check.lines} >= {"Likeness with the characters painted out"}


def board_of(tools: Tools, *panels: tuple[tuple[str, ...], tuple[Rgb, ...]]) -> ManifestRef:
    """Panels with a cast and candidates, the seeds of which are 7, 8, ...; the first is shown."""
    root, drawn = tools.run_root / "storyboard", []
    for number, (cast, pictures) in enumerate(panels, start=1):
        candidates = []
        for seed, picture in enumerate(pictures, start=7):
            png = encode_png(picture)
            uri = tools.objects.put(root / f"candidates/{number}_{seed}.png", png)
            candidates.append(Candidate(seed=seed, uri=uri, sha256=sha256_hex(png)))
        panel = factories.panel(number, characters=cast, candidates=tuple(candidates))
        drawn.append(panel.showing(candidates[0]) if candidates else panel)
    return tools.manifests.commit(root / "panels.jsonl", "panels", "d", drawn)


def test_of_candidates_the_one_that_is_most_like_its_characters_is_shown(tools: Tools) -> None:
    dataset = TrainingSet.model_construct(images=pictures_of(tools, APPROVED))
    mira, pell = cast_at(7), cast_at(30)
    drawn = board_of(
        tools,
        (mira, (painted_out(7), frame_at(7))),
        (pell, (frame_at(30), painted_out(30), frame_at(7))),
        ((), (frame_at(7), painted_out(7))),
    )
    assert collect_manifests(tools, "", "").panels == drawn, "nothing has measured them yet"
    found = measure_consistency(tools, drawn, dataset)

    shown = collect_manifests(tools, "", "").panels
    assert shown is not None
    panels = tools.manifests.read(shown, Panel, "panels").records
    assert [panel.seed for panel in panels] == [8, 7, 8]
    for panel in panels:
        [own] = [one for one in panel.candidates if one.seed == panel.seed]
        assert (panel.uri, panel.sha256) == (own.uri, own.sha256)
    assert panels[0].chosen_because.startswith("Of 2 candidates it has the right characters")
    assert panels[0].cast_found == mira
    assert [panel.marks for panel in panels] == [()] * 3
    assert panels[0].candidates[0].likeness == 0, "a character that is not found counts 0"
    assert panels[2].chosen_because == "Of 2 candidates it has the right characters."

    assert found.candidates is not None
    best, of_all = found.figures.likeness, found.candidates.likeness
    assert best is not None and of_all is not None
    assert best.mean > of_all.mean, "the best of several are better than all"
    assert {one.panel for one in found.figures.sightings} == {"panel 1", "panel 2"}
    assert {one.panel for one in found.candidates.sightings} >= {
        "panel 1, seed 7",
        "panel 2, seed 9",
    }
    assert of_all.panels == 2, "candidates of one panel are one panel"
    assert f"all together have {of_all.mean:.2f}" in found.summary

    write_report(tools, collect_manifests(tools, "", ""))
    timeline = tools.objects.get(tools.run_root / "storyboard/storyboard.otio").decode()
    shown_files = re.findall(r'"target_url": "(.*?)"', timeline)
    assert shown_files == ["candidates/1_8.png", "candidates/2_7.png", "candidates/3_8.png"]

    again = board_of(tools, (mira, (frame_at(7),)))
    assert collect_manifests(tools, "", "").panels == again, "the choice was among other drawings"


def test_without_a_film_the_right_characters_decide_and_wrong_ones_are_marked(
    tools: Tools,
) -> None:
    mira = cast_at(7)
    other = next(one for one in ("mira", "pell", "orso") if one not in mira)
    drawn = board_of(tools, (mira, (painted_out(7), frame_at(7))), ((*mira, other), (frame_at(7),)))
    figures = choose_pictures(tools, drawn)
    shown = collect_manifests(tools, "", "").panels
    assert shown is not None
    right, wrong = tools.manifests.read(shown, Panel, "panels").records
    assert (right.seed, right.cast_found, right.marks) == (8, mira, ())
    assert right.chosen_because.startswith("Of 2 candidates it has the right characters")
    name = tools.production.display_name(other)
    assert wrong.marks == (f"{name} is not in the picture.",)
    assert (figures.planned, figures.drawn, figures.marked) == (2, 1, 1)
    booked = {usage.unit for usage in tools.booked()}
    assert booked == {"input_token", "output_token"}, "nothing is embedded"


def test_an_answer_that_the_run_reuses_is_on_its_receipt_once(studio: Studio) -> None:
    """Measuring needs the embeddings that finding near-duplicates has bought."""

    def billed() -> float:
        bill = studio.endpoint.purchases()
        return sum(line["quantity"] for line in bill if line["unit"] == "image")

    def task() -> Tools:
        return studio.tools("run-1", production="paper-lantern")

    started(task())
    before, pictures = billed(), pictures_of(task(), APPROVED)
    deduplicating = task()
    drop_near_duplicates(deduplicating, pictures, PictureEmbedder(deduplicating))
    bought = billed() - before
    mira = cast_at(7)
    board = board_of(task(), (mira, (painted_out(7), frame_at(7))), (mira, (frame_at(7),)))
    for _ in range(2):  # a task that is repeated
        measure_consistency(task(), board, TrainingSet.model_construct(images=pictures))
        booked = [one for one in sum_usages(task().booked()) if one.unit == "image"]
        assert sum(one.amount for one in booked) == billed() - before
    assert billed() - before > bought > 0, "panels and references were embedded too"
