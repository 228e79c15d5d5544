"""Final Cut Pro's XML, version 1.9, which Final Cut Pro 10.4.9 and DaVinci Resolve 17 read.

Times are exact fractions of a second. Stills are assets without a length, shown by ``video``
elements; a panel without a picture is a gap. Files are named relative to the document.
"""

from __future__ import annotations

from fractions import Fraction
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from storyboard_ops.core.storyboard.editorial.cut import Cut, CutClip, writable

VERSION = "1.9"
#: Final Cut's names of what a camera wrote into a file.
_REEL, _SCENE, _SHOT = (f"com.apple.proapps.studio.{one}" for one in ("reel", "scene", "shot"))


def fcpxml(cut: Cut) -> str:
    """Return the cut as a project in an event of its own."""
    root = Element("fcpxml", version=VERSION)
    resources = SubElement(root, "resources")
    _add_resources(resources, cut)
    event = SubElement(SubElement(root, "library"), "event", name=cut.title)
    sequence = SubElement(
        SubElement(event, "project", name=cut.title),
        "sequence",
        format="r1",
        duration=_time(cut, cut.frames),
        tcStart=_time(cut, cut.start),
        tcFormat="DF" if cut.frame_rate.drop else "NDF",
    )
    spine = SubElement(sequence, "spine")
    for number, clip in enumerate(cut.clips, start=1):
        _add_clip(spine, cut, clip, number)
    indent(root)
    body = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n{body}\n'


def _time(cut: Cut, frames: int) -> str:
    seconds = frames * cut.frame_rate.frame
    if seconds.denominator == 1:
        return f"{seconds.numerator}s"
    # A multiple of the frame's own fraction, as Final Cut writes it.
    frame: Fraction = cut.frame_rate.frame
    return f"{frames * frame.numerator}/{frame.denominator}s"


def _add_resources(resources: Element, cut: Cut) -> None:
    width, height = cut.size
    SubElement(
        resources,
        "format",
        id="r1",
        frameDuration=_time(cut, 1),
        width=str(width),
        height=str(height),
    )
    sizes = dict.fromkeys((c.panel.width, c.panel.height) for c in cut.clips if c.picture)
    for number, (wide, high) in enumerate(sizes, start=1):
        SubElement(
            resources,
            "format",
            id=f"s{number}",
            name="FFVideoFormatRateUndefined",
            width=str(wide),
            height=str(high),
        )
    formats = {size: f"s{number}" for number, size in enumerate(sizes, start=1)}
    for number, clip in enumerate(cut.clips, start=1):
        if clip.picture:
            _add_asset(resources, clip, number, formats[clip.panel.width, clip.panel.height])


def _add_asset(resources: Element, clip: CutClip, number: int, picture_format: str) -> None:
    asset = SubElement(
        resources,
        "asset",
        id=f"a{number}",
        name=clip.file_name,
        start="0s",
        duration="0s",
        hasVideo="1",
        videoSources="1",
        format=picture_format,
    )
    SubElement(asset, "media-rep", kind="original-media", src=f"./{clip.url}")
    metadata = SubElement(asset, "metadata")
    facts = {_REEL: clip.reel, _SCENE: writable(clip.panel.scene), _SHOT: clip.panel.shot}
    for key, value in facts.items():
        SubElement(metadata, "md", key=key, value=value)


def _add_clip(spine: Element, cut: Cut, clip: CutClip, number: int) -> None:
    attributes = {
        "name": clip.name,
        "offset": _time(cut, cut.start + clip.start),
        "start": "0s",
        "duration": _time(cut, clip.frames),
    }
    if clip.picture:
        item = SubElement(spine, "video", {"ref": f"a{number}", **attributes})
    else:
        item = SubElement(spine, "gap", attributes)
    SubElement(item, "note").text = clip.note
    SubElement(
        item,
        "marker",
        start="0s",
        duration=_time(cut, 1),
        value=clip.name,
        note=clip.note,
    )
