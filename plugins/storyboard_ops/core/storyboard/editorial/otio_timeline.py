"""OpenTimelineIO: the timeline as JSON, and as a zip that holds the pictures too.

Panels are clips on one video track. A panel that could not be drawn keeps its place and length
with a missing reference.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable
from typing import BinaryIO

import opentimelineio as otio
from opentimelineio.opentime import RationalTime, TimeRange

from storyboard_ops.core.storyboard.editorial.cut import Cut, CutClip, writable

#: Our own metadata stands under this key, as OpenTimelineIO asks of every vendor.
METADATA_KEY = "storyboard"
BUNDLE_VERSION = "1.0.0"


def timeline_json(cut: Cut, url: Callable[[CutClip], str] = lambda clip: clip.url) -> str:
    """Return the timeline as OTIO JSON. ``url``: where it says that a clip's picture is."""
    track = otio.schema.Track(name="Panels", kind=otio.schema.TrackKind.Video)
    track.extend([_clip(cut, clip, url(clip)) for clip in cut.clips])
    timeline = otio.schema.Timeline(name=cut.title, global_start_time=_time(cut, cut.start))
    timeline.tracks.append(track)
    return str(otio.adapters.write_to_string(timeline, "otio_json"))


def write_bundle(cut: Cut, pictures: Iterable[tuple[CutClip, bytes]], file: BinaryIO) -> None:
    """Write the timeline and its pictures, one at a time, to an open file: an OTIOZ.

    Clips without a picture among ``pictures`` keep a reference that leads nowhere.
    """
    names = {clip.name: f"media/{clip.reel}_{clip.file_name}" for clip in cut.clips}
    with zipfile.ZipFile(file, "w") as bundle:
        _add(bundle, "version.txt", BUNDLE_VERSION.encode(), zipfile.ZIP_DEFLATED)
        timeline = timeline_json(cut, lambda clip: names[clip.name])
        _add(bundle, "content.otio", timeline.encode(), zipfile.ZIP_DEFLATED)
        for clip, body in pictures:
            _add(bundle, names[clip.name], body, zipfile.ZIP_STORED)


def _add(bundle: zipfile.ZipFile, name: str, body: bytes, compression: int) -> None:
    """Add a file with the earliest date that a zip can say, so that equal boards are equal."""
    entry = zipfile.ZipInfo(name)
    entry.compress_type = compression
    entry.external_attr = 0o644 << 16
    bundle.writestr(entry, body)


def _time(cut: Cut, frames: int) -> RationalTime:
    return RationalTime(frames, float(cut.frame_rate.exact))


def _clip(cut: Cut, clip: CutClip, url: str) -> otio.schema.Clip:
    length = TimeRange(_time(cut, 0), _time(cut, clip.frames))
    made = otio.schema.Clip(
        name=clip.name,
        media_reference=_reference(clip, url, length),
        source_range=length,
        metadata={METADATA_KEY: _metadata(clip), "cmx_3600": {"reel": clip.reel}},
    )
    made.markers.extend(_markers(cut, clip))
    return made


def _reference(clip: CutClip, url: str, length: TimeRange) -> otio.core.MediaReference:
    if not clip.picture:
        return otio.schema.MissingReference(name=writable(clip.panel.failure))
    size = otio.schema.V2d(clip.panel.width, clip.panel.height)
    reference = otio.schema.ExternalReference(target_url=url, available_range=length)
    reference.name = clip.file_name
    reference.available_image_bounds = otio.schema.Box2d(otio.schema.V2d(0, 0), size)
    return reference


def _markers(cut: Cut, clip: CutClip) -> list[otio.schema.Marker]:
    first_frame = TimeRange(_time(cut, 0), _time(cut, 1))
    note = otio.schema.Marker(
        name=clip.name,
        marked_range=first_frame,
        color=otio.schema.MarkerColor.GREEN,
        comment=clip.note,
    )
    if not clip.opens_scene:
        return [note]
    scene = otio.schema.Marker(
        name=f"Scene {clip.placed.scene_number}: {writable(clip.panel.scene)}",
        marked_range=first_frame,
        color=otio.schema.MarkerColor.CYAN,
    )
    return [scene, note]


def _metadata(clip: CutClip) -> dict[str, object]:
    panel = clip.panel
    return {
        "panel_id": clip.name,
        "reel": clip.reel,
        "scene": panel.scene,
        "scene_number": clip.placed.scene_number,
        "panel_number": panel.number,
        "width": panel.width,
        "height": panel.height,
        "description": panel.description,
        "dialogue": clip.dialogue,
        "characters": list(panel.characters),
        "prompt": panel.prompt,
        "seed": panel.seed,
        "model_arn": panel.model_arn,
        "sha256": panel.sha256,
        "failure": panel.failure,
        "notes": list(panel.notes),
    }
