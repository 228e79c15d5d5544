"""What a run carries on from an earlier board: choices applied, bytes kept, redraws checked."""

from __future__ import annotations

import uuid
from types import SimpleNamespace
from typing import Any

import pytest

from storyboard_ops.domain.error_tree import BadInput, SettingsError
from storyboard_ops.domain.image_records import Panel
from storyboard_ops.domain.manifest_codec import sha256_hex
from storyboard_ops.domain.object_keys import S3Uri, run_key
from storyboard_ops.domain.settings.model import DrawingSettings
from storyboard_ops.domain.storyboard.panel_board import (
    ChoiceBatch,
    PanelBoard,
    PublishRequest,
)
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.choosing.carry import (
    carried_board,
    carried_script,
    complete_board,
)
from storyboard_ops.steps.storyboard.choosing.desk import PanelDesk, open_panel_desk
from storyboard_ops.steps.storyboard.choosing.layout import lay_out_panels
from storyboard_ops.steps.storyboard.painters import painter_of
from tests.fakes.memory_bucket import MemoryBucket
from tests.material import factories, reports
from tests.material.drawn.boards import draw_board

HERE = SimpleNamespace(region_name="us-east-1")
FIRST, SECOND, THIRD = "010-010-010", "010-020-010", "020-010-010"


@pytest.fixture
def earlier() -> ToolBox[Any]:
    """A run with a board of three panels, three candidates each."""
    clients = {"s3": MemoryBucket(), "bedrock": SimpleNamespace(meta=HERE)}
    tools = ToolBox("run-1", factories.settings(), clients.__getitem__)
    draw_board(tools, approved=1)
    return tools


def later(earlier: ToolBox[Any], key: str = "run-2", **params: Any) -> ToolBox[Any]:
    """A run that publishes the board again."""
    settings = DrawingSettings(
        **{"workspace": earlier.settings.workspace, "from_run": "run-1", **params}
    )
    tools = ToolBox(key, settings, earlier.clients)
    tools.write_record("production.json", earlier.production)
    tools.write_record("model/model.json", reports.customized_model())
    return tools


def want(desk: PanelDesk, person: str, **wanted: Any) -> None:
    known = desk.state().panels.get(wanted["panel_id"])
    choice = {"based_on": known.version if known else 0, **wanted}
    batch = {"id": str(uuid.uuid4()), "choices": [choice]}
    desk.save(person, ChoiceBatch.model_validate(batch))


def choose(earlier: ToolBox[Any], person: str, panel: str, place: int) -> str:
    desk = open_panel_desk(earlier)
    digest = desk.board.by_key[panel].candidates[place - 1].sha256
    want(desk, person, panel_id=panel, decision="choose", candidate=digest)
    return digest


def published(tools: ToolBox[Any]) -> dict[str, Panel]:
    """What the run shows when nothing is drawn again."""
    model = reports.customized_model()
    ref = painter_of(tools, model).start(model, None)
    return {panel.key: panel for panel in tools.manifests.read(ref, Panel, "panels").records}


def test_a_run_that_draws_nothing_shows_what_was_chosen_and_says_by_whom(earlier):
    before = open_panel_desk(earlier).board.by_key
    chosen = choose(earlier, "ana", FIRST, 3)
    tools = later(earlier)
    panels = published(tools)
    assert [panels[key].sha256 for key in (FIRST, SECOND, THIRD)] == [
        chosen,
        before[SECOND].sha256,
        before[THIRD].sha256,
    ]
    first = panels[FIRST]
    assert first.seed == 9
    assert first.choice is not None
    assert (first.choice.by, first.choice.instead_of) == ("ana", before[FIRST].sha256)
    day = first.choice.at[:10]
    assert first.chosen_because == (
        f"ana chose it on {day} instead of seed 7. It has the highest likeness of 3 candidates: "
        "0.80."
    )
    assert panels[SECOND].choice is None
    for panel in panels.values():
        for one in (panel, *panel.candidates):
            assert one.uri.startswith(str(tools.run_root))
            assert sha256_hex(tools.objects.get(S3Uri.parse(one.uri))) == one.sha256
        assert panel.drawn_by == "run-1"


def test_the_run_that_drew_a_panel_stays_known_through_several_runs(earlier):
    tools = later(earlier)
    tools.write_record("settings.json", tools.settings)
    published(tools)
    lay_out_panels(tools)
    third = later(earlier, "run-3", from_run="run-2")
    assert {panel.drawn_by for panel in published(third).values()} == {"run-1"}


def test_choices_that_come_after_a_run_was_started_are_not_in_it(earlier):
    choose(earlier, "ana", FIRST, 2)
    desk = open_panel_desk(earlier)
    state = desk.state()
    request = PublishRequest(id=str(uuid.uuid4()), based_on=state.version, redraws=0, usd=0)
    run = desk.publish("ana", request).closed.run
    desk.reopen("ben")
    late = choose(earlier, "ben", FIRST, 3)
    assert run.run_key == run_key("draw_storyboard", run.run_id)
    assert published(later(earlier, run.run_key))[FIRST].sha256 != late
    assert published(later(earlier, "by-hand"))[FIRST].sha256 == late


