"""A board goes to an editor, who trims, ripples, reorders, deletes and adds, and comes back."""

import io

import opentimelineio as otio
import pytest
from lxml import etree
from opentimelineio.opentime import RationalTime, TimeRange

from storyboard_ops.core.storyboard.board import arrange_board
from storyboard_ops.core.storyboard.editorial.edl import edit_decision_lists
from storyboard_ops.core.storyboard.editorial.fcp7 import xmeml
from storyboard_ops.core.storyboard.editorial.fcpxml import fcpxml
from storyboard_ops.core.storyboard.editorial.otio_timeline import timeline_json, write_bundle
from storyboard_ops.core.storyboard.retiming.match_panels import match_cut, retime_panels
from storyboard_ops.core.storyboard.retiming.read_cut import read_cut
from storyboard_ops.domain.storyboard.frame_rate import FRAME_RATES
from tests.material.editorial_board import editorial_cut, editorial_panels

WHERE = "s3://studio/cuts/reel1"


def bundle(cut):
    file = io.BytesIO()
    write_bundle(cut, ((clip, b"picture") for clip in cut.clips if clip.picture), file)
    return file.getvalue()


WRITERS = {
    "EDL": lambda cut: edit_decision_lists(cut)[0].encode(),
    "OTIO": lambda cut: timeline_json(cut).encode(),
    "OTIOZ": bundle,
    "FCPXML": lambda cut: fcpxml(cut).encode(),
    "FCP7": lambda cut: xmeml(cut).encode(),
}


def match(body, cut):
    return match_cut(read_cut(body, WHERE, cut.frame_rate), cut, WHERE)


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("rate", FRAME_RATES)
def test_a_cut_that_nobody_touched_changes_nothing(form, rate):
    cut = editorial_cut(rate)
    read = read_cut(WRITERS[form](cut), WHERE, cut.frame_rate)
    assert read.frame_rate == cut.frame_rate
    assert [event.start - cut.start for event in read.events] == [c.start for c in cut.clips]
    found = match_cut(read, cut, WHERE)
    assert found.lengths == {clip.name: clip.frames for clip in cut.clips}
    assert (found.changed, found.foreign, found.not_in_cut, found.repeated, found.moved) == (
        (),
    ) * 5
    assert found.remarks == ()


def edited(cut):
    """What an editor makes of the board, as (name, frames): a reference for every format.

    01-010-010 is trimmed, 01-010-020 extended, 01-010-030 deleted, 02-010-010 split by a foreign
    clip, 12-010-030 moved to the front; the rest ripples.
    """
    names = {clip.name: clip.frames for clip in cut.clips}
    last = names.pop("12-010-030")
    order = [("12-010-030", last), ("01-010-010", 7), ("01-010-020", 4_000)]
    order += [("02-010-010", 20), ("WIDE SHOT.mov", 31), ("02-010-010", 15)]
    done = {"01-010-010", "01-010-020", "01-010-030", "02-010-010"}
    return order + [(name, frames) for name, frames in names.items() if name not in done]


def as_edl(cut):
    rate, files = cut.frame_rate, {clip.name: clip.file_name or clip.name for clip in cut.clips}
    reels = {clip.name: clip.reel if clip.picture else "BL" for clip in cut.clips}
    mode = "DROP FRAME" if rate.drop else "NON-DROP FRAME"
    lines, at = ["TITLE: Cut 2", f"FCM: {mode}"], cut.start
    for number, (name, frames) in enumerate(edited(cut), start=1):
        times = (
            rate.timecode(0),
            rate.timecode(frames),
            rate.timecode(at),
            rate.timecode(at + frames),
        )
        lines.append(f"{number:03d}  {reels.get(name, 'AX')} V C {' '.join(times)}")
        lines.append(f"* FROM CLIP NAME: {files.get(name, name)}")
        at += frames
    return "\r\n".join(lines).encode()


def as_otio(cut):
    timeline = otio.adapters.read_from_string(timeline_json(cut), "otio_json")
    rate, (track,) = float(cut.frame_rate.exact), timeline.video_tracks()
    clips = {clip.name: clip.deepcopy() for clip in track}
    track.clear()
    for name, frames in edited(cut):
        clip = clips[name].deepcopy() if name in clips else otio.schema.Clip(name=name)
        clip.source_range = TimeRange(RationalTime(0, rate), RationalTime(frames, rate))
        track.append(clip)
    return otio.adapters.write_to_string(timeline, "otio_json").encode()


