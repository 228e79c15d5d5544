"""Edit decision lists, read by a second reader and by OpenTimelineIO's."""

import opentimelineio as otio
import pytest

from storyboard_ops.core.storyboard.board import arrange_board
from storyboard_ops.core.storyboard.editorial.cut import cut_board
from storyboard_ops.core.storyboard.editorial.edl import edit_decision_lists
from storyboard_ops.domain.storyboard.frame_rate import FRAME_RATES
from tests.material.editorial_board import SPEECHES, editorial_cut, editorial_panels
from tests.material.factories import panel
from tests.reading.edl_reading import read_list


def only_list(cut):
    (text,) = edit_decision_lists(cut)
    return read_list(text)


def test_an_event_says_all_of_a_panel():
    lines = edit_decision_lists(editorial_cut())[0].splitlines()
    assert lines[:3] == ['TITLE: Keepers & "Lanterns" <灯台>', "FCM: NON-DROP FRAME", ""]
    assert lines[3:11] == [
        "001  01010010 V     C        00:00:00:00 00:00:02:12 01:00:00:00 01:00:02:12",
        "* FROM CLIP NAME: 01-010-010.png",
        "* SOURCE FILE: panels/01-010-010.png",
        "* PANEL: 01-010-010",
        "* SCENE: EXT. QUAY - DUSK",
        '* LOC: 01:00:00:00 GREEN   01-010-010 MIRA: He said: "Now & never" <always>.',
        '* COMMENT: MIRA: He said: "Now & never" <always>.',
        "* COMMENT: Panel 1: Mira & Bram hold the 'lantern' <high>.",
    ]


def test_a_panel_without_a_picture_is_black_for_its_time():
    failed = only_list(editorial_cut()).events[7]
    assert (failed.reel, failed.said("FROM CLIP NAME")) == ("BL", ["03-010-020"])
    assert failed.said("SOURCE FILE") == []
    assert failed.said("COMMENT")[-1] == "Not drawn: The model refused the prompt."


@pytest.mark.parametrize(
    ("rate", "mode", "second", "end"),
    [
        ("23.976", "NON-DROP FRAME", "01:00:02:12", "01:01:34:08"),
        ("24", "NON-DROP FRAME", "01:00:02:12", "01:01:34:11"),
        ("25", "NON-DROP FRAME", "01:00:02:13", "01:01:34:11"),
        ("29.97df", "DROP FRAME", "01:00:02;15", "01:01:34;12"),
        ("60", "NON-DROP FRAME", "01:00:02:30", "01:01:34:26"),
    ],
)
def test_record_times_follow_each_other(rate, mode, second, end):
    read = only_list(editorial_cut(rate))
    assert read.mode == mode
    records = [event.record for event in read.events]
    assert records[0][1] == second
    assert [start for start, _ in records[1:]] == [end for _, end in records[:-1]]
    assert records[-1][1] == end


def test_drop_frame_labels_are_left_out_at_the_minute_but_not_at_the_tenth():
    panels = [panel(n, seconds=60) for n in range(1, 11)]
    cut = cut_board(arrange_board(panels, FRAME_RATES["29.97df"]), "x", "01:00:00:00")
    records = [event.record[1] for event in only_list(cut).events]
    # 60 s are 1798.2 frames: 01:00:59;28 is frame 1798, and 17982 is the tenth minute.
    assert records[0] == "01:00:59;28"
    # 3596.4 frames are two minutes less two labels: 01:02:00;00 and ;01 do not exist.
    assert records[1] == "01:01:59;28"
    assert records[9] == "01:10:00;00"


def test_two_hours_at_23_976():
    panels = [panel(n, seconds=30) for n in range(1, 241)]
    cut = cut_board(arrange_board(panels, FRAME_RATES["23.976"]), "x", "01:00:00:00")
    assert cut.frames == 172_627
    assert only_list(cut).events[-1].record[1] == "02:59:52:19"


def test_text_stays_in_its_line():
    """A speech that looks like an event makes none."""
    events = only_list(editorial_cut()).events
    assert len(events) == 36
    assert events[25].said("COMMENT")[0] == "VOICE (O.S.): 001  BL V C 00:00:00:00"
    assert events[9].said("COMMENT")[0] == "ミラ: 灯りを「消さないで」。"
    assert events[9].said("LOC")[0].endswith("ミラ: 灯りを「消さないで」。 / 急いで!")
    assert events[12].said("COMMENT")[0] == "PIP: (softly) Hoo 🦉🌊!"
    assert len(SPEECHES) == 5


def test_long_boards_go_on_in_further_lists():
    panels = [panel(n, seconds=1) for n in range(1, 2_001)]
    lists = edit_decision_lists(cut_board(arrange_board(panels), "Long", "01:00:00:00"))
    read = [read_list(text) for text in lists]
    assert [len(one.events) for one in read] == [999, 999, 2]
    assert [one.title for one in read] == ["Long 1 of 3", "Long 2 of 3", "Long 3 of 3"]
    assert [one.events[0].number for one in read] == [1, 1, 1]
    assert read[1].events[0].record[0] == read[0].events[-1].record[1] == "01:16:39:00"


@pytest.mark.parametrize("rate", FRAME_RATES)
def test_opentimelineio_reads_the_same(rate):
    cut = editorial_cut(rate)
    (text,) = edit_decision_lists(cut)
    fps = float(cut.frame_rate.exact)
    timeline = otio.adapters.read_from_string(text, "cmx_3600", rate=fps)
    read = list(timeline.find_clips())
    assert [clip.duration().value for clip in read] == [clip.frames for clip in cut.clips]
    assert [clip.metadata["cmx_3600"]["reel"] for clip in read if clip.metadata["cmx_3600"]] == [
        clip.reel if clip.picture else "BL" for clip in cut.clips
    ]
    assert [clip.name for clip in read] == [clip.file_name or clip.name for clip in cut.clips]


def test_reels_are_unique_and_have_eight_characters():
    reels = [event.reel for event in only_list(editorial_cut()).events if event.reel != "BL"]
    assert len(set(reels)) == len(editorial_panels()) - 1
    assert {len(reel) for reel in reels} == {8}
