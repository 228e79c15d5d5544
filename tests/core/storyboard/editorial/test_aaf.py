"""AAF, read back by OpenTimelineIO's reader of it, which shares only the container with us."""

import opentimelineio as otio
import pytest

from storyboard_ops.core.storyboard.editorial.aaf import aaf
from tests.material.editorial_board import TITLE, editorial_cut


@pytest.fixture
def read(tmp_path):
    def read_back(cut):
        path = tmp_path / "board.aaf"
        path.write_bytes(aaf(cut))
        return otio.adapters.read_from_file(str(path))

    return read_back


@pytest.mark.parametrize("rate", ["23.976", "25", "29.97df", "60"])
def test_lengths_and_start_are_frame_exact(read, rate):
    cut = editorial_cut(rate)
    timeline = read(cut)
    assert timeline.name == TITLE
    assert timeline.global_start_time.value == cut.start
    (track,) = timeline.video_tracks()
    assert [item.duration().value for item in track] == [clip.frames for clip in cut.clips]
    # Its reader knows rates by their rounded names.
    assert track[0].duration().rate == pytest.approx(float(cut.frame_rate.exact), abs=0.001)


def test_clips_lead_to_picture_tape_and_note(read):
    (track,) = read(editorial_cut()).video_tracks()
    clip = track[9]
    assert clip.name == "04-010-010"
    assert clip.media_reference.target_url == "file://panels/04-010-010.png"
    assert [marker.name for marker in clip.markers] == [
        "04-010-010\nミラ: 灯りを「消さないで」。\n急いで!\n"
        "Panel 10: Mira & Bram hold the 'lantern' <high>."
    ]
    picture = clip.media_reference.metadata["AAF"]["EssenceDescription"]
    assert (picture["StoredWidth"], picture["StoredHeight"]) == (1280, 720)


def test_a_panel_without_a_picture_is_filler_with_a_note(read):
    (track,) = read(editorial_cut()).video_tracks()
    failed = track[7]
    assert isinstance(failed, otio.schema.Gap)
    assert failed.markers[0].name.endswith("Not drawn: The model refused the prompt.")


def test_reels_are_tapes_of_their_own():
    body = aaf(editorial_cut())
    assert all(f"{scene:02d}010010".encode("utf-16-le") in body for scene in range(1, 13))


def test_equal_boards_give_equal_files():
    assert aaf(editorial_cut()) == aaf(editorial_cut())
