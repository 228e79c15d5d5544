"""Drawing by SageMaker: one job, several candidates a panel, and gaps that have a reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from storyboard_ops.core.pictures.codec import encode_png
from storyboard_ops.core.storyboard.panel_seeds import panel_seeds
from storyboard_ops.domain.error_tree import BatchFailed
from storyboard_ops.domain.image_records import Panel
from storyboard_ops.domain.manifest_codec import ManifestRef, sha256_hex
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.training.model_facts import TrainedModel
from storyboard_ops.steps.release.release_resources import confirm_released, release_everything
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.compare_panels import find_compared
from storyboard_ops.steps.storyboard.painters import painter_of
from storyboard_ops.steps.training.model_files import read_model
from storyboard_ops.steps.training.open_model import find_weights
from storyboard_ops.steps.training.trainers import trainer_of
from tests.material import factories
from tests.studio.studio_fixture import Studio
from tests.studio.trainers.open_training import (
    Killed,
    dying,
    job_names,
    open_run,
    open_studio,
    published_set,
    until,
)

pytestmark = pytest.mark.usefixtures("small_program")


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    with open_studio() as opened:
        yield opened


def trained(tools: ToolBox) -> TrainedModel:
    """A model as a training job leaves it."""
    folder = tools.run_root / "model/output/job/output/model"
    facts = b'{"chosen_step": 250, "base": {"id": "small-flow", "name": "small"}}'
    for name, body in (("training.json", facts), ("model.safetensors", b"weights")):
        tools.objects.put(folder / name, body)
    return read_model(tools, folder)


def drawn(tools: ToolBox, model: TrainedModel) -> ManifestRef:
    painter = painter_of(tools, model)
    started = painter.start(model, None)
    if isinstance(started, ManifestRef):
        return started
    return until(lambda: painter.finish(model, started.name))


def panels_of(tools: ToolBox, ref: ManifestRef) -> tuple[Panel, ...]:
    return tools.manifests.read(ref, Panel, "panels").records


def names_of(studio: Studio, tools: ToolBox) -> list[str]:
    return [name for name in job_names(studio, "processing") if f"-{tools.run_key}-" in name]


def test_every_panel_has_candidates_with_seeds_that_follow_each_other(studio: Studio) -> None:
    tools = open_run(studio, "candidates", candidates=2, seed=7)
    model = trained(tools)
    panels = panels_of(tools, drawn(tools, model))
    assert [panel.panel_id for panel in panels] == ["010-010-010", "010-020-010", "020-010-010"]
    assert [[one.seed for one in panel.candidates] for panel in panels] == [
        panel_seeds(7, panel.panel_id, 2) for panel in panels
    ]
    for panel in panels:
        assert panel.model_arn == model.model_arn
        assert (panel.seed, panel.uri) == (panel.candidates[0].seed, panel.candidates[0].uri)
        for one in panel.candidates:
            assert sha256_hex(tools.objects.get(S3Uri.parse(one.uri))) == one.sha256
    other = panels[0].showing(panels[0].candidates[1])
    second = panels[0].candidates[1]
    assert (other.seed, other.sha256) == (second.seed, second.sha256)


def test_whatever_is_repeated_there_is_one_job_and_it_ends(studio: Studio) -> None:
    tools = open_run(studio, "once")
    model = trained(tools)
    first = drawn(tools, model)
    assert drawn(tools, model) == first
    assert len(names_of(studio, tools)) == 1
    receipt = release_everything(tools)
    assert [line.kind for line in receipt.resources] == ["drawing job"]
    assert receipt.still_billing == ()
    confirm_released(tools)


def test_a_panel_that_fails_keeps_its_place_with_the_reason(studio: Studio) -> None:
    tools = open_run(studio, "gap", max_lost_share=0.5)
    script = [
        {"scene": "EXT. HILL", "panels": [
            {"description": "Mira waves.", "characters": ["mira"]},
            {"description": "It FAILS.", "characters": ["mira"]},
        ]}
    ]  # fmt: skip
    tools.write_record("production.json", factories.production(storyboard=script))
    good, gap = panels_of(tools, drawn(tools, trained(tools)))
    assert (len(good.candidates), good.failure) == (2, "")
    assert (gap.uri, gap.candidates, gap.failure) == ("", (), "the panel was made to fail")
    strict = replace(tools, settings=tools.settings.model_copy(update={"max_lost_share": 0.1}))
    with pytest.raises(BatchFailed, match="1 of 2 panels could not be drawn"):
        tools.objects.delete([tools.run_root / "storyboard/panels.jsonl"])
        drawn(strict, trained(tools))


def test_the_same_job_draws_what_the_panels_are_compared_with(studio: Studio) -> None:
    tools = open_run(studio, "compared", candidates=2, seed=7)
    shown = drawn(tools, trained(tools))
    compared = find_compared(tools, shown)
    # The small model takes no reference pictures, so only prompts alone are left to compare.
    own = panels_of(tools, shown)
    assert [(panel.source, panel.seed) for panel in compared] == [
        ("prompts", panel.candidates[0].seed) for panel in own
    ]
    assert [panel.source for panel in own] == ["trained"] * 3
    assert [panel.prompt for panel in compared] == [panel.prompt for panel in own]
    assert {panel.sha256 for panel in compared}.isdisjoint(panel.sha256 for panel in own)
    assert len(names_of(studio, tools)) == 1


def test_nothing_is_compared_unless_it_is_asked_for(studio: Studio) -> None:
    tools = open_run(studio, "alone", compare_with=[])
    shown = drawn(tools, trained(tools))
    assert find_compared(tools, shown) == ()
    [job] = names_of(studio, tools)
    folder = tools.run_root / f"storyboard/candidates/{job}"
    names = {one.uri.name for one in tools.objects.list(folder)}
    assert not any("prompts" in name for name in names)


def test_reference_pictures_travel_with_the_job(studio: Studio) -> None:
    tools = open_run(
        studio, "shown", open_model="flux2-klein-base-4b", panels_from="references",
        compare_with=["prompts", "trained_references"], candidates=1,
    )  # fmt: skip
    sheet = factories.production()
    pictures = {one.id: encode_png(factories.picture(k)) for k, one in enumerate(sheet.characters)}
    store = tools.workspace.reference
    cast = tuple(
        one.model_copy(update={"references": (tools.objects.put(store(sha256_hex(png)), png),)})
        for one, png in zip(sheet.characters, pictures.values(), strict=True)
    )
    tools.write_record("production.json", sheet.model_copy(update={"characters": cast}))
    tools.objects.put(find_weights(tools) / "model_index.json", b"weights")
    model = trainer_of(tools).start(published_set(tools))
    shown = drawn(tools, model)
    own, prompted = panels_of(tools, shown), find_compared(tools, shown)
    assert {panel.source for panel in own} == {"references"}
    assert {panel.source for panel in prompted} == {"prompts"}, "nothing was trained"
    assert {one.sha256 for one in own}.isdisjoint(one.sha256 for one in prompted)
    [job] = names_of(studio, tools)
    copies = tools.objects.list(tools.run_root / f"storyboard/job/{job}/references")
    seen = {tools.objects.get(one.uri) for one in copies}
    assert seen == {pictures[name] for panel in own for name in panel.characters}


@pytest.mark.parametrize("moment", ["before-send", "after-call"])
def test_a_task_killed_at_the_create_call_has_one_job_afterwards(
    studio: Studio, moment: str
) -> None:
    tools = open_run(studio, f"killed-{moment}")
    model = trained(tools)
    with pytest.raises(Killed):
        painter_of(dying(studio, tools, moment, "CreateProcessingJob"), model).start(model, None)
    drawn(tools, model)
    assert len(names_of(studio, tools)) == 1
