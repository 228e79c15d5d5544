"""Final Cut's two kinds of XML, read by libxml2 against the published shape."""

from fractions import Fraction

import opentimelineio as otio
import pytest

from storyboard_ops.core.storyboard.board import arrange_board
from storyboard_ops.core.storyboard.editorial.cut import cut_board
from storyboard_ops.core.storyboard.editorial.fcp7 import xmeml
from storyboard_ops.core.storyboard.editorial.fcpxml import fcpxml
from storyboard_ops.domain.storyboard.frame_rate import FRAME_RATES
from tests.material.editorial_board import TITLE, editorial_cut
from tests.material.factories import panel
from tests.reading.editing_xml import FCPXML, XMEML, parse_checked

SPOKEN = "ミラ: 灯りを「消さないで」。\n急いで!"


def seconds(text: str) -> Fraction:
    return Fraction(text.removesuffix("s"))


@pytest.mark.parametrize("rate", FRAME_RATES)
def test_fcpxml_has_exact_times(rate):
    cut = editorial_cut(rate)
    document = parse_checked(fcpxml(cut), FCPXML)
    frame = seconds(document.find("resources/format").get("frameDuration"))
    assert frame == 1 / cut.frame_rate.exact
    sequence = document.find(".//sequence")
    assert seconds(sequence.get("tcStart")) == cut.start * frame
    assert seconds(sequence.get("duration")) == cut.frames * frame
    assert sequence.get("tcFormat") == ("DF" if cut.frame_rate.drop else "NDF")
    clips = sequence.find("spine")
    lengths = [seconds(clip.get("duration")) / frame for clip in clips]
    assert lengths == [clip.frames for clip in cut.clips]
    offsets = [seconds(clip.get("offset")) / frame for clip in clips]
    assert offsets == [cut.start + clip.start for clip in cut.clips]


def test_fcpxml_writes_times_as_final_cut_does():
    clip = parse_checked(fcpxml(editorial_cut("23.976")), FCPXML).find(".//video")
    # 2.5 s are 59.94 frames: 60 of 1001/24000 s, from one hour of timecode on.
    assert (clip.get("offset"), clip.get("duration")) == ("86486400/24000s", "60060/24000s")
    clip = parse_checked(fcpxml(editorial_cut("25")), FCPXML).find(".//video")
    assert (clip.get("offset"), clip.get("duration")) == ("3600s", "63/25s")


def test_fcpxml_has_stills_with_size_path_and_reel():
    document = parse_checked(fcpxml(editorial_cut()), FCPXML)
    clip = document.findall(".//video")[8]
    assert clip.get("name") == "04-010-010"
    (asset,) = document.xpath("//asset[@id=$id]", id=clip.get("ref"))
    assert asset.find("media-rep").get("src") == "./panels/04-010-010.png"
    assert asset.get("duration") == "0s"
    facts = {md.get("key").rpartition(".")[2]: md.get("value") for md in asset.iter("md")}
    assert facts == {"reel": "04010010", "scene": "INT. 灯台 - 夜", "shot": "010"}
    (size,) = document.xpath("//format[@id=$id]", id=asset.get("format"))
    assert (size.get("width"), size.get("height"), size.get("frameDuration")) == (
        "1280", "720", None,
    )  # fmt: skip


def test_fcpxml_markers_carry_dialogue_and_action():
    document = parse_checked(fcpxml(editorial_cut()), FCPXML)
    (clip,) = document.xpath("//video[@name='04-010-010']")
    action = "Panel 10: Mira & Bram hold the 'lantern' <high>."
    assert clip.find("note").text == clip.find("marker").get("note") == f"{SPOKEN}\n{action}"
    assert document.find(".//project").get("name") == TITLE
    (failed,) = document.xpath("//gap")
    assert failed.get("name") == "03-010-020"
    assert "Not drawn: The model refused the prompt." in failed.find("marker").get("note")


@pytest.mark.parametrize(
    ("rate", "timebase", "ntsc", "start"),
    [
        ("23.976", "24", "TRUE", "86400"),
        ("25", "25", "FALSE", "90000"),
        ("29.97", "30", "TRUE", "108000"),
        ("29.97df", "30", "TRUE", "107892"),
        ("59.94df", "60", "TRUE", "215784"),
        ("60", "60", "FALSE", "216000"),
    ],
)
def test_xmeml_counts_frames_of_its_timebase(rate, timebase, ntsc, start):
    cut = editorial_cut(rate)
    sequence = parse_checked(xmeml(cut), XMEML).find("sequence")
    assert [one.text for one in sequence.find("rate")] == [timebase, ntsc]
    code = sequence.find("timecode")
    assert code.findtext("frame") == start
    assert code.findtext("displayformat") == ("DF" if cut.frame_rate.drop else "NDF")
    assert code.findtext("string") == cut.frame_rate.timecode(int(start))
    items = sequence.findall(".//track/*")
    places = [(int(i.findtext("start")), int(i.findtext("end"))) for i in items]
    assert places == [(clip.start, clip.start + clip.frames) for clip in cut.clips]
    assert int(sequence.findtext("duration")) == places[-1][1] == cut.frames


def test_xmeml_has_stills_with_size_path_reel_and_notes():
    sequence = parse_checked(xmeml(editorial_cut()), XMEML).find("sequence")
    item = sequence.findall(".//track/*")[9]
    file = item.find("file")
    assert (item.findtext("name"), file.findtext("pathurl"), file.findtext(".//reel/name")) == (
        "04-010-010", "panels/04-010-010.png", "04010010",
    )  # fmt: skip
    size = file.find(".//samplecharacteristics")
    assert (size.findtext("width"), size.findtext("height")) == ("1280", "720")
    assert item.findtext("marker/comment").startswith(SPOKEN)
    marks = sequence.findall("marker")
    assert [mark.findtext("in") for mark in marks[:3]] == ["0", "60", "93"]
    failed = sequence.find(".//generatoritem")
    assert (failed.findtext("name"), failed.findtext("effect/name")) == ("03-010-020", "Slug")


@pytest.mark.parametrize("rate", FRAME_RATES)
def test_opentimelineio_reads_the_same_from_xmeml(rate):
    cut = editorial_cut(rate)
    timeline = otio.adapters.read_from_string(xmeml(cut), "fcp_xml")
    clips = list(timeline.find_clips())
    assert [clip.name for clip in clips] == [clip.name for clip in cut.clips]
    assert [clip.duration().value for clip in clips] == [clip.frames for clip in cut.clips]
    assert timeline.global_start_time.value == cut.start
    urls = [getattr(clip.media_reference, "target_url", "") for clip in clips]
    assert urls == [clip.url for clip in cut.clips]


@pytest.mark.parametrize("write", [fcpxml, xmeml])
def test_what_xml_cannot_say_is_shown_by_a_sign(write):
    cut = cut_board(
        arrange_board([panel(1, "A\x00B", description="a\x1bb\ufffec ok")]),
        "x",
        "01:00:00:00",
    )
    text = write(cut)
    assert "a\ufffdb\ufffdc ok" in text
    assert "A\ufffdB" in text
