"""The order of the board, its numbers and times."""

import pytest

from storyboard_ops.core.storyboard.board import arrange_board
from storyboard_ops.core.text.wording import running_time
from tests.material.factories import failed_panel, panel


def test_panels_stand_in_order_and_scenes_are_numbered():
    board = arrange_board([panel(3, "Lamp"), panel(1, "Quay"), failed_panel(2, "Quay")])
    assert [placed.label for placed in board.panels] == ["1 · 01", "1 · 02", "2 · 03"]
    assert [scene.heading for scene in board.scenes] == ["Quay", "Lamp"]
    assert [placed.start_s for placed in board.panels] == [0, 3, 6]
    assert board.seconds == 9
    assert len(board.drawn) == 2


def test_a_place_that_comes_back_is_another_scene():
    board = arrange_board([panel(1, "Quay"), panel(2, "Lamp"), panel(3, "Quay")])
    assert [scene.number for scene in board.scenes] == [1, 2, 3]


@pytest.mark.parametrize(
    "path", ["panels/scene01_panel01.png", "candidates/draw-1/scene01_panel01_seed7.png"]
)
def test_a_panel_is_referred_to_beside_the_pdf(path):
    uri = f"s3://b/storyboard/runs/r/storyboard/{path}"
    assert arrange_board([panel(1, uri=uri)]).panels[0].file_name == path


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (4.5, "0:05"), (65.2, "1:05"), (3_725, "1:02:05")]
)
def test_running_time(seconds, text):
    assert running_time(seconds) == text
