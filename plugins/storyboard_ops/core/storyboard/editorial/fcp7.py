"""Final Cut Pro 7's XML (``xmeml`` 5), which Premiere Pro, Resolve, Avid and Flame read.

Rates are a timebase and whether it is NTSC's. Pictures are named relative to the document: an
editor that wants whole paths asks for the first and finds the others beside it.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from storyboard_ops.core.storyboard.editorial.cut import Cut, CutClip, writable
from storyboard_ops.domain.storyboard.frame_rate import FrameRate

_SLUG = {
    "name": "Slug",
    "effectid": "Slug",
    "effectcategory": "Slug",
    "effecttype": "generator",
    "mediatype": "video",
}


def xmeml(cut: Cut) -> str:
    """Return the cut as one sequence with a track of stills."""
    root = Element("xmeml", version="5")
    sequence = SubElement(root, "sequence", id="storyboard")
    _add_texts(sequence, name=cut.title, duration=cut.frames)
    _add_rate(sequence, cut.frame_rate)
    _add_timecode(sequence, cut.frame_rate, cut.start)
    video = SubElement(SubElement(sequence, "media"), "video")
    _add_size(SubElement(video, "format"), cut.size, cut.frame_rate)
    track = SubElement(video, "track")
    for number, clip in enumerate(cut.clips, start=1):
        _add_item(track, cut.frame_rate, clip, number)
    for clip in cut.clips:
        _add_marker(sequence, clip.name, clip.note, clip.start)
    indent(root)
    body = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n{body}\n'


def _add_texts(parent: Element, **texts: str | int) -> None:
    for name, text in texts.items():
        SubElement(parent, name).text = str(text)


def _add_rate(parent: Element, rate: FrameRate) -> None:
    element = SubElement(parent, "rate")
    _add_texts(element, timebase=rate.nominal, ntsc="TRUE" if rate.is_ntsc else "FALSE")


def _add_timecode(parent: Element, rate: FrameRate, frame: int, reel: str = "") -> None:
    timecode = SubElement(parent, "timecode")
    _add_rate(timecode, rate)
    _add_texts(
        timecode,
        string=rate.timecode(frame),
        frame=frame,
        displayformat="DF" if rate.drop else "NDF",
    )
    if reel:
        _add_texts(SubElement(timecode, "reel"), name=reel)


def _add_size(parent: Element, size: tuple[int, int], rate: FrameRate) -> None:
    picture = SubElement(parent, "samplecharacteristics")
    _add_rate(picture, rate)
    _add_texts(
        picture,
        width=size[0],
        height=size[1],
        pixelaspectratio="square",
        fielddominance="none",
    )


def _add_item(track: Element, rate: FrameRate, clip: CutClip, number: int) -> None:
    """Add a still; for a panel without a picture a slug, which stays where it is when cut."""
    kind = "clipitem" if clip.picture else "generatoritem"
    item = SubElement(track, kind, id=f"{kind}-{number}")
    _add_texts(item, name=clip.name, enabled="TRUE", duration=clip.frames)
    _add_rate(item, rate)
    _add_texts(item, start=clip.start, end=clip.start + clip.frames)
    _add_texts(item, **{"in": 0, "out": clip.frames})
    if clip.picture:
        _add_file(item, rate, clip, number)
    else:
        _add_texts(SubElement(item, "effect"), **_SLUG)
    _add_marker(item, clip.name, clip.note, 0)


def _add_file(item: Element, rate: FrameRate, clip: CutClip, number: int) -> None:
    _add_texts(item, stillframe="TRUE")
    file = SubElement(item, "file", id=f"file-{number}")
    _add_texts(file, name=clip.file_name, pathurl=clip.url, duration=clip.frames)
    _add_rate(file, rate)
    _add_timecode(file, rate, 0, clip.reel)
    size = clip.panel.width, clip.panel.height
    _add_size(SubElement(SubElement(file, "media"), "video"), size, rate)
    logged = SubElement(item, "logginginfo")
    _add_texts(logged, description=clip.action, scene=writable(clip.panel.scene))


def _add_marker(parent: Element, name: str, comment: str, frame: int) -> None:
    """Add a marker of one point: its end is -1."""
    marker = SubElement(parent, "marker")
    _add_texts(marker, name=name, comment=comment, **{"in": frame, "out": -1})
