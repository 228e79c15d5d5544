"""The timeline, read back by OpenTimelineIO."""

import opentimelineio as otio

from storyboard_ops.core.storyboard.board import arrange_board
from storyboard_ops.core.storyboard.timeline import timeline_json
from tests.material.factories import MODEL_ARN, failed_panel, panel

BOARD = arrange_board(
    [
        panel(1, "Quay", seconds=2.5, uri="s3://b/runs/r/storyboard/panels/scene01_panel01.png"),
        failed_panel(2, "Quay"),
        panel(3, "Lamp", seconds=0.01),
    ]
)


def read_back() -> otio.schema.Timeline:
    return otio.adapters.read_from_string(timeline_json(BOARD, "Keepers"), "otio_json")


def test_clips_have_whole_frames_at_film_rate():
    timeline = read_back()
    durations = [clip.duration() for clip in timeline.find_clips()]
    assert [(d.value, d.rate) for d in durations] == [(60, 24), (72, 24), (1, 24)]
    assert timeline.duration().value == 133


def test_rounding_never_adds_up():
    board = arrange_board([panel(n, seconds=0.11) for n in range(1, 101)])
    timeline = otio.adapters.read_from_string(timeline_json(board, "x"), "otio_json")
    assert timeline.duration().value == round(100 * 0.11 * 24)


def test_pictures_are_referred_to_by_relative_path_and_gaps_keep_their_place():
    first, failed, _ = read_back().find_clips()
    assert first.media_reference.target_url == "panels/scene01_panel01.png"
    assert isinstance(failed.media_reference, otio.schema.MissingReference)


def test_a_clip_carries_scene_description_and_lineage():
    clip = next(iter(read_back().find_clips()))
    assert clip.name == "1 · 01 Quay"
    facts = clip.metadata["storyboard"]
    assert (facts["scene"], list(facts["characters"])) == ("Quay", ["mira"])
    assert (facts["model_arn"], facts["seed"]) == (MODEL_ARN, 7)
    assert facts["description"].startswith("Mira walks along the quay")


def test_every_scene_has_a_marker_on_its_first_clip():
    clips = read_back().find_clips()
    assert [[m.name for m in clip.markers] for clip in clips] == [
        ["Scene 1: Quay"],
        [],
        ["Scene 2: Lamp"],
    ]


def test_equal_boards_give_equal_timelines():
    assert timeline_json(BOARD, "Keepers") == timeline_json(BOARD, "Keepers")


def test_clips_begin_at_their_first_frame_and_markers_last_one():
    timeline = read_back()
    assert (timeline.global_start_time.value, timeline.global_start_time.rate) == (0, 24)
    first, failed, _ = timeline.find_clips()
    assert first.source_range == first.media_reference.available_range
    assert [(r.start_time.value, r.duration.value) for r in (
        first.source_range, failed.source_range, first.markers[0].marked_range
    )] == [(0, 60), (0, 72), (0, 1)]  # fmt: skip
    assert (failed.media_reference.name, first.metadata["storyboard"]["failure"]) == (
        "The model's content filter refused the prompt.", "",
    )  # fmt: skip
