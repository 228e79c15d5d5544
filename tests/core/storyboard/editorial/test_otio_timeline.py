"""The timeline, read back by OpenTimelineIO."""

import io

import opentimelineio as otio
import pytest

from storyboard_ops.core.storyboard.board import arrange_board
from storyboard_ops.core.storyboard.editorial.cut import cut_board
from storyboard_ops.core.storyboard.editorial.otio_timeline import timeline_json, write_bundle
from storyboard_ops.domain.storyboard.frame_rate import FRAME_RATES
from tests.material.editorial_board import editorial_cut
from tests.material.factories import MODEL_ARN, failed_panel, panel

CUT = cut_board(
    arrange_board(
        [
            panel(1, "Quay", seconds=2.5, uri="s3://b/runs/r/storyboard/panels/scene 1#1.png"),
            failed_panel(2, "Quay"),
            panel(3, "Lamp", seconds=0.01),
        ]
    ),
    "Keepers",
    "01:00:00:00",
)


def read_back(cut=CUT) -> otio.schema.Timeline:
    return otio.adapters.read_from_string(timeline_json(cut), "otio_json")


@pytest.mark.parametrize("rate", FRAME_RATES)
def test_clips_have_whole_frames_at_the_exact_rate(rate):
    cut = editorial_cut(rate)
    timeline = read_back(cut)
    durations = [clip.duration() for clip in timeline.find_clips()]
    assert [d.value for d in durations] == [clip.frames for clip in cut.clips]
    assert {d.rate for d in durations} == {float(cut.frame_rate.exact)}
    assert timeline.duration().value == cut.frames


@pytest.mark.parametrize(
    ("rate", "frame"), [("24", 86_400), ("25", 90_000), ("29.97", 108_000), ("29.97df", 107_892)]
)
def test_the_timeline_starts_at_one_hour(rate, frame):
    assert read_back(editorial_cut(rate)).global_start_time.value == frame


def test_pictures_have_paths_and_sizes_and_gaps_keep_their_place():
    first, failed, _ = read_back().find_clips()
    assert first.media_reference.target_url == "panels/scene%201%231.png"
    bounds = first.media_reference.available_image_bounds
    assert (bounds.min.x, bounds.min.y, bounds.max.x, bounds.max.y) == (0, 0, 1280, 720)
    assert isinstance(failed.media_reference, otio.schema.MissingReference)
    assert failed.media_reference.name == "The model's content filter refused the prompt."


def test_a_clip_carries_its_panel_and_lineage():
    cut = editorial_cut()
    clip = list(read_back(cut).find_clips())[9]
    assert clip.name == "04-010-010"
    facts = clip.metadata["storyboard"]
    assert (facts["panel_id"], facts["reel"]) == ("04-010-010", "04010010")
    assert (facts["scene"], list(facts["characters"])) == ("INT. 灯台 - 夜", ["mira", "bram"])
    assert (facts["model_arn"], facts["seed"]) == (MODEL_ARN, 7)
    assert facts["dialogue"] == "ミラ: 灯りを「消さないで」。\n急いで!"


def test_markers_say_dialogue_and_action_and_where_scenes_begin():
    clips = list(read_back(editorial_cut()).find_clips())
    assert [[m.name for m in clip.markers] for clip in clips[:4]] == [
        ["Scene 01: EXT. QUAY - DUSK", "01-010-010"],
        ["01-010-020"],
        ["01-010-030"],
        ["Scene 02: INT. LIGHTHOUSE - NIGHT", "02-010-010"],
    ]
    assert clips[4].markers[0].comment == (
        "BRAM (V.O.): Line one.\nLine two.\nPanel 5: Mira & Bram hold the 'lantern' <high>."
    )
    ranges = {(m.marked_range.start_time.value, m.marked_range.duration.value)
              for clip in clips for m in clip.markers}  # fmt: skip
    assert ranges == {(0, 1)}


def test_equal_boards_give_equal_timelines():
    assert timeline_json(editorial_cut()) == timeline_json(editorial_cut())


def test_clips_begin_at_their_first_frame():
    first, failed, last = read_back().find_clips()
    assert first.source_range == first.media_reference.available_range
    assert [(c.source_range.start_time.value, c.source_range.duration.value)
            for c in (first, failed, last)] == [(0, 60), (0, 72), (0, 1)]  # fmt: skip


def test_a_bundle_opens_with_its_pictures(tmp_path):
    cut, file = editorial_cut("25"), tmp_path / "board.otioz"
    pictures = {clip.name: clip.reel.encode() for clip in cut.clips if clip.picture}
    with file.open("wb") as opened:
        write_bundle(cut, ((c, pictures[c.name]) for c in cut.clips if c.picture), opened)
    unpacked = tmp_path / "unpacked"
    unpacked.mkdir()
    timeline = otio.adapters.read_from_file(str(file), extract_to_directory=str(unpacked))
    clips = list(timeline.find_clips())
    assert [clip.duration().value for clip in clips] == [clip.frames for clip in cut.clips]
    found = {
        clip.name: (unpacked / clip.media_reference.target_url).read_bytes()
        for clip in clips
        if isinstance(clip.media_reference, otio.schema.ExternalReference)
    }
    assert found == pictures


def test_equal_boards_give_equal_bundles():
    files = [io.BytesIO(), io.BytesIO()]
    for file in files:
        cut = editorial_cut()
        write_bundle(cut, ((clip, b"picture") for clip in cut.clips if clip.picture), file)
    assert files[0].getvalue() == files[1].getvalue()
