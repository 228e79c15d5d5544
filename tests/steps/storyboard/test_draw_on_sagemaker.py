"""Drawing by SageMaker: one job, several candidates a panel, and gaps that have a reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from storyboard_ops.core.pictures.codec import encode_png
from storyboard_ops.core.storyboard.panel_seeds import panel_seeds
from storyboard_ops.domain.error_tree import BatchFailed, JobFailed
from storyboard_ops.domain.image_records import Panel
from storyboard_ops.domain.manifest_codec import ManifestRef, sha256_hex
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.training.model_facts import TrainedModel, Wait
from storyboard_ops.steps.release.release_resources import confirm_released, release_everything
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.compare_panels import find_compared
from storyboard_ops.steps.storyboard.drawing_task import DrawingTask, plan_drawing
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


def script(tools: ToolBox, *descriptions: str) -> None:
    """Give a run one scene with these panels."""
    panels = [{"description": one, "characters": []} for one in descriptions]
    sheet = factories.production(storyboard=[{"scene": "EXT. HILL", "panels": panels}])
    tools.write_record("production.json", sheet)


def asked_of(tools: ToolBox, job: str) -> dict[str, int]:
    """How many pictures a job was asked for, by slot."""
    facts = tools.objects.json(tools.run_root / f"storyboard/job/{job}/panels/job.json")
    return {panel["slot"]: len(panel["seeds"]) for panel in facts["panels"]}


def shas_of(panels: tuple[Panel, ...]) -> dict[str, tuple[str, ...]]:
    return {one.panel_id: tuple(each.sha256 for each in one.candidates) for one in panels}


@pytest.mark.parametrize(
    ("changed", "drawn_now"),
    [
        (("Fog.", "Mira runs up the hill.", "A gull.", "Rain."), {"010-020A-010"}),
        pytest.param(("Fog.", "Rain."), set(), marks=pytest.mark.long),
        pytest.param(("Rain.", "Fog.", "Mira runs up the hill."), set(), marks=pytest.mark.long),
        (("Fog.", "Mira runs down the hill.", "Rain."), {"010-020-010"}),
    ],
    ids=["insert", "delete", "move", "edit"],
)
def test_a_job_draws_exactly_what_changed(
    studio: Studio, request: pytest.FixtureRequest, changed: tuple[str, ...], drawn_now: set[str]
) -> None:
    kind = request.node.callspec.id
    params = {"compare_with": [], "board": kind}
    first = open_run(studio, f"{kind}-first", **params)
    script(first, "Fog.", "Mira runs up the hill.", "Rain.")
    model = trained(first)
    before = shas_of(panels_of(first, drawn(first, model)))
    second = open_run(studio, f"{kind}-second", **params)
    script(second, *changed)
    panels = panels_of(second, drawn(second, model))
    assert {one.panel_id for one in panels if not one.drawn_by} == drawn_now
    assert {one.drawn_by for one in panels} - {""} == {first.run_key}
    jobs = names_of(studio, second)
    asked = [asked_of(second, job) for job in jobs]
    assert asked == [{f"{one}_trained": 2} for one in drawn_now], "none where nothing is left"
    after = shas_of(panels)
    assert {name: shas for name, shas in after.items() if name not in drawn_now} == {
        name: shas for name, shas in before.items() if name in after and name not in drawn_now
    }
    for panel in panels:
        assert all(one.uri.startswith(str(second.run_root)) for one in panel.candidates)


def test_more_candidates_and_other_sources_are_drawn_and_no_more(studio: Studio) -> None:
    first = open_run(studio, "more-first", candidates=1, compare_with=[], board="more")
    script(first, "Fog.", "Rain.")
    model = trained(first)
    drawn(first, model)
    second = open_run(studio, "more-second", candidates=3, board="more")
    script(second, "Fog.", "Rain.")
    panels = panels_of(second, drawn(second, model))
    [job] = names_of(studio, second)
    assert asked_of(second, job) == {
        "010-010-010_trained": 2, "010-020-010_trained": 2,
        "010-010-010_prompts": 1, "010-020-010_prompts": 1,
    }  # fmt: skip
    assert [[one.drawn_by for one in panel.candidates] for panel in panels] == [
        ["more-first", "", ""]
    ] * 2


def test_what_a_failed_job_has_drawn_is_kept_and_the_next_draws_the_rest(studio: Studio) -> None:
    tools = open_run(studio, "crashed", compare_with=[], board="crashed")
    script(tools, "Fog.", "Rain.", "The machine CRASHES.")
    model = trained(tools)
    with pytest.raises(JobFailed):
        drawn(tools, model)
    [failed] = names_of(studio, tools)
    panels = panels_of(tools, drawn(tools, model))
    assert not any(panel.failure or panel.drawn_by for panel in panels)
    [rest] = set(names_of(studio, tools)) - {failed}
    assert asked_of(tools, rest) == {"010-030-010_trained": 2}


def test_a_running_job_is_adopted_although_another_run_has_drawn_meanwhile(
    studio: Studio,
) -> None:
    tools, other = (open_run(studio, f"meanwhile-{k}", board="same") for k in (1, 2))
    for run in (tools, other):
        script(run, "Fog.", "Rain.")
    model = trained(other)
    wait = painter_of(tools, model).start(model, None)
    assert isinstance(wait, Wait)
    drawn(other, model)
    whole = DrawingTask(tools, model)
    assert plan_drawing(whole, lambda name: True).facts == whole.was_given(wait.name)
    assert plan_drawing(whole, lambda name: False).left == []
    panels = panels_of(tools, drawn(tools, model))
    assert not any(panel.failure for panel in panels)
    assert names_of(studio, tools) == [wait.name]
