"""Cuts as editing suites write them, and files that are none."""

import io
import zipfile
from contextlib import suppress

import opentimelineio as otio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentimelineio.opentime import RationalTime, TimeRange

from storyboard_ops.core.storyboard.retiming.match_panels import match_cut
from storyboard_ops.core.storyboard.retiming.read_cut import read_cut
from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.input_limits import MOST_CUT_BYTES
from storyboard_ops.domain.storyboard.frame_rate import FRAME_RATES
from tests.material.editorial_board import editorial_cut, editorial_panels

CUT = editorial_cut()


def lengths(body, cut=CUT):
    body = body if isinstance(body, bytes) else body.encode()
    return match_cut(read_cut(body, "cut", cut.frame_rate), cut, "cut").lengths


PREMIERE = """TITLE: Reel 1
FCM: NON-DROP FRAME

000001  AX       AA/V  C        00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:00
* FROM CLIP NAME: 01-010-010.png

000002  AX       V     C        00:00:00:00 00:00:00:00 00:00:01:00 00:00:01:00
000002  AX       V     D    012 00:00:00:00 00:00:02:00 00:00:01:00 00:00:03:00
* FROM CLIP NAME: 01-010-010.png
* TO CLIP NAME: 01-010-020.PNG

000003  AX       A     C        00:00:00:00 00:00:09:00 00:00:00:00 00:00:09:00
* FROM CLIP NAME: 01-010-030.wav

000004  02010010 V2    C        00:00:00:00 00:00:00:12 00:00:03:00 00:00:03:12
M2      02010010       012.0                 00:00:00:00
"""


def test_premiere_s_dissolves_tracks_and_sound():
    """The incoming clip of a dissolve begins with it; sound is not read."""
    assert lengths(PREMIERE) == {"01-010-010": 24, "01-010-020": 48, "02-010-010": 12}


AVID = """TITLE:\tREEL_1_V2
FCM: DROP FRAME
001  12010030     V     C        01:00:00;00 01:00:02;00 01:00:58;00 01:01:00;02
* FROM CLIP NAME:  12-010-030.new.01
* LOC: 01:00:58:00 RED     RENAMED
002  BL           V     C        00:00:00;00 00:00:01;00 01:01:00;02 01:01:01;02
"""


def test_avid_s_drop_frame_list_is_read_at_a_board_without():
    """58;00 to 1:00;02 are 60 frames: the labels ;00 and ;01 do not exist. Black is no panel."""
    board = editorial_cut("29.97")
    read = read_cut(AVID.encode(), "cut", board.frame_rate)
    assert read.frame_rate.name == "29.97df"
    found = match_cut(read, board, "cut")
    assert (found.lengths, found.foreign) == ({"12-010-030": 60}, ())


def test_a_list_is_read_by_reel_where_names_are_gone():
    text = "TITLE: x\n001  03010010 V C 00:00:00:00 00:00:01:00 01:00:00:00 01:00:01:00\n"
    assert lengths(text) == {"03-010-010": 24}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_lists_are_read_in_every_usual_encoding(encoding):
    text = "TITLE: Île\r\n" + PREMIERE.partition("\n")[2]
    assert len(lengths(text.encode(encoding))) == 3


def test_a_cut_over_midnight_goes_on():
    text = "TITLE: x\n001  AX V C 00:00:00:00 00:00:02:00 23:59:59:00 00:00:01:00\n"
    text += "* FROM CLIP NAME: 01-010-010\n"
    assert lengths(text) == {"01-010-010": 48}


XMEML = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE xmeml>
<xmeml version="4"><project><children>
<sequence id="s1"><name>Old</name><duration>5</duration>
  <rate><timebase>24</timebase><ntsc>FALSE</ntsc></rate>
  <media><video><track><clipitem id="a"><name>01-010-010.png</name><start>0</start><end>5</end>
  </clipitem></track></video></media></sequence>
<sequence id="s2"><name>New</name><duration>200</duration>
  <rate><timebase>24</timebase><ntsc>FALSE</ntsc></rate>
  <media><video>
  <track>
    <clipitem id="1"><name>01-010-010.png</name><start>0</start><end>-1</end><in>0</in><out>60</out>
      <file id="f1"><name>01-010-010.png</name><pathurl>file://localhost/C%3a/x/01-010-010.png</pathurl></file></clipitem>
    <transitionitem><start>40</start><end>60</end><alignment>center</alignment></transitionitem>
    <clipitem id="2"><name>renamed</name><start>-1</start><end>100</end><in>0</in><out>60</out>
      <file id="f2"><pathurl>file:///C:/x/01-010-020.png</pathurl></file></clipitem>
    <clipitem id="3"><name>again</name><start>100</start><end>110</end><file id="f1"/></clipitem>
    <clipitem id="4"><name>01-010-030</name><enabled>FALSE</enabled><start>110</start><end>120</end></clipitem>
    <generatoritem id="5"><name>Black Video</name><start>120</start><end>130</end></generatoritem>
  </track>
  <track><enabled>FALSE</enabled><clipitem id="6"><name>02-010-010</name><start>0</start><end>9</end></clipitem></track>
  <track><clipitem id="7"><name>02-010-020</name><start>10</start><end>19</end></clipitem></track>
  </video><audio><track><clipitem id="8"><name>02-010-030</name><start>0</start><end>9</end></clipitem></track></audio></media>
