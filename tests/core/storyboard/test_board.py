"""The order of the board, its numbers and times."""

import pytest

from storyboard_ops.core.storyboard.board import arrange_board
from storyboard_ops.core.storyboard.revisions.earlier_panels import with_numbers
from storyboard_ops.core.text.wording import running_time
from storyboard_ops.domain.storyboard.frame_rate import FRAME_RATES
from tests.material.editorial_board import editorial_board
from tests.material.factories import failed_panel, panel


def test_panels_stand_in_order_and_scenes_are_numbered():
    board = arrange_board([panel(3, "Lamp"), panel(1, "Quay"), failed_panel(2, "Quay")])
    assert [placed.label for placed in board.panels] == [
        *("010-010-010", "010-020-010", "020-010-010")
    ]
    assert [scene.heading for scene in board.scenes] == ["Quay", "Lamp"]
    assert [placed.start_s for placed in board.panels] == [0, 3, 6]
    assert board.seconds == 9
    assert len(board.drawn) == 2


def test_a_place_that_comes_back_is_another_scene():
    board = arrange_board([panel(1, "Quay"), panel(2, "Lamp"), panel(3, "Quay")])
    assert [scene.number for scene in board.scenes] == ["010", "020", "030"]


def test_equal_headings_one_after_another_are_two_scenes_by_their_numbers():
    numbers = {"shot": "010", "panel": "010"}
    panels = [panel(k, "Loft", scene_number=f"{k}A", **numbers) for k in (1, 2)]
    board = arrange_board(panels)
    assert [(scene.number, scene.heading) for scene in board.scenes] == [
        *(("1A", "Loft"), ("2A", "Loft"))
    ]
    assert [placed.label for placed in board.panels] == ["1A-010-010", "2A-010-010"]


def test_panels_of_an_earlier_version_get_numbers_by_position():
    own = [panel(1, "Quay"), panel(2, "Quay"), panel(3, "Lamp"), panel(4, "Quay")]
    others = [one.model_copy(update={"source": "prompts"}) for one in own]
    numbered = with_numbers([*own, *others])
    ids = ["010-010-010", "010-020-010", "020-010-010", "030-010-010"]
    assert [one.panel_id for one in numbered] == ids * 2
    assert with_numbers(numbered[:4]) == numbered[:4]


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


def board_of(seconds, count, rate):
    return arrange_board(
        [panel(n, seconds=seconds) for n in range(1, count + 1)], FRAME_RATES[rate]
    )


@pytest.mark.parametrize(
    ("rate", "seconds", "count", "frames"),
    [
        ("23.976", 3, 2_400, 172_627),  # two hours
        ("24", 3, 2_400, 172_800),
        ("29.97", 3, 2_400, 215_784),
        ("25", 2.5, 4, 250),
        ("24", 0.11, 100, 264),
        ("60", 0.1, 10, 60),
    ],
)
def test_rounding_never_adds_up(rate, seconds, count, frames):
    board = board_of(seconds, count, rate)
    assert board.frames == frames
    assert max(p.frames for p in board.panels) - min(p.frames for p in board.panels) <= 1


def test_every_longer_time_is_the_sum_of_the_frames():
    board = editorial_board("23.976")
    assert board.frames == sum(placed.frames for placed in board.panels)
    assert board.frames == sum(scene.frames for scene in board.scenes)
    assert [placed.start for placed in board.panels[:4]] == [0, 60, 93, 189]
    assert board.panels[-1].start + board.panels[-1].frames == board.frames
    assert board.seconds == board.frames * 1001 / 24000


def test_frames_decide_where_they_are_given():
    panels = [panel(1, seconds=2.5), panel(2, seconds=9, frames=31), panel(3, seconds=2.5)]
    board = arrange_board(panels, FRAME_RATES["25"])
    assert [placed.frames for placed in board.panels] == [63, 31, 62]


def test_no_panel_is_shorter_than_a_frame_nor_takes_from_the_next():
    panels = [panel(n, seconds=0.001) for n in range(1, 30)] + [panel(30, seconds=2)]
    board = arrange_board(panels)
    assert [placed.frames for placed in board.panels] == [1] * 29 + [48]
