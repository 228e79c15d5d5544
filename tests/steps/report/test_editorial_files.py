"""What editing gets of a run: files that agree, made once, with an editor's lengths."""

import json

import av
import opentimelineio as otio
import pytest

from storyboard_ops.core.pictures.codec import encode_png
from storyboard_ops.core.storyboard.board import arrange_board
from storyboard_ops.core.storyboard.editorial import edl
from storyboard_ops.core.storyboard.editorial.cut import cut_board
from storyboard_ops.core.storyboard.editorial.edl import edit_decision_lists
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.report.report_facts import RunManifests
from storyboard_ops.domain.settings.model import DrawingSettings
from storyboard_ops.gateways.storyboard import animatic_file, system_voice
from storyboard_ops.steps.preflight.check_preflight import preflight_report
from storyboard_ops.steps.report import editorial_files
from storyboard_ops.steps.report.editorial_files import write_editorial_files
from storyboard_ops.steps.report.retimed_lengths import retime_by_cut
from storyboard_ops.steps.report.write_report import write_report
from tests.films.tiny_film import tiny_production
from tests.material import factories
from tests.material.editorial_board import editorial_panels
from tests.reading.edl_reading import read_list

FILES = {
    *("storyboard.otio", "storyboard.otioz", "storyboard.edl", "storyboard.aaf"),
    *("storyboard.fcpxml", "storyboard_fcp7.xml", "animatic.mp4"),
    *("shots_shotgrid.csv", "shots_ftrack.csv", "shots_kitsu.csv"),
}


@pytest.fixture
def drawing(studio):
    """Opens the tool box of a drawing run of the twelve scenes, which has drawn them."""

    def opened(**params):
        tools = studio.tools_of(DrawingSettings, "draw-1", **params)
        production = factories.production().model_dump_json().encode()
        tools.objects.put(tools.run_root / "production.json", production)
        return tools

    return opened


def panels_in(tools, count=5):
    """The first panels of twelve scenes at 320 by 180, each with a picture of its own."""
    panels = []
    for panel in editorial_panels(width=320, height=180)[:count]:
        if panel.uri:
            uri = tools.run_root / f"storyboard/panels/{panel.panel_id}.png"
            tools.objects.put(uri, encode_png(factories.picture(panel.number, 320, 180)))
            panel = panel.model_copy(update={"uri": str(uri)})
        panels.append(panel)
    return tuple(panels)


def board_in(tools, count=5):
    return arrange_board(panels_in(tools, count), tools.settings.rate)


def read(tools, name):
    return tools.objects.get(tools.run_root / f"storyboard/{name}")


def test_all_files_have_the_same_running_time(drawing, tmp_path):
    tools = drawing(frame_rate="29.97df")
    board = board_in(tools, count=36)
    files = write_editorial_files(tools, board, "Keepers", film=True)
    assert files.keys() == FILES
    assert all(uri == str(tools.run_root / f"storyboard/{name}") for name, uri in files.items())
    # 94.44 s at 30000/1001.
    assert board.frames == 2_830
    assert read_list(read(tools, "storyboard.edl").decode()).events[-1].record[1] == "01:01:34;12"
    timeline = otio.adapters.read_from_string(read(tools, "storyboard.otio").decode(), "otio_json")
    assert timeline.duration().value == 2_830
    (tmp_path / "animatic.mp4").write_bytes(read(tools, "animatic.mp4"))
    with av.open(str(tmp_path / "animatic.mp4")) as film:
        video = film.streams.video[0]
        assert (video.frames, str(video.average_rate)) == (2_830, "30000/1001")
        assert (video.width, video.height) == (320, 180)
    assert json.loads(read(tools, "editorial.json"))["frames"] == 2_830


def test_the_timeline_refers_to_pictures_that_are_there(drawing):
    tools = drawing()
    write_editorial_files(tools, board_in(tools, count=9), "Keepers", film=False)
    timeline = otio.adapters.read_from_string(read(tools, "storyboard.otio").decode(), "otio_json")
    urls = [getattr(c.media_reference, "target_url", "") for c in timeline.find_clips()]
    assert urls.count("") == 1
    assert all(tools.objects.head(tools.run_root / f"storyboard/{url}") for url in urls if url)


def test_an_unchanged_board_is_not_written_again(drawing):
    tools = drawing()
    board = board_in(tools)
    first = write_editorial_files(tools, board, "Keepers", film=False)
    assert first.keys() == FILES - {"animatic.mp4"}
    edl = S3Uri.parse(first["storyboard.edl"])
    tools.objects.put(edl, b"an editor's own")
    again = write_editorial_files(tools, board, "Keepers", film=True)
    assert again.keys() == FILES
    assert tools.objects.get(edl) == b"an editor's own"


def test_files_of_an_earlier_board_do_not_stay_beside_newer_ones(drawing, monkeypatch):
    monkeypatch.setattr(edl, "MOST_EVENTS", 4)
    tools = drawing()
    files = write_editorial_files(tools, board_in(tools, count=5), "Keepers", film=False)
    assert len(read_list(read(tools, "storyboard_2.edl").decode()).events) == 1
    write_editorial_files(tools, board_in(tools, count=3), "Keepers", film=False)
    assert tools.objects.head(S3Uri.parse(files["storyboard_2.edl"])) is None
    assert len(read_list(read(tools, "storyboard.edl").decode()).events) == 3


