"""What a run writes about its panels, measured against the pictures it was trained on."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from storyboard_ops.core.pictures.codec import encode_png
from storyboard_ops.core.storyboard.measured_storyboard import MeasuredStoryboard
from storyboard_ops.domain.dataset.dataset_records import TrainingSet
from storyboard_ops.domain.manifest_codec import sha256_hex
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.measure_consistency import RESULT, measure_consistency
from tests.material import factories
from tests.material.approved_runs import started
from tests.material.film_pictures import approved_picture, cast_at, frame_at
from tests.studio.studio_fixture import Studio

Tools = ToolBox[RunSettings]


@pytest.fixture
def tools(studio: Studio) -> Tools:
    return started(studio.tools(production="paper-lantern"))


def measured(tools: Tools, approved: Iterable[int], drawn: Iterable[int]) -> MeasuredStoryboard:
    """Measure frames of the film as panels, against the pictures of other seconds."""
    images = [
        approved_picture(tools, second, one) for second in approved for one in cast_at(second)
    ]
    root = tools.run_root
    ref = tools.manifests.commit(root / "review/images.jsonl", "images", "d", images)
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
    found = measured(tools, (9, 13, 17, 21, 23, 28, 32, 34, 44, 48, 52), drawn=(7, 30))
    assert found.without_likeness == {}
    assert found.figures.likeness is not None and found.figures.likeness.mean > 0.5
    assert found.summary.startswith(f"Likeness {found.figures.likeness.mean:.2f} (95 % interval")
    assert {line.what for line in found.check.lines} >= {"Likeness with the characters painted out"}