</sequence></children></project></xmeml>
"""  # noqa: E501


def test_premiere_s_xml_with_transitions_references_and_what_is_switched_off():
    read = read_cut(XMEML.encode(), "cut", CUT.frame_rate)
    found = match_cut(read, CUT, "cut")
    # The dissolve from 40 to 60 cuts at 50.
    assert found.lengths == {"01-010-010": 60, "02-010-020": 9, "01-010-020": 50}
    assert (found.repeated, found.foreign) == (("01-010-010",), ())
    assert found.remarks == ("Of 2 sequences, the longest is read.",)


FCPXML = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE fcpxml>
<fcpxml version="1.11"><resources>
<format id="r1" name="FFVideoFormat1080p24" frameDuration="100/2400s"/>
<asset id="r2" name="01-010-010" src="file:///x/01-010-010.png" start="0s" duration="0s"/>
<asset id="r3" name="x" start="0s" duration="0s"><media-rep src="file:///x/01-010-020.png"/></asset>
<asset id="r4" name="board" start="0s" duration="48/24s"><media-rep src="./02-010-010.png"/></asset>
</resources><library><event><project><sequence format="r1" tcStart="3600s"><spine>
<clip name="renamed" offset="3600s" duration="24/24s" start="3600s"><video ref="r2" duration="24/24s" start="0s">
  </video><video lane="1" ref="r3" name="over" offset="86412/24s" start="3600s" duration="6/24s"/></clip>
<transition name="Cross Dissolve" offset="86418/24s" duration="12/24s"/>
<asset-clip ref="r4" offset="3601s" name="any"/>
<gap name="Gap" offset="3603s" start="3600s" duration="1s"><title lane="1" name="Notes" offset="3600s" duration="1s"/></gap>
<audition offset="3604s"><video ref="r3" name="pick" offset="3604s" duration="1s"/><video ref="r2" duration="5s"/></audition>
<video ref="r2" name="off" offset="3605s" duration="2s" enabled="0"/>
</spine></sequence></project></event></library></fcpxml>
"""  # noqa: E501


def test_final_cut_s_clips_connections_and_auditions():
    found = match_cut(read_cut(FCPXML.encode(), "cut", CUT.frame_rate), CUT, "cut")
    assert found.lengths == {"01-010-010": 24, "01-010-020": 6 + 24, "02-010-010": 48}
    assert [(clip.name, clip.start) for clip in found.foreign] == [("Notes", "01:00:03:00")]


def otio_cut(*items):
    timeline = otio.schema.Timeline("cut")
    timeline.tracks.append(otio.schema.Track(kind="Video", children=list(items)))
    return otio.adapters.write_to_string(timeline, "otio_json")


def otio_clip(name, frames, rate=24.0, **more):
    length = TimeRange(RationalTime(0, rate), RationalTime(frames, rate))
    return otio.schema.Clip(name, source_range=length, **more)


def test_resolve_s_timelines_name_files_and_rounded_rates():
    """A copied clip keeps our metadata; a linked file may be named by any system's path."""
    board = editorial_cut("23.976")
    reference = otio.schema.ExternalReference(r"C:\boards\01-010-020_v002.png")
    body = otio_cut(
        otio_clip("01-010-010.png", 30, 23.98),
        otio_clip("shot 7", 12, 23.98, media_reference=reference),
        otio.schema.Gap(source_range=TimeRange(RationalTime(0, 23.98), RationalTime(5, 23.98))),
        otio_clip("x", 7, 23.98, metadata={"storyboard": {"panel_id": "03-010-010"}}),
    )
    read = read_cut(body.encode(), "cut", board.frame_rate)
    assert read.frame_rate.name == "23.976"
    found = match_cut(read, board, "cut")
    assert found.lengths == {"01-010-010": 30, "01-010-020": 12, "03-010-010": 7}


def test_a_clip_that_is_switched_off_is_not_in_the_cut():
    off = otio_clip("01-010-010", 30)
    off.enabled = False
    assert lengths(otio_cut(off, otio_clip("01-010-020", 12))) == {"01-010-020": 12}


