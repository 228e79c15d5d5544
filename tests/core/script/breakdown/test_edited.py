"""What people make of a scene: numbers in order, and no line that is nowhere."""

from storyboard_ops.core.script.breakdown.drafts import plain_drafts
from storyboard_ops.core.script.breakdown.edited import (
    edited,
    numbered,
    unassigned,
    unknown_lines,
)
from storyboard_ops.core.script.scene_text import read_script_text
from storyboard_ops.domain.script_record import OmittedLine
from storyboard_ops.domain.storyboard.breakdown import Breakdown, SceneContent
from storyboard_ops.domain.storyboard.panel_card import PanelCard
from tests.material import factories

TEXT = "INT. A\n\nMira runs.\n\nMIRA\nI run.\n\nPip waits.\n"
SCRIPT = read_script_text(TEXT, "a")
(SCENE,) = plain_drafts(SCRIPT, factories.production().characters, 24)


def cards(*numbers, **more):
    return tuple(PanelCard(description="x", shot=shot, **more) for shot in numbers)


def test_a_shot_goes_on_while_its_number_stays():
    panels = numbered(cards("010", "010", "", "030", "010"))
    assert [(one.shot, one.panel) for one in panels] == [
        ("010", "010"),
        ("010", "020"),
        ("", ""),
        ("030", "010"),
        ("040", "010"),
    ]


def test_locked_numbers_stay():
    locked = PanelCard(description="x", shot="015A", panel="010", locked=True)
    first, second = numbered((*cards("010"), locked))
    assert (first.shot, second.shot, second.panel) == ("010", "015A", "010")


def test_lines_in_no_panel_are_left_out_by_name():
    content = SceneContent(panels=(PanelCard(description="x", lines=(3,)),))
    assert unassigned(SCENE, content) == [5, 6, 8]
    breakdown = Breakdown(
        digest="d", origin="a", script_sha256="s", format="text", mode="people", scenes=(SCENE,)
    )
    (scene,) = edited(breakdown, {SCENE.id: (content, "ana")}).scenes
    assert [(one.line, one.reason) for one in scene.omitted] == [
        (5, "was left out by ana"),
        (6, "was left out by ana"),
        (8, "was left out by ana"),
    ]


def test_a_scene_without_panels_is_on_no_board_and_its_heading_is_listed():
    named = OmittedLine(line=3, kind="action", text="Mira", reason="is cut", lines=(3, 5, 6, 8))
    breakdown = Breakdown(
        digest="d", origin="a", script_sha256="s", format="text", mode="people", scenes=(SCENE,)
    )
    made = edited(breakdown, {SCENE.id: (SceneContent(omitted=(named,)), "ana")})
    assert made.script_scenes == ()
    assert [(one.line, one.reason) for one in made.all_omitted] == [
        (1, "is a scene without a picture"),
        (3, "is cut"),
    ]


def test_lines_of_another_scene_are_told():
    content = SceneContent(panels=(PanelCard(description="x", lines=(1, 3, 99)),))
    assert unknown_lines(SCENE, content) == [1, 99]
