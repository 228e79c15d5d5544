"""Of a changed script exactly what changed is drawn again: by the pictures and by the bill."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from storyboard_ops.domain.image_records import Panel
from storyboard_ops.domain.manifest_codec import ManifestRef, sha256_hex
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.production_sheet import ScriptScene
from storyboard_ops.domain.storyboard.board_revision import BoardRevision
from storyboard_ops.domain.storyboard.panel_card import PanelCard
from storyboard_ops.domain.training.model_facts import TrainedModel
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.bedrock.draw_from_prompts import BedrockPromptPainter
from storyboard_ops.steps.storyboard.board.revise_board import last_revision
from tests.material import factories
from tests.studio.endpoint_fixture import FAST, running_endpoint
from tests.studio.studio_fixture import Studio

NO_MODEL = TrainedModel(
    panels_from="prompts", job_arn="", job_name="", model_arn="", base_model_id="", images_seen=0
)
SCRIPT = (
    ("EXT. HARBOUR - DAY", ("Mira walks along the quay.",)),
    ("INT. LOFT - NIGHT", ("The lamp flickers.", "Mira lifts the lamp.", "Bram sleeps.")),
    ("EXT. SEA - DAWN", ("Waves.",)),
)
#: With three more, eight panels.
LONGER = (*SCRIPT, ("EXT. HILL", ("Pip flies.", "Clouds.", "The sun sets.")))


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory) -> Iterator[Studio]:
    with running_endpoint(tmp_path_factory.mktemp("redrawn") / "data", FAST) as running:
        yield Studio.opened(running)


@pytest.fixture
def studio(endpoint: Studio) -> Studio:
    """A bucket of its own."""
    return Studio.opened(endpoint.endpoint)


def scenes_of(*script: tuple[str, tuple[str, ...]]) -> tuple[ScriptScene, ...]:
    return tuple(
        ScriptScene(scene=heading, panels=tuple(PanelCard(description=one) for one in panels))
        for heading, panels in script
    )


def opened(studio: Studio, run: str, scenes: tuple[ScriptScene, ...], **params: Any) -> ToolBox:
    tools = studio.tools(run, panel_width=512, panel_height=320, **params)
    sheet = factories.production().model_copy(update={"storyboard": scenes})
    tools.write_record("production.json", sheet)
    return tools


def draw(tools: ToolBox) -> tuple[Panel, ...]:
    ref = BedrockPromptPainter(tools).start(NO_MODEL, None)
    assert isinstance(ref, ManifestRef)
    return tools.manifests.read(ref, Panel, "panels").records


def calls(studio: Studio) -> float:
    """Pictures on the endpoint's bill."""
    lines = studio.endpoint.admin("GET", "bill")["lines"]
    return sum(line["quantity"] for line in lines if line["unit"] == "drawn_image")


def bytes_of(tools: ToolBox, panels: tuple[Panel, ...]) -> dict[str, str]:
    """SHA-256 of each picture as stored, by the panel's id."""
    return {one.panel_id: sha256_hex(tools.objects.get(S3Uri.parse(one.uri))) for one in panels}


def changed(kind: str) -> tuple[ScriptScene, ...]:
    harbour, loft, sea = SCRIPT
    a, b, c = loft[1]
    return {
        "insert": scenes_of(harbour, (loft[0], (a, b, "A moth circles.", c)), sea),
        "delete": scenes_of(harbour, (loft[0], (a, c)), sea),
        "move": scenes_of(sea, (loft[0], (c, a, b)), harbour),
        "edit": scenes_of(harbour, (loft[0], (a, "Mira lifts the red lamp.", c)), sea),
        "nothing": scenes_of(*SCRIPT),
        "scene": scenes_of(harbour, ("INT. LOFT - NIGHT", ("Rain.",)), loft, sea),
    }[kind]


@pytest.mark.parametrize(
    ("kind", "bought", "told"),
    [
        ("insert", 1, {"new": ("020-020A-010",)}),
        ("delete", 0, {"omitted_now": ("020-020-010",)}),
        ("move", 0, {}),
        ("edit", 1, {"changed": ("020-020-010",)}),
        ("scene", 1, {"new": ("010A-010-010",)}),
    ],
)
def test_exactly_what_changed_is_drawn_again(
    studio: Studio, kind: str, bought: int, told: dict[str, tuple[str, ...]]
) -> None:
    first = opened(studio, "first", scenes_of(*SCRIPT))
    before = bytes_of(first, draw(first))
    on_the_bill = calls(studio)
    second = opened(studio, "second", changed(kind))
    panels = draw(second)
    after = bytes_of(second, panels)
    assert calls(studio) - on_the_bill == bought
    assert sum(usage.amount for usage in second.booked()) == bought
    drawn_now = {one.panel_id for one in panels if not one.drawn_by}
    assert drawn_now == {*told.get("new", ()), *told.get("changed", ())}
    assert {name: sha for name, sha in after.items() if name not in drawn_now} == {
        name: sha for name, sha in before.items() if name in after and name not in drawn_now
    }
    assert {one.drawn_by for one in panels} - {""} == {"first"}
    kept = last_revision(second, second.workspace.board("lantern-keepers", "main"))
    assert kept is not None
    assert (kept.version, kept.colour) == (2, "blue")
    for field in ("new", "changed", "omitted_now"):
        assert getattr(kept, field) == told.get(field, ())
    assert bool(kept.moved) == (kind == "move")


