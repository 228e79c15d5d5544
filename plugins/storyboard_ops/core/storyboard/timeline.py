"""``storyboard.otio``: the board as an OpenTimelineIO timeline that editing suites open.

Panels are clips on one video track, with picture paths relative to the file. A panel that could
not be drawn keeps its place and length with a missing reference.
"""

from __future__ import annotations

import opentimelineio as otio
from opentimelineio.opentime import RationalTime, TimeRange

from storyboard_ops.core.storyboard.board import Board, BoardPanel, BoardScene

#: Frames per second of the timeline: film rate.
RATE = 24
#: Our own metadata stands under this key, as OpenTimelineIO asks of every vendor.
METADATA_KEY = "storyboard"


def timeline_json(board: Board, name: str, rate: int = RATE) -> str:
    """Return the timeline as OTIO JSON; durations are whole frames at ``rate``, at least one."""
    track = otio.schema.Track(name="Panels", kind=otio.schema.TrackKind.Video)
    for scene in board.scenes:
        for placed in scene.panels:
            track.append(_clip(placed, rate))
        _mark_scene(track, scene, rate)
    timeline = otio.schema.Timeline(name=name, global_start_time=RationalTime(0, rate))
    timeline.tracks.append(track)
    return str(otio.adapters.write_to_string(timeline, "otio_json"))


def _clip(placed: BoardPanel, rate: int) -> otio.schema.Clip:
    panel = placed.panel
    length = TimeRange(RationalTime(0, rate), _frames_between(placed, rate))
    reference = (
        otio.schema.MissingReference(name=panel.failure)
        if panel.failure
        else otio.schema.ExternalReference(target_url=placed.file_name, available_range=length)
    )
    return otio.schema.Clip(
        name=f"{placed.label} {panel.scene}",
        media_reference=reference,
        source_range=length,
        metadata={METADATA_KEY: _metadata(placed)},
    )


def _frames_between(placed: BoardPanel, rate: int) -> RationalTime:
    """Frames from a panel's start to its end on the common grid: rounding never adds up."""
    start = round(placed.start_s * rate)
    end = round((placed.start_s + placed.panel.seconds) * rate)
    return RationalTime(max(1, end - start), rate)


def _metadata(placed: BoardPanel) -> dict[str, object]:
    panel = placed.panel
    return {
        "scene": panel.scene,
        "scene_number": placed.scene_number,
        "panel_number": panel.number,
        "description": panel.description,
        "characters": list(panel.characters),
        "prompt": panel.prompt,
        "seed": panel.seed,
        "model_arn": panel.model_arn,
        "sha256": panel.sha256,
        "failure": panel.failure,
        "notes": list(panel.notes),
    }


def _mark_scene(track: otio.schema.Track, scene: BoardScene, rate: int) -> None:
    """Put a marker with the scene's heading on its first clip."""
    first = track[len(track) - len(scene.panels)]
    first.markers.append(
        otio.schema.Marker(
            name=f"Scene {scene.number}: {scene.heading}",
            marked_range=TimeRange(RationalTime(0, rate), RationalTime(1, rate)),
            color=otio.schema.MarkerColor.CYAN,
        )
    )