def test_a_picture_that_is_gone_leaves_its_frames_dark(drawing, tmp_path):
    tools = drawing(animatic_burn_in=False)
    board = arrange_board(panels_in(tools)[:2])
    tools.objects.delete([S3Uri.parse(board.panels[1].panel.uri)])
    write_editorial_files(tools, board, "Keepers", film=True)
    (tmp_path / "a.mp4").write_bytes(read(tools, "animatic.mp4"))
    with av.open(str(tmp_path / "a.mp4")) as film:
        shown = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    means = [picture[:60].mean() for picture in shown]
    assert len(shown) == 60 + 33
    # The last frame of one panel, and the first of the next.
    assert means[59] > 60
    assert means[60] < 40


def test_a_machine_that_cannot_encode_costs_the_animatic_alone(drawing, monkeypatch, caplog):
    monkeypatch.setattr(animatic_file, "ENCODERS", {})
    tools = drawing()
    files = write_editorial_files(tools, board_in(tools, count=2), "Keepers", film=True)
    assert files.keys() == FILES - {"animatic.mp4"}
    assert "animatic.mp4 is not made: This build of PyAV has no encoder for H.264" in caplog.text


class NotingVoice:
    """Says nothing, and notes what it should have said."""

    def __init__(self):
        self.said = []

    def speak(self, text):
        self.said.append(text)
        return system_voice.SILENCE


@pytest.mark.parametrize(
    ("voice", "said"), [(True, ['He said: "Now & never" <always>.', ""]), (False, [])]
)
def test_speeches_are_spoken_where_the_run_wants_it(drawing, monkeypatch, voice, said):
    noting = NotingVoice()
    monkeypatch.setattr(editorial_files, "find_voice", lambda: noting)
    tools = drawing(animatic_voice=voice)
    write_editorial_files(tools, arrange_board(panels_in(tools)[:2]), "Keepers", film=True)
    assert noting.said == said


def retimed(tools, changes):
    """What an editor makes of the board: some lengths are others; the EDL, back in the bucket."""
    panels = [
        placed.panel.model_copy(
            update={"frames": changes.get(placed.panel.panel_id, placed.frames)}
        )
        for placed in board_in(tools).panels
    ]
    cut = cut_board(arrange_board(panels, tools.settings.rate), "Cut 2", "01:00:00:00")
    body = edit_decision_lists(cut)[0].replace("* PANEL: ", "* NOTE: ")
    where = S3Uri.parse(str(tools.settings.retimed_cut))
    tools.objects.put(where, body.encode())
    return where


def test_an_editor_s_cut_gives_the_next_run_its_lengths(drawing, studio):
    tools = drawing(frame_rate="25", retimed_cut=f"s3://{studio.bucket}/cuts/reel 1.edl")
    retimed(tools, {"01-010-010": 13, "02-010-020": 250})
    panels = panels_in(tools)
    ref = tools.manifests.commit(tools.run_root / "storyboard/panels.jsonl", "panels", "d", panels)
    write_report(tools, RunManifests(panels=ref))
    events = read_list(read(tools, "storyboard.edl").decode()).events
    assert events[0].record == ("01:00:00:00", "01:00:00:13")
    assert events[-1].source == ("00:00:00:00", "00:00:10:00")
    found = studio.read_json("runs/draw-1/storyboard/retimed_cut.json")
    assert found["changed"] == ["01-010-010", "02-010-020"]
    assert (found["not_in_cut"], found["foreign"]) == ([], [])
    # The panels themselves, which the next run looks for, are as they were drawn.
    assert tools.manifests.read(ref, type(panels[0]), "panels").records == panels
    page = tools.objects.get(tools.run_root / "report.html").decode()
    assert "10.0 s" in page
    assert "for editing at 25 fps" in page
    assert "(25 fps): 5. 2 of them had another before." in page


def test_a_cut_that_is_gone_leaves_the_lengths_that_were_read(drawing, studio, caplog):
    tools = drawing(retimed_cut=f"s3://{studio.bucket}/cuts/reel1.edl")
    where = retimed(tools, {"01-010-010": 13})
    panels = panels_in(tools)
    assert retime_by_cut(tools, panels)[0].frames == 13
    tools.objects.delete([where])
    assert retime_by_cut(tools, panels)[0].frames == 13
    assert "The lengths of the last report are kept: " in caplog.text


def test_without_a_cut_panels_keep_their_lengths(drawing):
    tools = drawing()
    panels = panels_in(tools)
    assert retime_by_cut(tools, panels) is panels
    assert retime_by_cut(tools, None) is None


@pytest.mark.parametrize(
    ("body", "state", "words"),
    [
        (b"TITLE: x\n1 AX V C 00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:00\n", "pass",
         "1 clip at 24 fps."),
        (b"no cut", "fail", "cuts/a.edl is no cut that can be read"),
        (None, "fail", "cuts/a.edl does not exist"),
    ],
)  # fmt: skip
def test_preflight_reads_the_cut_before_anything_is_paid(studio, body, state, words):
    if body is not None:
        studio.client("s3").put_object(Bucket=studio.bucket, Key="cuts/a.edl", Body=body)
    given = {
        "production": tiny_production(studio),
        "retimed_cut": f"s3://{studio.bucket}/cuts/a.edl",
    }
    report = preflight_report(studio.tools_of(DrawingSettings, "draw-1", **given))
    (check,) = [check for check in report.checks if check.name == "retimed cut"]
    assert (check.state, words in check.finding) == (state, True), check.finding