def test_the_same_script_is_the_same_version_and_costs_nothing(studio: Studio) -> None:
    first = opened(studio, "first", scenes_of(*SCRIPT))
    before = bytes_of(first, draw(first))
    on_the_bill = calls(studio)
    again = opened(studio, "again", changed("nothing"))
    assert bytes_of(again, draw(again)) == before
    assert calls(studio) == on_the_bill
    versions = [
        one.uri.name for one in again.objects.list(again.workspace.board("lantern-keepers", "main"))
    ]
    assert versions == ["0001.json"]
    assert again.read_record("storyboard/board.json", BoardRevision).run_key == "first"


def test_a_task_that_is_killed_after_five_of_eight_panels_buys_three_more(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    tools, drawn = opened(studio, "killed", scenes_of(*LONGER)), 0
    client = studio.endpoint.in_region("us-west-2").client("bedrock-runtime")

    def count(**_: Any) -> None:
        nonlocal drawn
        if drawn == 5:
            raise Killed
        drawn += 1

    client.meta.events.register("before-send.bedrock-runtime.InvokeModel", count)
    mortal = replace(tools, clients=lambda name, *region: client if region else studio.client(name))
    before = calls(studio)
    with pytest.raises(Killed):
        draw(mortal)
    assert calls(studio) - before == 5
    panels = draw(opened(studio, "killed", scenes_of(*LONGER)))
    assert calls(studio) - before == 8
    assert not any(panel.failure or panel.drawn_by for panel in panels)
    assert sum(usage.amount for usage in tools.booked()) == 8


def test_lengths_and_speeches_change_no_picture(studio: Studio) -> None:
    scenes = scenes_of(*SCRIPT)
    draw(opened(studio, "first", scenes))
    before = calls(studio)
    card = scenes[0].panels[0].model_copy(update={"seconds": 7.0, "sound": "gulls"})
    told = scenes[0].model_copy(update={"panels": (card, *scenes[0].panels[1:])})
    panels = draw(opened(studio, "second", (told, *scenes[1:])))
    assert calls(studio) == before
    assert (panels[0].seconds, panels[0].sound, panels[0].drawn_by) == (7.0, "gulls", "first")


def test_a_picture_that_was_deleted_or_replaced_is_drawn_again(studio: Studio) -> None:
    first = opened(studio, "first", scenes_of(*SCRIPT))
    panels = draw(first)
    first.objects.delete([S3Uri.parse(panels[0].uri)])
    first.objects.put(S3Uri.parse(panels[1].uri), b"another picture")
    before = calls(studio)
    again = draw(opened(studio, "second", scenes_of(*SCRIPT)))
    assert calls(studio) - before == 2
    assert [one.drawn_by for one in again] == ["", "", *["first"] * 3]
    assert [one.sha256 for one in again] == [one.sha256 for one in panels]


def test_candidates_are_drawn_where_the_parameter_asks_for_them(studio: Studio) -> None:
    before = calls(studio)
    tools = opened(studio, "three", scenes_of(SCRIPT[2]), candidates=3)
    panels = draw(tools)
    assert calls(studio) - before == 3
    for panel in panels:
        assert [one.seed - panel.seed for one in panel.candidates] == [0, 1, 2]
        assert len({one.sha256 for one in panel.candidates}) == 3
    two = draw(opened(studio, "two", scenes_of(SCRIPT[2]), candidates=2))
    assert calls(studio) - before == 3, "the first two were drawn"
    assert {one.drawn_by for panel in two for one in panel.candidates} == {"three"}


def test_two_runs_at_once_write_one_version_each(studio: Studio, monkeypatch) -> None:
    one = opened(studio, "one", scenes_of(*SCRIPT))
    other = opened(studio, "other", changed("insert"))
    create, raced = one.objects.create, []

    def late(*args: Any) -> bool:
        if not raced:
            raced.append(draw(other))
        return create(*args)

    monkeypatch.setattr(one.objects, "create", late)
    draw(one)
    place = one.workspace.board("lantern-keepers", "main")
    versions = [one.objects.record(head.uri, BoardRevision) for head in one.objects.list(place)]
    assert [(each.version, each.run_key) for each in versions] == [(1, "other"), (2, "one")]
    assert versions[1].omitted_now == ("020-030-010",)