def test_names_are_told_apart_where_one_begins_like_another():
    panels = editorial_panels()
    inserted = [
        panels[1].model_copy(update={"panel": panel, "number": number})
        for number, panel in ((98, "010A"), (99, "010.5"))
    ]
    cut = editorial_cut(panels=[*panels, *inserted])
    body = otio_cut(
        otio_clip("01-010-010A.png", 5),
        otio_clip("01-010-010_v2.png", 7),
        otio_clip("01-010-010.5 copy", 9),
        otio_clip("01-010-0100", 11),
    )
    assert lengths(body, cut) == {"01-010-010A": 5, "01-010-010": 7, "01-010-010.5": 9}


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "is no cut that can be read; export it as an EDL"),
        (b"Dear editor, here is the cut.", "is no cut that can be read"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is an AAF, which is not read back"),
        (b"PK\x03\x04 broken", "is not an OTIOZ bundle"),
        (b'{"OTIO_SCHEMA": "Clip.2"}', "is not a timeline that OpenTimelineIO"),
        (b'{"OTIO_SCHEMA": ', "is not"),
        (b'{"a": ' + b"[" * 100_000, "nested deeper"),
        (b"<xmeml><sequence>", "is not well-formed XML"),
        (b"<xmeml/>", "has no sequence"),
        (b"<fcpxml/>", "has no sequence"),
        (b"<svg/>", "is XML of the kind 'svg'"),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><xmeml/>", "declares entities"),
        (b"TITLE: x\nFCM: NON-DROP FRAME\n", "has no clips on a track of video"),
        (b"TITLE: x\n1 AX V C 00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:29",
         "00:00:01:29 does not exist at 24 fps.*set the parameter frame_rate"),
        (b"FCM: DROP FRAME\n1 AX V C 00:00:00;00 00:00:01;00 00:00:00;00 00:00:01;00",
         "counts drop-frame timecode, which 24 fps does not have"),
        (b"<xmeml><sequence><rate><timebase>15</timebase></rate></sequence></xmeml>",
         "has a timebase of 15, which is no frame rate"),
        (b"<fcpxml><sequence format='r1' tcStart='x'><spine/></sequence></fcpxml>",
         "has a time that is no fraction"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_the_next_step(body, why):
    with pytest.raises(BadInput, match=f"(?s)^s3://b/cut.*{why}"):
        read_cut(body, "s3://b/cut", FRAME_RATES["24"])


def test_a_bundle_with_a_huge_timeline_is_not_unpacked():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("content.otio", b" " * (MOST_CUT_BYTES + 1))
    with pytest.raises(BadInput, match=r"has a timeline of 33,554,433 bytes; at most 33,554,432"):
        read_cut(file.getvalue(), "cut", CUT.frame_rate)


def test_a_rate_that_nobody_edits_at_is_named():
    body = otio_cut(otio_clip("01-010-010", 30, 12.5))
    with pytest.raises(BadInput, match=r"has 12.5 frames per second, which is no frame rate"):
        read_cut(body.encode(), "cut", CUT.frame_rate)


def test_a_panel_that_stands_for_hours_keeps_its_length():
    body = otio_cut(otio_clip("01-010-010", 86_401), otio_clip("01-010-020", 86_400))
    found = match_cut(read_cut(body.encode(), "cut", CUT.frame_rate), CUT, "cut")
    assert found.lengths == {"01-010-020": 86_400}
    assert found.remarks == ("01-010-010 is longer than an hour there, and keeps its length.",)


@pytest.mark.parametrize(
    "body",
    [
        b"TITLE: x\n1 AX V C" + b" 00:00:00:00" * 4 + b"\nA" + b" " * 2_000_000,
        b"<!DOCTYPE" * 500_000,
        b"<fcpxml><sequence><spine>" + b"<video lane='1' duration='1s'>" * 5_000
        + b"</video>" * 5_000 + b"</spine></sequence></fcpxml>",
        b"<fcpxml><sequence tcStart='1e999999999s'><spine/></sequence></fcpxml>",
        b"<xmeml><sequence><rate><timebase>24</timebase></rate><duration>" + b"9" * 9_999
        + b"</duration></sequence></xmeml>",
        b" " * (MOST_CUT_BYTES + 1),
    ],
    ids=["spaces", "document types", "depth", "exponent", "digits", "size"],
)  # fmt: skip
def test_what_would_take_long_is_refused_at_once(body):
    with pytest.raises(BadInput):
        read_cut(body, "cut", CUT.frame_rate)


SAMPLES = [PREMIERE.encode(), XMEML.encode(), FCPXML.encode()]


@given(st.sampled_from(range(4)), st.integers(0, 10_000), st.binary(max_size=12))
def test_a_damaged_file_is_read_or_refused_but_never_fails_otherwise(sample, place, damage):
    bodies = [*SAMPLES, otio_cut(otio_clip("01-010-010", 30)).encode()]
    body = bodies[sample]
    at = place % len(body)
    with suppress(BadInput):
        read_cut(body[:at] + damage + body[at + len(damage) :], "cut", CUT.frame_rate)


@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=12))
def test_a_damaged_bundle_is_read_or_refused(place, damage):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("content.otio", otio_cut(otio_clip("01-010-010", 30)))
    body = file.getvalue()
    at = 4 + place % (len(body) - 4)
    with suppress(BadInput):
        read_cut(body[:at] + damage + body[at + len(damage) :], "cut", CUT.frame_rate)