def test_what_is_not_drawn_again_is_copied_and_what_fails_keeps_its_picture(earlier):
    before = open_panel_desk(earlier).board.by_key
    tools = later(earlier, redraw=[{"panel_id": FIRST}, {"panel_id": SECOND, "note": "Darker."}])
    new = before[FIRST].model_copy(update={"sha256": "f" * 64, "uri": "s3://new"})
    gap = before[SECOND].model_copy(update={"uri": "", "failure": "It was filtered."})
    first, second, third = complete_board(tools, [new, gap])
    assert first == new
    assert (second.sha256, second.failure) == (before[SECOND].sha256, "")
    assert second.notes == (
        "Drawing it again failed, so it shows the earlier picture: It was filtered.",
    )
    assert (third.sha256, third.drawn_by) == (before[THIRD].sha256, "run-1")


def test_a_picture_that_was_deleted_since_leaves_a_gap_with_the_reason(earlier):
    tools = later(earlier)
    gone = open_panel_desk(earlier).board.by_key[SECOND]
    earlier.objects.delete([S3Uri.parse(gone.uri)])
    panels = published(tools)
    assert "was deleted, so this panel has no picture any more" in panels[SECOND].failure
    assert (panels[SECOND].uri, panels[FIRST].failure) == ("", "")


def test_a_redraw_without_a_seed_goes_on_after_those_that_were_drawn(earlier):
    wanted = [{"panel_id": FIRST, "note": "Darker."}, {"panel_id": SECOND, "seed": 5}]
    carried = carried_board(later(earlier, redraw=wanted))
    assert carried is not None
    assert {key: one.seed for key, one in carried.redraws.items()} == {FIRST: 10, SECOND: 5}


def test_the_script_is_that_of_the_earlier_board(earlier):
    other = factories.production(
        storyboard=[{"scene": "X", "panels": [{"description": "Something else."}]}]
    )
    script = carried_script(later(earlier), other)
    assert script is not None
    assert script.storyboard == earlier.production.storyboard
    assert carried_script(later(earlier, from_run=""), other) is None


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"redraw": [{"panel_id": "panel-009"}]}, "no panel 'panel-009'. It has 3 panels"),
        ({"redraw": [{"panel_id": FIRST}] * 2}, "more than once"),
        ({"redraw": [{"panel_id": FIRST, "seed": 8}]}, "seed 8 would draw a picture that"),
        (
            {"redraw": [{"panel_id": FIRST, "reference": "s3://studio/library/x.png"}]},
            "cannot be shown a reference picture",
        ),
        ({"script": "s3://studio/scripts/x.txt"}, "cannot be set with 'from_run'"),
        ({"panels": ["Mira."]}, "cannot be set with 'from_run'"),
        ({"from_run": "run-2"}, "names this run itself"),
    ],
)
def test_what_cannot_be_carried_on_is_named_before_anything_is_paid(earlier, params, message):
    tools = later(earlier, **params)
    tools.write_record("settings.json", tools.settings)
    with pytest.raises(SettingsError, match=message):
        carried_script(tools, earlier.production)


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("s3://elsewhere/secret.png", "is not a picture in"),
        ("{root}/library/gone.png", "does not exist any more"),
    ],
)
def test_only_pictures_of_the_workspace_are_shown_to_a_model(earlier, reference, message):
    taking = reports.customized_model().model_copy(
        update={"trainer": "sagemaker", "base_model_id": "flux2-klein-base-4b"}
    )
    earlier.write_record("model/model.json", taking)
    uri = reference.format(root=earlier.workspace.root)
    tools = later(earlier, redraw=[{"panel_id": FIRST, "reference": uri}])
    with pytest.raises(SettingsError, match=message):
        carried_board(tools)


def test_a_run_that_does_not_exist_is_refused_with_the_names_of_some(earlier):
    tools = later(earlier, from_run="run-7")
    earlier.clients("s3").head_bucket = lambda **_: {}
    with pytest.raises(BadInput, match="There is no run 'run-7'"):
        carried_board(tools)


def test_the_new_board_remembers_what_panels_showed_before_and_the_approved_pictures(earlier):
    before = open_panel_desk(earlier).board.by_key[FIRST].sha256
    choose(earlier, "ana", FIRST, 3)
    tools = later(earlier)
    tools.write_record("settings.json", tools.settings)
    published(tools)
    board = lay_out_panels(tools)
    assert isinstance(board, PanelBoard)
    (one,) = board.earlier
    assert (one.panel_id, one.run_key, one.sha256) == (FIRST, "run-1", before)
    assert [picture.approved for picture in board.references].count(True) == 1