def as_fcpxml(cut):
    root, frame = etree.fromstring(fcpxml(cut).encode()), cut.frame_rate.frame
    spine, at = root.find(".//spine"), cut.start
    clips = {clip.get("name"): clip for clip in spine}
    for clip in list(spine):
        spine.remove(clip)
    for name, frames in edited(cut):
        source = clips.get(name)
        clip = etree.SubElement(spine, "asset-clip" if source is None else source.tag)
        own = {"name": name, "offset": f"{at * frame}s", "duration": f"{frames * frame}s"}
        clip.attrib.update(({} if source is None else dict(source.attrib)) | own)
        at += frames
    return etree.tostring(root)


def as_fcp7(cut):
    root = etree.fromstring(xmeml(cut).encode())
    track, at = root.find(".//track"), 0
    items = {item.findtext("name"): item for item in track}
    files = {item.findtext("name"): item.find("file") for item in track}
    for item in list(track):
        track.remove(item)
    for name, frames in edited(cut):
        item = etree.SubElement(track, "clipitem" if name not in items else items[name].tag)
        for tag, text in (("name", name), ("start", at), ("end", at + frames)):
            etree.SubElement(item, tag).text = str(text)
        if files.get(name) is not None:
            item.append(files.pop(name))
        at += frames
    return etree.tostring(root)


@pytest.mark.parametrize("export", [as_edl, as_otio, as_fcpxml, as_fcp7])
@pytest.mark.parametrize("rate", ["23.976", "25", "29.97df", "60"])
def test_an_edited_cut_gives_new_lengths_and_names_what_it_cannot(export, rate):
    cut = editorial_cut(rate)
    found = match(export(cut), cut)
    before = {clip.name: clip.frames for clip in cut.clips}
    changed = {"01-010-010": 7, "01-010-020": 4_000, "02-010-010": 35}
    assert found.lengths | {"01-010-030": 0} == before | changed | {"01-010-030": 0}
    assert set(found.changed) == {"01-010-010", "01-010-020", "02-010-010"}
    assert found.not_in_cut == ("01-010-030",)
    assert found.repeated == ("02-010-010",)
    assert found.moved == ("12-010-030",)
    at = cut.start + before["12-010-030"] + 7 + 4_000 + 20
    assert [(f.name, f.start, f.frames) for f in found.foreign] == [
        ("WIDE SHOT.mov", cut.frame_rate.timecode(at), 31)
    ]


def test_the_board_has_the_editor_s_lengths_and_everything_else_as_before():
    cut = editorial_cut("25")
    panels = editorial_panels()
    found = match(as_otio(cut), cut)
    retimed = retime_panels(panels, found.lengths, cut.frame_rate)
    board = arrange_board(retimed, cut.frame_rate)
    lengths = {placed.panel.panel_id: placed.frames for placed in board.panels}
    assert lengths == {clip.name: clip.frames for clip in cut.clips} | found.lengths
    own = {"frames", "seconds"}
    assert [p.model_dump(exclude=own) for p in retimed] == [
        p.model_dump(exclude=own) for p in panels
    ]
    assert (retimed[1].frames, retimed[1].seconds) == (4_000, 160)


def test_a_second_round_trip_keeps_what_the_first_one_brought():
    cut = editorial_cut("23.976")
    lengths = match(as_edl(cut), cut).lengths
    again = editorial_cut(
        "23.976", panels=retime_panels(editorial_panels(), lengths, cut.frame_rate)
    )
    assert match(WRITERS["FCPXML"](again), again).changed == ()


def test_what_people_read_names_every_finding():
    cut = editorial_cut()
    said = match(as_edl(cut), cut).sentences()
    assert said == [
        "Panels with their length from s3://studio/cuts/reel1 (24 fps): 35. 3 of them had another "
        "before.",
        "Not in the cut, so they keep their length: 01-010-030.",
        "In several places, with their lengths added: 02-010-010.",
        "In another order than the board's, which stays: 12-010-030.",
        f"No panel of this board: WIDE SHOT.mov at {cut.timecode(96 + 7 + 4_000 + 20)}.",
    ]


def test_a_long_list_is_shortened_in_the_sentence_and_whole_in_the_record():
    cut = editorial_cut()
    found = match(b"TITLE: x\n1 01010010 V C" + b" 00:00:00:00 00:00:01:00" * 2, cut)
    assert len(found.not_in_cut) == 35
    assert found.sentences()[1].endswith("07-010-020, 07-010-030 and 15 more.")


@pytest.mark.parametrize("export", [as_otio, as_fcpxml, as_fcp7])
def test_a_cut_at_another_rate_is_converted(export):
    """An hour at 25 fps is an hour at 24: both ends of a clip are at their nearest frame."""
    cut, board = editorial_cut("25"), editorial_cut("24")
    found = match(export(cut), board)
    assert found.frame_rate == "25"
    assert found.remarks == ("The cut has 25 fps, the board 24 fps: lengths are converted.",)
    assert (found.lengths["01-010-010"], found.lengths["01-010-020"]) == (7, 3_840)
