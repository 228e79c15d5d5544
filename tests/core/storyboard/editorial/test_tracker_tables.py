"""Tables of shots, read back as CSV."""

import csv
import io

from storyboard_ops.core.storyboard.board import arrange_board
from storyboard_ops.core.storyboard.editorial.cut import cut_board
from storyboard_ops.core.storyboard.editorial.tracker_tables import tracker_tables
from storyboard_ops.domain.storyboard.frame_rate import FRAME_RATES
from tests.material.editorial_board import editorial_cut
from tests.material.factories import panel


def tables(cut):
    return {
        tracker: list(csv.DictReader(io.StringIO(text, newline="")))
        for tracker, text in tracker_tables(cut)
    }


def test_columns_are_those_that_each_tracker_imports():
    found = {tracker: list(rows[0]) for tracker, rows in tables(editorial_cut()).items()}
    assert found == {
        "shotgrid": ["Shot Code", "Sequence", "Description", "Cut Order", "Cut In", "Cut Out",
                     "Cut Duration"],
        "ftrack": ["Sequence", "Shot", "Description", "fstart", "fend", "fps"],
        "kitsu": ["Sequence", "Name", "Description", "Nb Frames", "Frame In", "Frame Out", "FPS"],
    }  # fmt: skip


def test_a_row_is_a_shot_with_all_its_panels():
    cut = editorial_cut("23.976")
    rows = tables(cut)
    assert len(rows["kitsu"]) == 12
    first = rows["shotgrid"][0]
    # 60, 33 and 96 frames.
    assert (first["Shot Code"], first["Cut In"], first["Cut Out"], first["Cut Duration"]) == (
        "01-010", "1001", "1189", "189",
    )  # fmt: skip
    assert rows["ftrack"][0] | {"Description": ""} == {
        "Sequence": "01", "Shot": "01-010", "Description": "", "fstart": "1001", "fend": "1189",
        "fps": "23.976",
    }  # fmt: skip
    for tracker, column in (("shotgrid", "Cut Duration"), ("kitsu", "Nb Frames")):
        assert sum(int(row[column]) for row in rows[tracker]) == cut.frames


def test_speeches_come_through_with_lines_and_quotes():
    rows = tables(editorial_cut())
    for tracker in rows:
        assert "ミラ: 灯りを「消さないで」。\n急いで!" in rows[tracker][3]["Description"]
        assert 'MIRA: He said: "Now & never" <always>.' in rows[tracker][0]["Description"]


def test_what_a_spreadsheet_would_calculate_stays_text():
    panels = [
        panel(n, description=text, scene_number="1", shot=f"{n:03d}", panel="010")
        for n, text in enumerate(("=1+1", "-1", "@SUM", "+1", "Mira = Bram"), start=1)
    ]
    cut = cut_board(arrange_board(panels, FRAME_RATES["24"]), "x", "01:00:00:00")
    texts = [row["Description"] for row in tables(cut)["ftrack"]]
    assert texts == [" =1+1", " -1", " @SUM", " +1", "Mira = Bram"]


def test_shots_of_another_scene_with_the_same_number_are_apart():
    panels = [
        panel(1, "A", scene_number="1", shot="010", panel="010"),
        panel(2, "B", scene_number="2", shot="010", panel="010", sequence="SQ20"),
    ]
    cut = cut_board(arrange_board(panels), "x", "01:00:00:00")
    named = [(row["Sequence"], row["Name"]) for row in tables(cut)["kitsu"]]
    assert named == [("1", "1-010"), ("SQ20", "2-010")]
